import Diagnostics
import Foundation
import Reports
import Runs
import Training

/// The report of a comparison, from the files in its folder alone.
package struct ComparisonReport {
  /// The folder.
  package let folder: ComparisonFolder
  /// What was compared.
  package let record: ComparisonRecord
  /// All numbers.
  package let result: ComparisonResult
  /// The resolved recipe of each row's first finished cell.
  let recipes: [RecordedRecipe?]
  /// What the runs of all finished cells were, each once.
  let manifests: [Manifest]

  /// Reads the plan and the finished cells.
  ///
  /// - Throws: where the plan is missing or damaged.
  package init(of folder: ComparisonFolder) throws(UserError) {
    self.folder = folder
    record = try folder.readPlan()
    var store = CellStore(folder)
    result = ComparisonResult(record, store: &store)
    let runs = result.rows.map { row in
      row.cells.map { RunFolder(folder.url.appendingPathComponent($0.folder, isDirectory: true)) }
    }
    recipes = runs.map { $0.first.flatMap { try? RecordedRecipe(of: $0) } }
    manifests = Set(runs.joined().map(\.url)).sorted { $0.path < $1.path }
      .compactMap { try? RunFolder($0).readManifest() }
  }

  /// Writes `comparison.json`, the rows, the figures and the report into the folder.
  ///
  /// - Returns: the report, and why figures are missing where some are.
  /// - Throws: where a file cannot be written.
  @discardableResult package static func write(
    for folder: ComparisonFolder, formats: [ReportFormat] = ReportFormat.allCases, hasFigures: Bool = true
  ) throws(UserError) -> (report: ComparisonReport, fault: UserError?) {
    let report = try ComparisonReport(of: folder)
    try folder.write(report.result, to: folder.result)
    try report.writeRows()
    var fault: UserError?
    let stopwatch = Stopwatch()
    if hasFigures {
      stopwatch.measure("figures") {
        do throws(UserError) { try ComparisonFigures(report.result, in: folder).draw() } catch { fault = error }
      }
      try folder.asRun.write(stopwatch.timings)
    }
    try stopwatch.measure("report") { () throws(UserError) in
      for format in formats { try AtomicFile.write(try report.text(format), to: folder.asRun.report(format)) }
    }
    if hasFigures { try folder.asRun.write(stopwatch.timings) }
    return (report, fault)
  }

  /// The report in a format.
  package func text(_ format: ReportFormat) throws(UserError) -> String {
    switch format {
    case .markdown:
      MarkdownReport.document(title: result.title, sections: try sections(), areTablesTitled: true)
    case .latex: LaTeXReport.document(title: result.title, date: provenance, sections: try sections())
    case .csv: ComparisonSheet(result).text
    case .html: try ComparisonPage(self).text
    }
  }

  /// The tables for a terminal.
  package var plain: String {
    let tables = ComparisonTables(result)
    var all = [tables.overview].compactMap { $0 } + tables.groups.map(\.scores)
    if tables.overview != nil { all.removeLast() }
    let marks = all.contains { $0.rows.joined().contains(where: \.isMarked) } ? ["* \(Self.markMeaning)\n"] : []
    let warnings = changedData.isEmpty ? [] : [changedData.map { $0 + "\n" }.joined()]
    return (all.map(\.plain) + marks + warnings).joined(separator: "\n")
  }

  /// What a number must be quoted with.
  var provenance: String {
    let profile = result.profile.map { " (profile \($0))" } ?? ""
    let seeds =
      (result.seeds.count == 1 ? "seed " : "seeds ") + result.seeds.map(String.init).joined(separator: ", ")
      + (result.folds.map { " of \($0) folds" } ?? "")
    return "compare \(result.suite)\(profile) \(result.hash), commit \(commits.joined(separator: ", ")), \(seeds)"
  }

  /// The commits of all cells; `+` marks changes that were not committed.
  var commits: [String] {
    ScoreTable.unique(
      manifests.map { $0.commit.map { String($0.hash.prefix(7)) + ($0.isClean ? "" : "+") } ?? "unknown" })
  }

  static let markMeaning =
    "best of its column, beyond chance better than every other row (5 %, Student's t, Holm's correction for the rows, "
    + "none for the number of columns)"

  /// The command that makes the comparison again.
  var command: String {
    var words = ["concord", "compare", record.argument] + record.overrides
    if let profile = record.profile { words += ["--profile", profile] }
    words += ["--threads", "\(record.threads)"]
    if let root = record.dataRoot { words += ["--data-root", root] }
    return words.map { word in
      word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=,:+@%".contains($0)) }
        ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }.joined(separator: " ")
  }

  /// The figures in the order of their list.
  func figures() throws(UserError) -> [ReportFigure] {
    let entries = try FigureList.read(in: folder.asRun)
    if let wrong = entries.first(where: { $0.name.isEmpty || $0.name.contains("/") || $0.name.hasPrefix(".") }) {
      throw UserError(
        .data, "`\(wrong.name)` is no name of a figure",
        at: folder.asRun.figures.appendingPathComponent(FigureList.fileName).path,
        mend: "write the report again with 'concord report'")
    }
    return entries.map { entry in
      ReportFigure(entry: entry, run: nil, provenance: provenance, folder: folder.asRun, prefix: "")
    }
  }
}
