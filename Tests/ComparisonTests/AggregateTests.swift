import Comparison
import Diagnostics
import Evaluation
import Foundation
import Testing

struct AggregateTests {
  let sample: SampleSuite

  init() throws { sample = try SampleSuite() }

  @Test func rowsThatLackATaskAreLeftOut() throws {
    let result = try ComparisonReport(of: try sample.run(try sample.plan()).folder).result
    let aggregate = try #require(result.aggregates.first)
    // A gap is no task, so that the group of geometry has none.
    #expect(result.aggregates.count == 1 && aggregate.tasks == ["first", "other"])
    #expect(aggregate.means.map { $0 == nil } == [false, false, false, true])
    // The runs of High have 0.5, 0.51 and 0.52 in both tasks, from 0 by chance to 1.
    let high = try #require(aggregate.means[1])
    #expect(abs(high.value - 0.51) < 1e-12 && abs(high.lower - 0.5) < 1e-12 && abs(high.upper - 0.52) < 1e-12)
    #expect(aggregate.best == 1)
    #expect(aggregate.improvements.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
    let probability = try #require(aggregate.probability(of: 1, over: 0))
    #expect(probability.value == 1 && probability.lower == 1 && probability.upper == 1)
    let opposite = try #require(aggregate.probability(of: 0, over: 1))
    #expect(opposite.value == 0 && opposite.lower == 0 && opposite.upper == 0)
    #expect(aggregate.probability(of: 0, over: 3) == nil)
  }

  private func aggregate(_ columns: String) throws -> Aggregate {
    let head = SampleSuite.text[..<(try #require(SampleSuite.text.range(of: "columns:")).lowerBound)]
    let folder = try sample.run(try sample.plan("\(head)columns:\n\(columns)")).folder
    return try #require(try ComparisonReport(of: folder).result.aggregates.first)
  }

  private let first = "  - { title: first, group: R, evaluator: retrieval, subject: a, metric: \"R@1\", chance: 0 }\n"
  private let tiny = "  - { title: tiny, group: R, evaluator: retrieval, subject: tiny, metric: \"R@1\" }\n"

  // Low, High, Searched and Alone have 0.13, 0.51, 0.427 and 0.7 in the first column; in the tiny one 0.0009, 0.0005,
  // 0.0006 and 0.0003 of 0.001. Pooled as they are, the quartiles would leave the tiny column out.
  @Test func aColumnOfATinyScaleCounts() throws {
    let found = try aggregate(first + tiny)
    let values = try found.means.map { try #require($0).value }
    for (value, expected) in zip(values, [0.515, 0.505, (1.28 / 3 + 0.6) / 2, 0.5]) {
      #expect(abs(value - expected) < 1e-12, "\(value)")
    }
    #expect(found.best == 0)
    #expect(found.scales == ["0.0 by chance to 100.0 % (suite)", "0.0 by chance to 0.1 %"])
    // Low's runs differ from High's by less than they scatter, from Alone's, too.
    #expect(found.differences[0] == nil && found.differences[1]?.isBeyondChance == false)
  }

  @Test func aRepeatedColumnChangesNothing() throws {
    let once = try aggregate(first + tiny)
    let twice = try aggregate(
      first + tiny + tiny.replacing("title: tiny", with: "title: again")
        + "  - { title: guise, group: R, evaluator: retrieval, subject: tiny, metric: \"R@1\", chance: 0, ceiling: 5 }\n"
    )
    #expect(twice.means == once.means && twice.improvements == once.improvements && twice.tasks == once.tasks)
    #expect(once.repetitions.isEmpty)
    #expect(twice.repetitions == ["“again” repeats “tiny”", "“guise” repeats “tiny”"])
  }

  @Test func withoutAScaleRunsAreRanked() throws {
    let found = try aggregate(
      "  - { title: first, group: R, evaluator: retrieval, subject: a, metric: \"R@1\" }\n")
    // Low loses to all others, High beats Low and Searched, Searched Low alone, Alone all.
    let values = try found.means.map { try #require($0).value }
    for (value, expected) in zip(values, [0, 2 / 3.0, 1 / 3.0, 1]) { #expect(abs(value - expected) < 1e-12) }
    #expect(found.scales == ["share of the other rows' runs that are beaten"])
  }

  @Test func aScaleNeedsTwoEnds() {
    for (rest, what) in [
      ("ceiling: 1", "`columns.ceiling` does not go without `chance`"),
      ("chance: 1", "`columns.chance` is the ceiling"),
      ("chanse: 1", "did you mean `columns.chance`?"),
    ] {
      let error = #expect(throws: UserError.self) {
        try aggregate("  - { title: t, evaluator: e, subject: s, metric: m, \(rest) }\n")
      }
      #expect(error?.description.contains(what) == true, "\(error?.description ?? "")")
    }
  }

  @Test func theSameCellsGiveTheSameNumbers() throws {
    let folder = try sample.run(try sample.plan()).folder
    let first = try ComparisonReport(of: folder).result
    let second = try ComparisonReport(of: folder).result
    #expect(first.aggregates == second.aggregates && first.columns == second.columns)
  }
}
