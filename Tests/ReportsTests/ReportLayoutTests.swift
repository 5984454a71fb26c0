import Diagnostics
import Foundation
import Recipes
import Reports
import Runs
import SampleRuns
import Testing
import Training

/// Where figures stand, and how long tables fold.
@Suite struct ReportLayoutTests {
  private let sample: SampleRun

  init() throws { sample = try SampleRun() }

  /// A run with figures of these names.
  private func report(figures: [String], overrides: [String] = [], start: Double = 0) throws -> Report {
    let run = try sample.finished(overrides: ["seeds=[0,1,2]"] + overrides, start: start)
    try sample.addFigure(to: run)
    for name in figures {
      try Data(SampleRun.svg.utf8).write(to: run.figures.appendingPathComponent("\(name).svg"))
      try Data("%PDF-1.4\n".utf8).write(to: run.figures.appendingPathComponent("\(name).pdf"))
    }
    let entries = (["loss"] + figures).map { FigureEntry(name: $0, title: $0, caption: "", kind: .scores) }
    try JSONEncoder().encode(entries).write(to: run.figures.appendingPathComponent("index.json"))
    return try Report(of: run)
  }

  /// The places of some texts, which must be there.
  private func places(of marks: [String], in text: String) throws -> [String.Index] {
    try marks.map { mark in try #require(text.range(of: mark), "\(mark) is missing").lowerBound }
  }

  @Test func figuresStandBesideTheirTables() throws {
    let report = try report(figures: [
      "epochs-retrieval-median-rank", "scores-retrieval", "scores-accuracy", "embedding-pca",
    ])
    let markdown = report.text(.markdown)
    let order = try places(
      of: [
        "Over 3 seeds", "## Accuracy", "figures/scores-accuracy.svg", "| image | 95.0", "## Run\n", "## Retrieval",
        "figures/scores-retrieval.svg", "| image → sound", "figures/epochs-retrieval-median-rank.svg", "## Figures",
        "figures/loss.svg", "figures/embedding-pca.svg", "## Protocol",
      ], in: markdown)
    #expect(order == order.sorted())
    let latex = report.text(.latex)
    let sources = try places(
      of: [
        "Over 3 seeds", "\\section*{Accuracy}", "figures/scores-accuracy.pdf", "image & $95.0", "\\section*{Retrieval}",
        "figures/scores-retrieval.pdf", "\\section*{Figures}", "figures/loss.pdf",
      ], in: latex)
    #expect(sources == sources.sorted())
    // Every figure stands there once.
    for name in ["loss", "scores-retrieval", "scores-accuracy", "embedding-pca"] {
      #expect(markdown.ranges(of: "(figures/\(name).svg)").count == 1, "\(name)")
    }
  }

  @Test func picturesThatMayNotBePassedOnStayInTheRunsFolder() throws {
    let run = try sample.finished(overrides: ["seeds=[0,1,2]"])
    try sample.addFigure(to: run)
    try Data(SampleRun.svg.utf8).write(to: run.figures.appendingPathComponent("examples-found.svg"))
    let entries = [
      FigureEntry(name: "loss", title: "loss", caption: "", kind: .training),
      FigureEntry(name: "examples-found", title: "found", caption: "", kind: .examples, mayBePublished: false),
    ]
    try JSONEncoder().encode(entries).write(to: run.figures.appendingPathComponent("index.json"))
    let report = try Report(of: run)
    #expect(report.unpublishable.map(\.name) == ["examples-found"])
    #expect(report.text(.markdown).contains("(figures/examples-found.svg)"))
    let folder = run.url.appendingPathComponent("copy")
    for file in try report.write(ReportFormat.allCases, to: folder) {
      #expect(!(try String(contentsOf: file, encoding: .utf8)).contains("examples-found"), "\(file.lastPathComponent)")
    }
    let copied = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("figures").path)
    #expect(copied.contains("loss.svg") && !copied.contains { $0.hasPrefix("examples") })
  }

  @Test func thePageOpensWithFindingFigureAndTable() throws {
    let page = try report(figures: ["scores-retrieval", "scores-accuracy"]).text(.html)
    let order = try places(
      of: [
        "<h1>A small run</h1>", "<p class=\"finding\">Over 3 seeds, sample/small has", "<div class=\"beside\">",
        "aria-label=\"Scores-accuracy\"", "<strong>Accuracy</strong>", "<div class=\"provenance\">",
        "<nav aria-label=\"Contents\">", "<section id=\"retrieval\">", "aria-label=\"Scores-retrieval\"",
        "<section id=\"figures\">", "<div class=\"gallery\">", "aria-label=\"Loss\"",
      ], in: page)
    #expect(order == order.sorted())
    // The main table is not shown again further down.
    #expect(page.ranges(of: "aria-label=\"accuracy\"").count == 1)
  }

  @Test func severalRunsShowTheLeadersFigure() throws {
    let first = try report(figures: ["scores-accuracy"])
    let second = try sample.finished(
      overrides: ["seeds=[0,1,2]", "training.epochs=3"], results: [0.02, 0.031, 0.011].map(SampleRun.seed), start: 100)
    try FileManager.default.copyItem(at: first.records[0].folder.figures, to: second.figures)
    let markdown = Report([first.records[0], try RunRecord(of: second)]).text(.markdown)
    let order = try places(
      of: [
        "In accuracy of image, B ", "figures/b-scores-accuracy.svg", "### accuracy, accuracy (%)", "## Runs",
        "figures/a-scores-accuracy.svg", "## Retrieval", "## Figures of A", "figures/a-loss.svg",
      ], in: markdown)
    #expect(order == order.sorted())
  }

  private func table(_ count: Int, ranking: [Int]? = nil) -> ScoreTable {
    ScoreTable(
      title: "many", heads: ["", "x"],
      rows: (0..<count).map { [ScoreTable.Cell("row \($0)."), ScoreTable.Cell("\($0)", value: Double($0))] },
      ranking: ranking)
  }

  @Test func aTableOfTwelveRowsIsShownWhole() {
    let source = HTML.table(table(12), caption: "c").source
    #expect(!source.contains("<details") && source.contains("row 11"))
  }

  @Test func aLongerTableFolds() throws {
    let source = HTML.table(table(13), caption: "c").source
    #expect(source.contains("<summary>All 13 rows<span class=\"excerpt\">, of which the first 8 are above</span>"))
    let fold = try #require(source.range(of: "<details class=\"rows\">")).lowerBound
    #expect(source[..<fold].ranges(of: "<tr>").count == 1 + 8)
    #expect(source[fold...].ranges(of: "<tr>").count == 1 + 13)
    #expect(!HTML.table(table(13), caption: "c", isFolding: false).source.contains("<details"))
  }

  @Test func theRowOfTheFindingIsNeverFoldedAway() throws {
    func shown(_ name: String) throws -> Substring {
      let source = HTML.table(table(20).keeping(name), caption: "c").source
      return source[..<(try #require(source.range(of: "</div>\n<details")).lowerBound)]
    }
    #expect(try shown("row 18.").contains("row 18") && !shown("row 18.").contains("row 7."))
    #expect(try shown("row 2.").contains("row 7.") && !shown("row 2.").contains("row 18"))
    #expect(HTML.table(table(20).keeping("row 18."), caption: "c").source.contains("of which 8 are above"))
    #expect(HTML.table(table(20).keeping("row 7."), caption: "c").source.contains("of which the first 8 are above"))
  }

  @Test func theBestRowsStayInSight() throws {
    let source = HTML.table(table(20, ranking: Array((0..<20).reversed())), caption: "c").source
    let fold = try #require(source.range(of: "<details class=\"rows\">")).lowerBound
    #expect(source.contains("of which the best 8 are above"))
    #expect(source[..<fold].contains("row 19") && source[..<fold].contains("row 12"))
    #expect(!source[..<fold].contains("row 11") && source[fold...].contains("row 11"))
  }
}
