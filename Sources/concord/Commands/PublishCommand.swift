import ArgumentParser
import Claims
import Comparison
import Diagnostics
import Foundation
import Reports
import Runs

/// `concord publish`
struct PublishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Puts finished results where they are committed and verified.",
    discussion: """
      Example:  concord publish runs/compare-emoji-1a2b3c4d

      Of a comparison, finished or not: Results/Compare/<suite> gets its report, figures and numbers, and a folder for each \
      row with the scores of its whole seeds, the outcomes of their test items, and a line for each training; \
      Results/Compare/README.md puts all data sets together. Of a run: Results/<Paper>/<recipe> gets its scores, items, \
      recipe, manifest, table and figures. What stood there before is replaced; commit it before, and hold the two against \
      each other with concord verify --before. Nothing is committed.
      """)

  @Argument(help: "Folders of comparisons or runs; a folder of runs means the newest.")
  var paths: [String]

  @Option(help: "The folder of committed results.")
  var results = "Results"

  func run() throws {
    let results = URL(fileURLWithPath: results, isDirectory: true)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: results.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw UserError(.inputOutput, "there is no such folder", at: results.path, mend: "name it with --results")
    }
    let papers = ClaimsFile.papers(in: results.deletingLastPathComponent().appending(path: "Papers"))
    for path in paths {
      guard ComparisonFolder.isComparison(path) else {
        let folder = try RunPublication(of: try RunFolder.find(path), to: results, papers: papers).write()
        say("published: \(folder.path)")
        continue
      }
      let folder = ComparisonFolder(URL(fileURLWithPath: path, isDirectory: true))
      let summary = try ComparisonPublication(of: folder, to: results).write()
      say(
        "published: \(summary.folder.path): \(summary.rows) \(summary.rows == 1 ? "row" : "rows"), \(summary.cells) "
          + "trainings, \(Self.size(summary.bytes)), of them \(Self.size(summary.rowBytes)) of rows, "
          + "\(Self.size(summary.rowBytes / max(1, summary.cells))) a training")
    }
    say("next: concord verify --write-index")
  }

  private static func size(_ bytes: Int) -> String {
    bytes < 10_000 ? "\(bytes) bytes" : bytes < 10_000_000 ? "\(bytes / 1_000) kB" : "\(bytes / 1_000_000) MB"
  }
}
