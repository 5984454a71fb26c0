import Comparison
import Diagnostics
import Foundation
import Reports
import Runs
import Testing
import Training

/// The sentence that a comparison opens with, and what stands beside its tables.
struct ComparisonFindingTests {
  @Test func theLeaderOfTheOverviewIsNamed() throws {
    let sample = try SampleSuite()
    let report = try ComparisonReport(of: try sample.run(try sample.plan()).folder)
    // Alone lacks a task of the group, so it is in no mean.
    #expect(
      report.finding.hasPrefix("In retrieval, the normalised mean of 2 scores over 3 seeds, High (51.0 ["),
      "\(report.finding)")
    #expect(report.finding.contains(" %) leads Searched (42.7 ["))
    #expect(report.finding.hasSuffix("points, and their intervals do not overlap, which from 3 seeds decides nothing."))
    let markdown = try report.text(.markdown)
    #expect(markdown.hasPrefix("# Made-up methods\n\n\(report.finding.prefix(40))"))
    let overview = try #require(markdown.range(of: "## Overview")).lowerBound
    // What a method costs has a table of its own.
    #expect(markdown.contains("| method | Retrieval, normalised (%) ↑ |\n"))
    #expect(overview < (try #require(markdown.range(of: "## Comparison")).lowerBound))
  }

  @Test func oneSeedHasNoInterval() throws {
    let sample = try SampleSuite()
    let report = try ComparisonReport(of: try sample.run(try sample.plan(profile: "quick")).folder)
    #expect(report.finding.contains(" on one seed, High ("))
    #expect(report.finding.hasSuffix("points, without intervals to tell them apart."))
    #expect(!report.finding.contains("["))
  }

  @Test func withoutMeansTheFirstScoreDecides() throws {
    let sample = try SampleSuite()
    let text = """
      title: Gaps
      seeds: [0, 1, 2]
      rows:
        - { name: Low, recipe: sample/low }
        - { name: High, recipe: sample/high }
      columns:
        - { title: gap, group: Geometry, evaluator: geometry, subject: a, metric: modality gap }
      """
    let report = try ComparisonReport(of: try sample.run(try sample.plan(text)).folder)
    // Of a gap less is better; the seeds agree to the last digit.
    #expect(
      report.finding
        == "In gap over 3 seeds, High (0.500 ± 0.000) leads Low (0.900 ± 0.000) by 0.400, though an interval of no width "
        + "tells nothing apart.")
    let markdown = try report.text(.markdown)
    #expect(!markdown.contains("## Overview") && markdown.ranges(of: "\n## Geometry\n").count == 1)
    let places = try ["In gap over", "## Geometry", "## Comparison", "## Who wins"].map { mark in
      try #require(markdown.range(of: mark), "\(mark) is missing").lowerBound
    }
    #expect(places == places.sorted())
  }

  @Test func anUnfinishedComparisonClaimsNothing() throws {
    let sample = try SampleSuite()
    let report = try ComparisonReport(of: try sample.open(try sample.plan()).folder)
    #expect(report.finding == "No cell has finished yet.")
  }

  @Test func figuresStandBesideTheTablesThatTheyDraw() throws {
    let sample = try SampleSuite()
    let folder = try sample.run(try sample.plan()).folder
    let figures = folder.asRun.figures
    try FileManager.default.createDirectory(at: figures, withIntermediateDirectories: true)
    let names = ["embedding-by-class", "rank-gap", "rank-retrieval", "heat-map", "trade-off", "sweep"]
    for name in names {
      try Data("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>".utf8)
        .write(to: figures.appendingPathComponent("\(name).svg"))
    }
    try JSONEncoder().encode(names.map { FigureEntry(name: $0, title: $0, caption: "", kind: .scores) })
      .write(to: figures.appendingPathComponent("index.json"))
    let markdown = try ComparisonReport(of: folder).text(.markdown)
    let marks = [
      "## Overview", "rank-retrieval.svg", "## Comparison", "## Retrieval", "heat-map.svg", "## Geometry",
      "rank-gap.svg",
      "trade-off.svg", "## Search", "sweep.svg", "## Figures", "embedding-by-class.svg", "## Protocol",
    ]
    let places = try marks.map { try #require(markdown.range(of: $0), "\($0) is missing").lowerBound }
    #expect(places == places.sorted())
  }
}
