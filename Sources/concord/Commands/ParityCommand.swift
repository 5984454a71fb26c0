import ArgumentParser
import Diagnostics
import Foundation
import Parity

/// `concord parity`
struct ParityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parity",
    abstract: "Computes reference cases and prints how far outputs and gradients are from the reference.",
    discussion: """
      Example:  concord parity gmc.safetensors lstm.safetensors
      Example:  concord parity cases.json --model clip-vit-base-patch32

      For each file: the largest of max |a - b| / max(1, max |b|) over its outputs and gradients, and which tensor has
      it. The exit code is 1 where an error is above 1e-4.
      """)

  @Argument(help: "Safetensors files; the metadata key \"case\" says what is computed.")
  var files: [String]

  @Option(help: "The folder of the published model that the files are about.")
  var model: String?

  @Flag(help: "Print one JSON object with every error.")
  var json = false

  func run() throws {
    var results: [ParityResult] = []
    var faults: [UserError] = []
    for file in files {
      let result: ParityResult
      do {
        result = try ParityCheck.run(
          URL(fileURLWithPath: file), model: model.map { URL(fileURLWithPath: $0, isDirectory: true) })
      } catch let fault as UserError {
        // The other files are still worth knowing.
        faults.append(fault)
        if files.count > 1 { StandardStream.error.write("concord: \(fault)\n") }
        continue
      }
      results.append(result)
      if !json {
        let verdict = result.passes ? "ok" : "off"
        let width = max(24, files.map { URL(fileURLWithPath: $0).lastPathComponent.count }.max() ?? 0)
        let name = result.file.padding(toLength: width, withPad: " ", startingAt: 0)
        let error = String(format: "%.2e", Double(result.largestError))
        say(
          "\(name)  \(result.name.padding(toLength: 22, withPad: " ", startingAt: 0))  \(error)  \(verdict)  "
            + result.worst.onOneLine())
        if let unsupported = result.unsupported { say("  not supported: \(unsupported.onOneLine())") }
      }
    }
    if json {
      let objects = results.map { result in
        ParityLine(
          file: result.file, case: result.name, largestError: Double(result.largestError), worst: result.worst,
          passes: result.passes, unsupported: result.unsupported,
          errors: result.errors.mapValues { $0.isFinite ? Double($0) : nil })
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      say(String(decoding: try encoder.encode(objects), as: UTF8.self))
    }
    if let fault = faults.first {
      guard files.count > 1 else { throw fault }
      throw UserError(fault.kind, "\(faults.count) of \(files.count) files could not be computed")
    }
    let failed = results.filter { !$0.passes }
    guard failed.isEmpty else {
      throw UserError(
        .outsideTolerance, "\(failed.count) of \(results.count) cases are off by more than \(failed[0].tolerance)",
        at: failed.map(\.file).joined(separator: ", "))
    }
  }
}

/// A result as JSON has it.
private struct ParityLine: Encodable {
  let file: String
  let `case`: String
  let largestError: Double
  let worst: String
  let passes: Bool
  let unsupported: String?
  let errors: [String: Double?]
}
