import ArgumentParser
import Foundation
import Harness

/// `concord report`
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Writes the report of a run again and prints its tables.",
    discussion: "Example:  concord report runs/gmc-emoji")

  @Argument(help: "The folder of a run, or a folder of runs, which means the newest.")
  var path: String

  func run() throws {
    let folder = try RunFolder.find(path)
    say(try Report.write(for: folder).plain)
    say("report: \(folder.report.path)")
  }
}
