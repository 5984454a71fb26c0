import ArgumentParser
import Datasets
import Diagnostics
import Figures
import Foundation
import Kernels

/// `concord doctor`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Shows what Concord computes with here, how fast it is, and what is missing.",
    discussion: "Example:  concord doctor")

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let findings = examine()
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      say(String(decoding: try encoder.encode(findings), as: UTF8.self))
    } else {
      let width = findings.map(\.name.count).max() ?? 0
      for finding in findings {
        let name = finding.name.padding(toLength: width, withPad: " ", startingAt: 0)
        say("\(finding.isWell ? "  " : "! ")\(name)  \(finding.value)\(finding.mend.map { " - \($0)" } ?? "")")
      }
    }
    let troubles = findings.filter { !$0.isWell }
    guard troubles.isEmpty else {
      throw UserError(
        .inputOutput, "\(troubles.count) to mend: \(troubles.map(\.name).joined(separator: ", "))", at: "doctor")
    }
  }

  /// One thing looked at.
  struct Finding: Encodable {
    let name: String
    let value: String
    var isWell = true
    /// How to mend it, or a remark.
    var mend: String?
  }

  private func examine() -> [Finding] {
    let environment = ProcessInfo.processInfo.environment
    let pool = BLAS.pool
    var core = Finding(name: "OpenBLAS core", value: BLAS.core)
    if CPU.hasAVX512, !["SkylakeX", "Cooperlake", "SapphireRapids"].contains(core.value) {
      core.mend = "slow: the CPU has AVX-512; unset \(BLAS.coreVariable)"
      core.isWell = environment[BLAS.coreVariable] != nil
    } else if let foreign = environment["OPENBLAS_CORETYPE"], foreign != core.value {
      core.mend = "OPENBLAS_CORETYPE=\(foreign) is not followed; \(BLAS.coreVariable) would be"
    }
    let rates = Throughput.measure()
    func text(_ rate: Double) -> String { String(format: "%.0f GFLOP/s", rate) }
    return [
      Finding(name: "CPU", value: "\(CPU.name), \(CPU.instructionSet)"),
      Finding(name: "OpenBLAS", value: BLAS.configuration), core,
      Finding(
        name: "thread pool", value: pool, isWell: pool == "OpenMP",
        mend: pool == "OpenMP" ? nil : "install libopenblas-openmp-dev: its threads are shared with oneDNN"),
      Finding(name: "OpenBLAS file", value: BLAS.file ?? "unknown"),
      Finding(name: "threads", value: "\(Parallel.threads)"),
      Finding(name: "oneDNN", value: "\(OneDNN.version), \(OneDNN.instructionSet)"),
      Finding(name: "GEMM", value: text(rates.gemm)),
      Finding(name: "convolution", value: text(rates.convolution)),
      Finding(name: "both in turn", value: text(rates.alternating)),
      gnuplot(),
    ] + files() + [cache(environment)]
  }

  private func gnuplot() -> Finding {
    do {
      return Finding(name: "gnuplot", value: try Gnuplot().version())
    } catch {
      return Finding(name: "gnuplot", value: "missing", isWell: false, mend: "\(error)")
    }
  }

  private func files() -> [Finding] {
    [
      ("emoji font", "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf", "fonts-noto-color-emoji"),
      ("emoji list", "/usr/share/unicode/emoji/emoji-test.txt", "unicode-data"),
      ("emoji names", "/usr/share/unicode/cldr/common/annotations/en.xml", "unicode-cldr-core"),
    ].map { name, path, package in
      let exists = FileManager.default.isReadableFile(atPath: path)
      return Finding(
        name: name, value: exists ? path : "missing", isWell: exists,
        mend: exists ? nil : "install the Debian package \(package)")
    }
  }

  private func cache(_ environment: [String: String]) -> Finding {
    let folder = DatasetCache(environment: environment).folder
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let isWritable = FileManager.default.isWritableFile(atPath: folder.path)
    return Finding(
      name: "cache", value: folder.path, isWell: isWritable,
      mend: isWritable ? nil : "cannot be written: set CONCORD_CACHE to a folder that can")
  }
}
