import Diagnostics
import Foundation
import Reports
import Runs

/// Puts what is finished of a comparison where it is committed: `Results/Compare/<suite>/`.
///
///     Results/Compare/README.md                     all data sets on one page
///     Results/Compare/emoji/
///       comparison.json suite.yaml report.md figures/
///       searches.json                               a line for each training that was to choose settings
///       clip/results.json items.npz recipe.yaml manifest.json cells.json
///
/// A row counts with the seeds of which all folds have finished. Rows of an earlier comparison of the suite are removed,
/// since figures of two protocols do not go together. ``PublishedCells`` makes trainings of it again.
package struct ComparisonPublication {
  /// What was written.
  package struct Summary: Sendable {
    /// The folder of the suite.
    package let folder: URL
    /// The rows with a result.
    package let rows: Int
    /// The trainings behind them.
    package let cells: Int
    /// The bytes of their rows' files.
    package let rowBytes: Int
    /// The bytes of all files of the suite.
    package let bytes: Int
  }

  private let report: ComparisonReport
  private let parent: URL
  private let target: URL

  /// Takes what has finished in the folder of a comparison.
  ///
  /// - Parameters:
  ///   - results: the folder of committed results.
  ///   - hasFigures: whether to draw the figures anew.
  /// - Throws: where the folder's files are damaged, or its report cannot be written.
  package init(of folder: ComparisonFolder, to results: URL, hasFigures: Bool = true) throws(UserError) {
    report = try ComparisonReport.write(for: folder, hasFigures: hasFigures).report
    parent = results.appendingPathComponent("Compare", isDirectory: true)
    let record = report.record
    let name = RunFolder.familyName(of: record.suite) + (record.profile.map { "-\($0)" } ?? "")
    target = parent.appendingPathComponent(name, isDirectory: true)
  }

  /// Writes the suite's folder and the page of all data sets anew.
  ///
  /// - Throws: where no row has a whole seed, or a file cannot be written.
  package func write() throws(UserError) -> Summary {
    let source = report.folder
    let rows = zip(report.result.rows, report.rowNames).filter { row, name in
      FileManager.default.fileExists(atPath: RunFolder(source.rows.appendingPathComponent(name)).results.path)
        && row.missing.count < report.result.seeds.count
    }
    guard !rows.isEmpty else {
      throw UserError(.data, "no row has a whole seed as yet", at: source.url.path, mend: "run the comparison first")
    }
    try RunFolder.createFolder(target)
    try removeRows(besides: rows.map(\.1))
    for file in [source.result, source.suite, source.asRun.report(.markdown)] {
      try copy(file, to: target.appendingPathComponent(file.lastPathComponent))
    }
    try writeSearches()
    try copyFigures()
    var rowBytes = 0
    for (row, name) in rows {
      let own = source.rows.appendingPathComponent(name, isDirectory: true)
      let place = target.appendingPathComponent(name, isDirectory: true)
      try RunFolder.createFolder(place)
      for file in ["results.json", "recipe.yaml", "manifest.json", ItemsFile.name] {
        let from = own.appendingPathComponent(file)
        if FileManager.default.fileExists(atPath: from.path) {
          try copy(from, to: place.appendingPathComponent(file))
        }
      }
      let cells = place.appendingPathComponent(PublishedCells.cellsFile)
      try AtomicFile.write(try RecordFile.lines(try self.cells(of: row), for: cells), to: cells)
      rowBytes += Self.bytes(in: place)
    }
    try writeOverview()
    return Summary(
      folder: target, rows: rows.count, cells: rows.reduce(0) { $0 + $1.0.cells.count }, rowBytes: rowBytes,
      bytes: Self.bytes(in: target))
  }

  private func cells(of row: ComparisonResult.Row) throws(UserError) -> [CellRecord] {
    var records: [CellRecord] = []
    for entry in row.cells {
      let run = RunFolder(report.folder.url.appendingPathComponent(entry.folder, isDirectory: true))
      records.append(CellRecord(entry, try run.readManifest()))
    }
    return records
  }

  /// Writes the searches that have finished; no file where there is none.
  private func writeSearches() throws(UserError) {
    let file = target.appendingPathComponent(PublishedCells.searchesFile)
    var store = CellStore(report.folder)
    var searches: [SearchRecord] = []
    for row in report.record.rows {
      for candidate in row.candidates {
        guard let cell = candidate.search, let outcome = store.outcome(of: cell) else { continue }
        let search = SearchRecord(
          row: row.name, settings: candidate.settings, cell: cell, outcome: outcome, record: report.record)
        if let search { searches.append(search) }
      }
    }
    if searches.isEmpty {
      try? FileManager.default.removeItem(at: file)
    } else {
      try AtomicFile.write(try RecordFile.lines(searches, for: file), to: file)
    }
  }

  /// Removes the rows of an earlier comparison.
  private func removeRows(besides names: [String]) throws(UserError) {
    let found = (try? FileManager.default.contentsOfDirectory(atPath: target.path)) ?? []
    for name in found where !names.contains(name) && !name.hasPrefix(".") {
      let folder = target.appendingPathComponent(name, isDirectory: true)
      guard FileManager.default.fileExists(atPath: RunFolder(folder).results.path) else { continue }
      do { try FileManager.default.removeItem(at: folder) } catch {
        throw UserError(.inputOutput, "cannot be removed: \(error)", at: folder.path)
      }
    }
  }

  /// Copies each figure of the report as a drawing of lines, or as pixels where there is none, and removes those of before.
  private func copyFigures() throws(UserError) {
    let files = FileManager.default
    let (source, place) = (report.folder.asRun.figures, RunFolder(target).figures)
    try? files.removeItem(at: place)
    // The folder may hold drawings of an earlier report, which are on no list.
    let wanted = try FigureList.read(in: report.folder.asRun).compactMap { figure in
      ["svg", "png"].map { "\(figure.name).\($0)" }.first {
        files.fileExists(atPath: source.appendingPathComponent($0).path)
      }
    }
    guard !wanted.isEmpty else { return }
    try RunFolder.createFolder(place)
    for name in wanted { try copy(source.appendingPathComponent(name), to: place.appendingPathComponent(name)) }
  }

  private func copy(_ from: URL, to: URL) throws(UserError) {
    try AtomicFile.write(try RegularFile.contents(of: from), to: to)
  }

  /// Writes the page of all data sets whose comparisons are there, if any; those of an earlier format have to be made again, and
  /// those of a profile have some of the rows of another comparison, or a smaller budget.
  private func writeOverview() throws(UserError) {
    let found = try Self.comparisons(in: parent).filter {
      $0.result.isApart != true && $0.result.profile == nil
    }
    guard !found.isEmpty else { return }
    let page = OverviewPage(found)
    try AtomicFile.write(page.text, to: parent.appendingPathComponent(OverviewPage.fileName))
  }

  /// The committed comparisons in a folder, in alphabetical order.
  package static func comparisons(in parent: URL) throws(UserError) -> [(folder: String, result: ComparisonResult)] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []).sorted()
    var found: [(folder: String, result: ComparisonResult)] = []
    for name in names where !name.hasPrefix(".") {
      let folder = ComparisonFolder(parent.appendingPathComponent(name, isDirectory: true))
      guard FileManager.default.fileExists(atPath: folder.result.path), let result = try? folder.readResult() else {
        continue
      }
      found.append((name, result))
    }
    return found
  }

  private static func bytes(in folder: URL) -> Int {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.fileSizeKey])
    return (files?.allObjects as? [URL] ?? []).reduce(0) { sum, file in
      sum + ((try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0)
    }
  }
}
