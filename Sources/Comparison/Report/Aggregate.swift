import Evaluation
import Kernels
import Reports

/// The columns of one group taken together, as rliable does (Agarwal et al., NeurIPS 2021): the interquartile mean of
/// each row's scores of all tasks and runs, and the probability that a run of one row beats one of another.
///
/// Tasks are the columns whose values are fractions of which more is better. A row that lacks one is left out. Runs are
/// drawn whole, see `Bootstrap.runInterval`.
package struct Aggregate: Codable, Equatable, Sendable {
  /// How probable it is that a run of a row beats a run of another.
  package struct Improvement: Codable, Equatable, Sendable {
    /// The row.
    package let first: Int
    /// The other row.
    package let second: Int
    /// The probability with its percentile interval.
    package let probability: Bootstrap.Interval
  }

  /// The group.
  package let group: String
  /// The titles of the columns.
  package let tasks: [String]
  /// The interquartile mean of each row with its percentile interval; `nil` for a row that lacks a task.
  package let means: [Bootstrap.Interval?]
  /// The row with the highest mean.
  package let best: Int?
  /// Every two rows, the earlier one first.
  package let improvements: [Improvement]

  /// How often runs are drawn.
  package static let resamples = 2000

  /// The groups of columns that have tasks.
  package static func groups(of columns: [ComparisonResult.ColumnResult]) -> [Aggregate] {
    ScoreTable.unique(columns.map(\.column.group)).compactMap { group in
      Aggregate(group, of: columns.filter { $0.column.group == group && $0.column.isTask })
    }
  }

  /// Takes columns together; `nil` where there is none, or no row has all.
  ///
  /// A row counts with the runs that it has all tasks of.
  init?(_ group: String, of columns: [ComparisonResult.ColumnResult]) {
    // A column that no row has measures nothing.
    let columns = columns.filter { $0.entries.contains { $0 != nil } }
    guard let rows = columns.first?.entries.indices else { return nil }
    let scores = rows.map { row -> [[Double]]? in
      let values = columns.compactMap { $0.entries[row]?.values }
      guard values.count == columns.count, let seeds = values.first?.indices else { return nil }
      let whole = seeds.filter { seed in values.allSatisfy { $0[seed]?.isFinite == true } }
      return whole.isEmpty ? nil : values.map { task in whole.compactMap { task[$0] } }
    }
    guard scores.contains(where: { $0 != nil }) else { return nil }
    let bootstrap = Bootstrap(resamples: Self.resamples)
    self.group = group
    tasks = columns.map(\.column.title)
    let means = scores.enumerated().map { row, scores -> Bootstrap.Interval? in
      var stream = RandomStream(seed: 0, name: "compare \(group) \(row)")
      return scores.flatMap {
        bootstrap.runInterval(of: $0, statistic: SampleStatistic.interquartileMean, using: &stream)
      }
    }
    self.means = means
    best = rows.filter { means[$0] != nil }.max { (means[$0]?.value ?? 0) < (means[$1]?.value ?? 0) }
    var improvements: [Improvement] = []
    for first in rows {
      for second in rows where second > first {
        guard let own = scores[first], let other = scores[second] else { continue }
        var stream = RandomStream(seed: 0, name: "compare \(group) \(first) \(second)")
        if let probability = bootstrap.probabilityOfImprovement(ofRuns: own, over: other, using: &stream) {
          improvements.append(Improvement(first: first, second: second, probability: probability))
        }
      }
    }
    self.improvements = improvements
  }

  /// The probability that a run of a row beats one of another, with its interval.
  package func probability(of first: Int, over second: Int) -> (value: Double, lower: Double, upper: Double)? {
    for improvement in improvements {
      let (value, lower, upper) = (
        improvement.probability.value, improvement.probability.lower, improvement.probability.upper
      )
      if (improvement.first, improvement.second) == (first, second) { return (value, lower, upper) }
      if (improvement.first, improvement.second) == (second, first) { return (1 - value, 1 - upper, 1 - lower) }
    }
    return nil
  }
}
