import Comparison
import Diagnostics
import Evaluation
import Foundation
import Runs
import Testing

/// What is committed of comparisons.
struct PublicationTests {
  let sample: SampleSuite

  init() throws { sample = try SampleSuite() }

  private var results: URL { sample.url.appendingPathComponent("Results", isDirectory: true) }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: results.appendingPathComponent("Compare/\(name)"), encoding: .utf8)
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: results.appendingPathComponent("Compare/\(name)").path)
  }

  @Test func aPartOfAComparisonIsPublishedAndSaysSo() throws {
    try sample.write("broken-5-1")
    let (folder, _, _) = try sample.run(try sample.plan())
    // A row of an earlier comparison of the suite goes.
    try RunFolder.createFolder(results.appendingPathComponent("Compare/made/old"))
    try Data("{}".utf8).write(to: results.appendingPathComponent("Compare/made/old/results.json"))
    let summary = try ComparisonPublication(of: folder, to: results, hasFigures: false).write()
    #expect(summary.rows == 4 && summary.cells == 11 && summary.rowBytes < summary.bytes)
    #expect(!exists("made/old") && exists("made/report.md") && exists("made/comparison.json"))
    let row = RunFolder(results.appendingPathComponent("Compare/made/high"))
    #expect(try row.readResult().seeds == [0, 2])
    let cells = try text("made/high/cells.json").split(separator: "\n")
    #expect(cells.count == 4 && cells[1].contains("\"commit\":\"c0ffee00\"") && cells[1].contains("\"seed\":0"))
    let page = try text("README.md")
    #expect(page.contains("| [made](made/report.md) | Made-up methods | 4 of 4 | 3 | – | 11 of 12 | **partial**: "))
    #expect(page.contains("3 rows are whole; missing: High (1 seed) |"))
  }

  @Test func figuresOfTheReportArePublishedAndNoOthers() throws {
    let (folder, _, _) = try sample.run(try sample.plan())
    let figures = folder.asRun.figures
    try FileManager.default.createDirectory(at: figures, withIntermediateDirectories: true)
    for name in ["heat-map.svg", "heat-map.png", "sweep.png", "earlier.svg"] {
      try Data("<svg/>".utf8).write(to: figures.appendingPathComponent(name))
    }
    let list = ["heat-map", "sweep"].map { FigureEntry(name: $0, title: $0, caption: "", kind: .scores) }
    try JSONEncoder().encode(list).write(to: figures.appendingPathComponent(FigureList.fileName))
    _ = try ComparisonPublication(of: folder, to: results, hasFigures: false).write()
    let published = try FileManager.default.contentsOfDirectory(
      atPath: results.appendingPathComponent("Compare/made/figures").path)
    #expect(published.sorted() == ["heat-map.svg", "sweep.png"])
  }

  @Test func rowsAreRankedOnEachDataSetAndTogether() throws {
    let (first, _, _) = try sample.run(try sample.plan())
    let (other, _, _) = try sample.run(try sample.plan(overrides: ["training.epochs=3", "seeds=[0, 1]"]))
    let overview = Overview([try ComparisonReport(of: first).result, try ComparisonReport(of: other).result])
    let table = try #require(overview.tables.first { $0.family == .retrieval })
    #expect(table.dataSets == [0, 1] && table.reference == "Low")
    // `Alone` lacks a column, so it has no mean; the others follow their temperatures.
    #expect(table.rows.map(\.name) == ["High", "Searched", "Low"])
    #expect(table.rows[0].ranks == [1, 1] && table.rows[0].meanRank == 1)
    #expect(table.rows[0].improvement?.value == 1 && table.rows[2].improvement == nil)
    // 0.5, 0.51, 0.52 and 0.5, 0.51: the mean of both interquartile means.
    let mean = try #require(table.rows[0].mean)
    #expect(abs(mean.value - (0.51 + 0.505) / 2) < 1e-12 && mean.lower >= 0.5 && mean.upper <= 0.515 + 1e-12)
  }

  @Test func withoutAWholeSeedThereIsNothingToPublish() throws {
    for temperature in [1, 2, 3, 4, 5, 7] {
      for seed in 0..<3 { try sample.write("broken-\(temperature)-\(seed)") }
    }
    let (folder, _, _) = try sample.run(try sample.plan())
    let error = #expect(throws: UserError.self) {
      try ComparisonPublication(of: folder, to: results, hasFigures: false).write()
    }
    #expect(error?.what == "no row has a whole seed as yet")
  }
}
