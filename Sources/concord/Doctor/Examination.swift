import Datasets
import Diagnostics
import Foundation
import Kernels
import Runs
import Teams

/// A look at the machine and the environment, for `concord doctor`.
struct Examination {
  /// The folder that run folders are made in.
  let runs: String
  /// The folder of downloaded data, where it is named.
  let dataRoot: String?
  /// The environment's variables.
  var environment = ProcessInfo.processInfo.environment

  /// Everything looked at, in the order of the report.
  func findings() -> [Finding] {
    computing() + libraries() + team() + limits() + variables() + drawing() + data() + folders()
  }

  private func computing() -> [Finding] {
    let rates = Throughput.measure()
    func rate(_ name: String, _ value: Double) -> Finding { Finding(name, String(format: "%.0f GFLOP/s", value)) }
    var alternating = rate("both in turn", rates.alternating)
    // Two pools of threads that fight each other were seen to cost half of this.
    if rates.alternating < 0.5 * min(rates.gemm, rates.convolution) {
      alternating.state = .odd
      alternating.mend = "far below either alone: other programs are at work, or the libraries' threads fight"
    }
    return [
      Finding("CPU", "\(CPU.name), \(CPU.instructionSet)"), Finding("OpenBLAS", BLAS.configuration), core(), pool(),
      Finding("oneDNN", "\(OneDNN.version), \(OneDNN.instructionSet)"), rate("GEMM", rates.gemm),
      rate("convolution", rates.convolution), alternating, bfloat16(beside: rates),
    ]
  }

  /// What `training.precision: bfloat16` is worth here.
  private func bfloat16(beside rates: Throughput) -> Finding {
    guard let implementation = OneDNN.bfloat16Implementation else {
      return Finding("bfloat16", "not on this processor: training.precision must be float32")
    }
    let comparison = PrecisionComparison(float32: rates, bfloat16: Throughput.measure(rounded: true))
    let gains = comparison.gains.map { String(format: "%@ %.2f ×", $0.name, $0.factor) }.joined(separator: ", ")
    let text = "\(implementation), of float32's rate: \(gains)"
    return Finding("bfloat16", comparison.warning.map { "\(text); \($0)" } ?? text)
  }

  private func core() -> Finding {
    let core = BLAS.core
    if CPU.hasAVX512, !["SkylakeX", "Cooperlake", "SapphireRapids"].contains(core) {
      return Finding(
        "OpenBLAS core", core, .odd,
        mend: environment[BLAS.coreVariable] == nil
          ? "slow: the CPU has AVX-512, for which this OpenBLAS has no kernels; install a newer one"
          : "slow: the CPU has AVX-512; unset \(BLAS.coreVariable)")
    }
    return Finding("OpenBLAS core", core)
  }

  private func pool() -> Finding {
    let pool = BLAS.pool
    return pool == "OpenMP"
      ? Finding("thread pool", pool)
      : Finding(
        "thread pool", pool, .odd,
        mend: "slow: install libopenblas-openmp-dev, whose threads are shared with oneDNN, and build again")
  }

  /// The libraries that are loaded, and those of which two fight each other.
  private func libraries() -> [Finding] {
    let loaded = LoadedLibraries()
    var findings = [
      ("openblas", "OpenBLAS file"), ("dnnl", "oneDNN file"), ("gomp", "OpenMP file"), ("sndfile", "libsndfile file"),
      ("freetype", "FreeType file"), ("harfbuzz", "HarfBuzz file"), ("z", "zlib file"),
    ].map { library, name in Finding(name, loaded.files(of: library).first ?? "linked into the program") }
    let pools = ["gomp", "omp", "iomp5"].flatMap { loaded.files(of: $0) }
    if pools.count > 1 {
      findings.append(
        Finding(
          "OpenMP libraries", pools.joined(separator: ", "), .odd,
          mend: "slow: two pools of threads fight; unset LD_PRELOAD and LD_LIBRARY_PATH"))
    }
    let builds = loaded.files(of: "openblas")
    if builds.count > 1 {
      findings.append(
        Finding(
          "OpenBLAS libraries", builds.joined(separator: ", "), .odd,
          mend: "two builds are loaded; unset LD_PRELOAD and LD_LIBRARY_PATH"))
    }
    return findings
  }

  /// What `concord run --ranks` starts and loads.
  private func team() -> [Finding] {
    do throws(UserError) {
      let found = try TeamLaunch.openMPI(environment: environment)
      try Team.openLibrary()
      return [Finding("Open MPI", "\(found.version), \(found.program.path)")]
    } catch {
      let mend = "only --ranks of `concord run`: \(error.what); \(error.mend ?? "")"
      return [Finding("Open MPI", "missing", .odd, mend: mend)]
    }
  }

  private func folders() -> [Finding] {
    let cache = DatasetCache(environment: environment).folder.path
    return [
      folder("cache", cache, .odd, mend: "data is prepared anew each time: set CONCORD_CACHE to a folder of your own"),
      folder("runs", URL(fileURLWithPath: runs).path, .missing, mend: "name a folder of your own with --runs"),
    ]
  }

  /// Whether files can be made in a folder, or in the nearest one above it that is there already.
  private func folder(_ name: String, _ path: String, _ state: Finding.State, mend: String) -> Finding {
    var url = URL(fileURLWithPath: path)
    while url.path != "/", !FileManager.default.fileExists(atPath: url.path) { url.deleteLastPathComponent() }
    var template = Array("\(url.path)/.concord-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      return Finding(name, path, state, mend: "cannot be written (\(String(cString: strerror(errno)))): \(mend)")
    }
    close(descriptor)
    unlink(template)
    var space = statvfs()
    if statvfs(url.path, &space) == 0 {
      let free = Double(space.f_bavail) * Double(space.f_frsize) / Double(1 << 30)
      let text = String(format: "%@, %.1f GiB free", path, free)
      return free < 1 ? Finding(name, text, .odd, mend: "free some space: a run may not fit") : Finding(name, text)
    }
    return Finding(name, path)
  }
}

/// The shared libraries of this process.
private struct LoadedLibraries {
  private let paths: [String]

  init() {
    var paths: [String] = []
    // Line by line: the kernel hands this file out in pieces, of which reading it whole takes the first alone.
    if let maps = fopen("/proc/self/maps", "r") {
      defer { fclose(maps) }
      var line: UnsafeMutablePointer<CChar>?
      var capacity = 0
      defer { free(line) }
      while getline(&line, &capacity, maps) > 0 {
        guard let text = line.map({ String(cString: $0) }), let slash = text.firstIndex(of: "/") else { continue }
        let path = text[slash...].trimmingCharacters(in: .newlines)
        if path.contains(".so"), !paths.contains(path) { paths.append(path) }
      }
    }
    self.paths = paths
  }

  /// The files of the library `lib<name>`, such as `openblas` or `z`.
  func files(of name: String) -> [String] {
    paths.filter { path in
      let file = path.split(separator: "/").last ?? ""
      return file.hasPrefix("lib\(name).so") || file.hasPrefix("lib\(name)p-r") || file.hasPrefix("lib\(name)-r")
    }
  }
}
