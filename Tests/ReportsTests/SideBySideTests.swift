import Diagnostics
import Foundation
import Reports
import Runs
import SampleRuns
import Testing

@Suite struct SideBySideTests {
  let sample: SampleRun

  init() throws { sample = try SampleRun() }

  /// Two runs, of which the second is better beyond doubt in one score.
  private func report() throws -> Report {
    let first = try sample.finished(overrides: ["seeds=[0,1,2]"])
    let second = try sample.finished(
      overrides: ["seeds=[0,1,2]", "training.epochs=3"], results: [0.02, 0.031, 0.011].map(SampleRun.seed), start: 100)
    for run in [first, second] { try sample.addFigure(to: run) }
    return Report([try RunRecord(of: first), try RunRecord(of: second)])
  }

  @Test func theBestStandsOutWhereTheSeedsCanTell() throws {
    let report = try report()
    let (first, second) = (report.records[0].result.hash, report.records[1].result.hash)
    let markdown = report.text(.markdown)
    #expect(
      markdown.contains(
        """
        ### accuracy, accuracy (%)

        |  | A \(first) | B \(second) |
        | :-- | --: | --: |
        | image | 95.0 ± 2.5 | **97.1 ± 2.5** |
        | all | 99.0 ± 0.0 | 99.0 ± 0.0 |

        """))
    #expect(markdown.contains("| training.epochs | 10 (default) | 3 (command line) |"))
    #expect(markdown.contains("](figures/a-loss.svg)") && markdown.contains("](figures/b-loss.svg)"))
    #expect(report.text(.latex).contains("image & $95.0 \\pm 2.5$ & {\\boldmath$97.1 \\pm 2.5$} \\\\"))
    #expect(report.text(.html).contains("<strong>97.1 <span class=\"interval\">± 2.5</span></strong>"))
    #expect(report.text(.html).contains("\"b-loss-gpDot\""))
    #expect(report.plain.contains("\nimage                   95.0 ± 2.5  97.1 ± 2.5*\n"))
    #expect(report.text(.csv).split(separator: "\n").count == 1 + 2 * 5 * 4)
  }

  @Test func aFolderOfAReportIsWholeAndNeverOverwritten() throws {
    let report = try report()
    let output = sample.folder.url.appendingPathComponent("side")
    let files = try report.write(ReportFormat.allCases, to: output)
    #expect(files.map(\.lastPathComponent) == ["report.md", "report.tex", "report.csv", "report.html"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: output.appendingPathComponent("figures").path).sorted()
        == ["a-loss.pdf", "a-loss.svg", "b-loss.pdf", "b-loss.svg"])
    try FileManager.default.removeItem(at: output.appendingPathComponent("report.html"))
    let error = #expect(throws: UserError.self) { try report.write([.html, .csv], to: output) }
    #expect(error?.description == "\(output.path)/report.csv: the file exists already; add --force to replace it")
    #expect(!FileManager.default.fileExists(atPath: output.appendingPathComponent("report.html").path))
    try report.write([.html, .csv], to: output, overwriting: true)
    #expect(FileManager.default.fileExists(atPath: output.appendingPathComponent("report.html").path))
  }

  @Test func recordsThatDoNotFitAreRefused() throws {
    let run = try sample.finished()
    let other = try sample.finished(overrides: ["training.epochs=7"], start: 100)
    try FileManager.default.removeItem(at: run.results)
    #expect(throws: UserError.self) { try RunRecord(of: run) }
    try FileManager.default.copyItem(at: other.results, to: run.results)
    #expect(throws: UserError.self) { try RunRecord(of: run) }
    try Data("- a list\n".utf8).write(to: other.recipe)
    let error = #expect(throws: UserError.self) { try RunRecord(of: other) }
    #expect(error?.kind == .data && error?.place == other.recipe.path)
  }
}
