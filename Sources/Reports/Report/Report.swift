import Diagnostics
import Foundation
import Recipes
import Runs
import Training

/// The report of one run, or of several side by side, from their files alone.
public struct Report: Sendable {
  /// The runs.
  public let records: [RunRecord]

  /// A report of runs; more than one are compared.
  public init(_ records: [RunRecord]) {
    precondition(!records.isEmpty, "Report: there is no run")
    self.records = records
  }

  /// Reads a run's files.
  public init(of folder: RunFolder) throws(UserError) {
    self.init([try RunRecord(of: folder)])
  }

  /// Writes the report into the run's own folder, in place of an earlier one.
  @discardableResult public static func write(
    for folder: RunFolder, formats: [ReportFormat] = ReportFormat.allCases
  ) throws(UserError) -> Report {
    let report = try Report(of: folder)
    for format in formats { try AtomicFile.write(report.text(format), to: folder.report(format)) }
    return report
  }

  /// Writes the report with copies of its figures into a folder, which is made where it is missing.
  ///
  /// Figures that may not be passed on, since the licence of their pictures would bind what holds them, are left out.
  ///
  /// - Returns: the files of the report.
  /// - Throws: where a file is there already and `overwriting` is false; nothing is written then.
  @discardableResult public func write(
    _ formats: [ReportFormat], to folder: URL, overwriting: Bool = false
  ) throws(UserError) -> [URL] {
    try Report(records.map(\.publishable)).writeAll(formats, to: folder, overwriting: overwriting)
  }

  /// The figures that ``write(_:to:overwriting:)`` leaves out.
  public var unpublishable: [FigureEntry] { records.flatMap(\.figures).filter { $0.mayBePublished == false } }

  private func writeAll(
    _ formats: [ReportFormat], to folder: URL, overwriting: Bool
  ) throws(UserError) -> [URL] {
    let files = formats.map { (url: folder.appendingPathComponent($0.fileName), format: $0) }
    var copies: [(source: URL, target: URL)] = []
    for figure in records.indices.flatMap(figures(of:)) {
      let markdown = formats.contains(.markdown) ? figure.format(of: MarkdownReport.pictures) : nil
      let latex = formats.contains(.latex) ? figure.format(of: LaTeXReport.pictures) : nil
      for format in Set([markdown, latex].compactMap { $0 }).sorted() {
        copies.append(
          (URL(fileURLWithPath: figure.source(format)), folder.appendingPathComponent(figure.path(format))))
      }
    }
    if !overwriting, let present = (files.map(\.url) + copies.map(\.target)).first(where: Self.exists) {
      throw UserError(.inputOutput, "the file exists already", at: present.path, mend: "add --force to replace it")
    }
    do {
      try RunFolder.createFolder(copies.isEmpty ? folder : folder.appendingPathComponent("figures", isDirectory: true))
    } catch {
      throw UserError(error.kind, error.what, at: error.place, mend: "choose another with --output")
    }
    for copy in copies {
      guard let data = try? Data(contentsOf: copy.source) else {
        throw UserError(.inputOutput, "the file cannot be read", at: copy.source.path, mend: "draw the figures again")
      }
      try AtomicFile.write(data, to: copy.target)
    }
    for file in files { try AtomicFile.write(text(file.format), to: file.url) }
    return files.map(\.url)
  }

  private static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

  /// The report in a format.
  public func text(_ format: ReportFormat) -> String {
    switch format {
    case .markdown: MarkdownReport(self).text
    case .latex: LaTeXReport(self).text
    case .csv: ScoreSheet(records).text
    case .html: HTMLReport(self).text
    }
  }

  /// The tables of scores, aligned for a terminal, and the verdicts on published values.
  public var plain: String {
    guard records.count > 1 else {
      let tables = ScoreTable.tables(of: records[0]) + [comparison(of: records[0])].compactMap { $0 }
      return tables.map(\.plain).joined(separator: "\n")
    }
    let tables = ScoreTable.tables(comparing: records).flatMap(\.tables)
    let names = zip(RunRecord.letters(records.count), records).map { "\($0)  \($1.provenance)\n" }.joined()
    let marks = tables.contains(where: \.hasMarks) ? ["* \(markMeaning)\n"] : []
    return ([names] + tables.map(\.plain) + marks).joined(separator: "\n")
  }

  /// What a marked number means.
  var markMeaning: String {
    "marked: better than every other run, the 95 % interval of each mean difference leaving zero out "
      + "(paired by seed where the seeds agree, else Welch; not corrected for the number of scores)"
  }

  /// The title.
  var title: String {
    records.count == 1 ? records[0].result.title : "\(records.count) runs side by side"
  }

  /// The figures of a run, in the order of its list.
  func figures(of index: Int) -> [ReportFigure] {
    let record = records[index]
    let letter = records.count == 1 ? nil : RunRecord.letters(records.count)[index]
    let label = records.count == 1 ? nil : RunRecord.labels(of: records)[index]
    return record.figures.map { entry in
      ReportFigure(
        entry: entry, run: label, provenance: record.provenance, folder: record.folder,
        prefix: letter.map { "\($0.lowercased())-" } ?? "")
    }
  }

  /// The published values beside a run's; `nil` where there are none.
  func comparison(of record: RunRecord) -> ScoreTable? {
    let result = record.result
    guard !result.expected.isEmpty else { return nil }
    let rows = result.expected.map { expected -> [ScoreTable.Cell] in
      let metric = Metric(named: expected.metric)
      let verdict: ScoreTable.Cell =
        switch result.verdict(on: expected) {
        case true?: "within"
        case false?: "outside"
        case nil: result.score(for: expected) == nil ? "not measured" : "one seed cannot tell"
        }
      return [
        .init("\(expected.evaluator), \(expected.subject), \(metric.heading)"),
        .init(result.text(of: expected)),
        result.score(for: expected).map { .init(metric.text($0.mean, halfWidth: $0.halfWidth)) } ?? .missing,
        verdict, .init(expected.source),
      ]
    }
    return ScoreTable(
      title: "published", heads: ["score", "published ± tolerance", "ours", "verdict", "source"], rows: rows,
      isNumeric: false)
  }
}
