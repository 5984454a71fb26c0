import Comparison
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
    // Both tasks have the same values: the middle half of 0.5 0.5 0.51 0.51 0.52 0.52 is 0.5 0.51 0.51 0.52.
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

  @Test func theSameCellsGiveTheSameNumbers() throws {
    let folder = try sample.run(try sample.plan()).folder
    let first = try ComparisonReport(of: folder).result
    let second = try ComparisonReport(of: folder).result
    #expect(first.aggregates == second.aggregates && first.columns == second.columns)
  }
}
