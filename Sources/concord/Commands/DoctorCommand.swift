import ArgumentParser
import Diagnostics
import Foundation

/// `concord doctor`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Shows what Concord computes with here, how fast it is, and what is missing or odd.",
    discussion: """
      Example:  concord doctor

      A line with `!` names what is needed and missing, one with `?` what is odd: it makes things slow, or leaves some \
      out. Each says how to mend it. The exit code is 1 where something needed is missing, else 0.
      """)

  @Option(help: "The folder that run folders are made in.")
  var runs = "runs"

  @Option(name: .customLong("data-root"), help: "The folder of downloaded data.")
  var dataRoot: String?

  @Flag(help: "Print one JSON list.")
  var json = false

  func run() throws {
    let findings = Examination(runs: runs, dataRoot: dataRoot).findings()
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      say(String(decoding: try encoder.encode(findings), as: UTF8.self))
    } else {
      let width = findings.map(\.name.count).max() ?? 0
      for finding in findings { say(finding.line(width: width).onOneLine()) }
    }
    let missing = findings.filter { $0.state == .missing }
    guard missing.isEmpty else {
      throw UserError(
        .outsideTolerance, "\(missing.count) missing: \(missing.map(\.name).joined(separator: ", "))", at: "doctor",
        mend: "see the lines above")
    }
  }
}
