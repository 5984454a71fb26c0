import Diagnostics
import Foundation
import Runs

/// The folder of a comparison: its files by name, and its cells.
///
///     runs/compare-emoji-1a2b3c4d/
///       suite.yaml plan.json choices.json comparison.json report.md report.tex report.csv report.html figures/
///       cells/compare-clip/<time>-<hash>/     an ordinary run of one seed
///       rows/clip/                            results.json of all seeds of a row, with its first cell's recipe and manifest
package struct ComparisonFolder: Equatable, Sendable {
  /// The folder.
  package let url: URL

  /// Names a folder that is a comparison's.
  package init(_ url: URL) { self.url = url }

  /// The text of the suite.
  package var suite: URL { url.appendingPathComponent("suite.yaml") }
  /// What is computed; see ``ComparisonRecord``.
  package var plan: URL { url.appendingPathComponent("plan.json") }
  /// The rows' settings, once all searches are there; see ``ComparisonChoices``.
  package var choices: URL { url.appendingPathComponent("choices.json") }
  /// All numbers; see ``ComparisonResult``.
  package var result: URL { url.appendingPathComponent("comparison.json") }
  /// The folder of all cells, in which each recipe has a folder of runs.
  package var cells: URL { url.appendingPathComponent("cells", isDirectory: true) }
  /// The folder of all rows, in which each has one with its cells' scores put together.
  package var rows: URL { url.appendingPathComponent("rows", isDirectory: true) }
  /// The file that the process of the comparison holds.
  var lock: URL { url.appendingPathComponent(".lock") }
  /// The same folder, whose figures and reports have the names that those of a run have.
  package var asRun: RunFolder { RunFolder(url) }

  /// Whether a path is the folder of a comparison.
  package static func isComparison(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: ComparisonFolder(URL(fileURLWithPath: path, isDirectory: true)).plan.path)
  }

  /// The newest folder of a comparison in a folder of runs, or where the next one will be.
  ///
  /// - Parameter isFresh: whether a new one is wanted in any case.
  package static func place(suite: String, hash: String, in runs: URL, isFresh: Bool = false) -> ComparisonFolder {
    func folder(_ number: Int) -> ComparisonFolder { place(suite: suite, hash: hash, number: number, in: runs) }
    var count = 0
    while FileManager.default.fileExists(atPath: folder(count + 1).url.path) { count += 1 }
    return folder(isFresh ? count + 1 : max(1, count))
  }

  /// The folder of a comparison by its number, from 1 on.
  static func place(suite: String, hash: String, number: Int, in runs: URL) -> ComparisonFolder {
    let base = "compare-\(RunFolder.familyName(of: suite))-\(hash)"
    return ComparisonFolder(runs.appendingPathComponent(number == 1 ? base : "\(base)-\(number)", isDirectory: true))
  }

  /// Reads the plan.
  package func readPlan() throws(UserError) -> ComparisonRecord {
    let damaged = UserError(.data, "the file is damaged", at: plan.path, mend: "compare again with --fresh")
    let record: ComparisonRecord
    do { record = try RecordFile.read(plan, mend: "") } catch { throw error.kind == .data ? damaged : error }
    guard record.isConsistent else { throw damaged }
    return record
  }

  /// Reads all numbers.
  package func readResult() throws(UserError) -> ComparisonResult {
    try RecordFile.read(result, mend: "publish it again")
  }

  /// Writes a file of the comparison as JSON.
  package func write(_ value: some Encodable, to file: URL) throws(UserError) {
    try AtomicFile.write(try RecordFile.data(value, for: file), to: file)
  }
}
