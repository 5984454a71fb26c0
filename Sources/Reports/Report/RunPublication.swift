import Diagnostics
import Foundation
import Runs

/// Puts a finished run where it is committed: `Results/<Paper>/<recipe>/`, with its scores, items, recipe, manifest, table and
/// those of its figures that may be passed on.
public struct RunPublication {
  private let record: RunRecord
  private let target: URL

  /// Takes a finished run.
  ///
  /// - Parameters:
  ///   - results: the folder of committed results; the paper's is the one that is called as the experiment, whatever its capitals.
  ///   - papers: how papers without results are called; others are written in capitals.
  /// - Throws: where the run has not finished or a file is damaged.
  public init(of folder: RunFolder, to results: URL, papers: [String]) throws(UserError) {
    record = try RunRecord(of: folder).publishable
    let words = record.result.recipe.split(separator: "/").map(String.init)
    guard words.count == 2, !record.result.recipe.hasSuffix(".yaml") else {
      throw UserError(
        .usage, "`\(record.result.recipe)` is a recipe of your own, whose results belong to no paper",
        at: folder.url.path,
        mend: "publish runs of the recipes that `concord list` shows")
    }
    let known = (try? FileManager.default.contentsOfDirectory(atPath: results.path)) ?? []
    let paper = (known + papers).first { $0.lowercased() == words[0] } ?? words[0].uppercased()
    target = results.appendingPathComponent(paper, isDirectory: true)
      .appendingPathComponent(words[1], isDirectory: true)
  }

  /// Writes the folder in place of an earlier one.
  ///
  /// - Returns: the folder.
  /// - Throws: where a file cannot be written.
  public func write() throws(UserError) -> URL {
    try RunFolder.createFolder(target)
    let (source, place) = (record.folder, RunFolder(target))
    for (from, to) in [
      (source.results, place.results), (source.items, place.items), (source.recipe, place.recipe),
      (source.manifest, place.manifest),
    ] where FileManager.default.fileExists(atPath: from.path) {
      try AtomicFile.write(try RegularFile.contents(of: from), to: to)
    }
    try? FileManager.default.removeItem(at: place.figures)
    for file in try Report([record]).write([.markdown], to: target, overwriting: true) {
      try AtomicFile.write(try RegularFile.contents(of: file), to: target.appendingPathComponent("table.md"))
      try? FileManager.default.removeItem(at: file)
    }
    return target
  }
}
