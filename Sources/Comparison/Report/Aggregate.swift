import Evaluation
import Kernels
import Reports

/// The columns of one group taken together: each run's mean over the columns, every column on its own scale, the
/// interquartile mean of the runs, and the probability that a run of one row beats one of another.
///
/// Tasks are the columns whose values are fractions of which more is better, and those that the suite gives a scale. A
/// column that repeats an earlier one does not count. The values of a task are shares of the way from chance to
/// perfection; where a task has no scale, shares of the other rows' runs that a run beats. A run's score is the mean of
/// its tasks, and the quartiles leave out the best and the worst runs, never a column.
///
/// *Deviation* from rliable (Agarwal et al., NeurIPS 2021), which takes the quartiles of all tasks and runs together:
/// there hard tasks are left out of every method alike, here every task counts. Runs are drawn whole, see
/// `Bootstrap.runInterval`. A row that lacks a task is left out.
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
  /// The group inside a sentence: its first letter small, other capitals such as that of `R@1` as they are.
  package var phrase: String { group.prefix(1).lowercased() + group.dropFirst() }
  /// The titles of the columns that count.
  package let tasks: [String]
  /// What each of them is measured on, in words.
  package let scales: [String]
  /// The columns that do not count since they repeat another, in words.
  package let repetitions: [String]
  /// The interquartile mean of each row's runs with its percentile interval; `nil` for a row that lacks a task.
  package let means: [Bootstrap.Interval?]
  /// The row with the highest mean.
  package let best: Int?
  /// Every two rows, the earlier one first.
  package let improvements: [Improvement]
  /// Each row's mean run less the best row's, with Holm's correction for all rows; `nil` for the best row and for one
  /// without a mean.
  package let differences: [MethodComparison.Difference?]

  /// How often runs are drawn.
  package static let resamples = 2000

  /// The groups of columns that have tasks.
  ///
  /// - Parameter arePaired: whether runs of one seed of two rows belong together, by their design.
  package static func groups(
    of columns: [ComparisonResult.ColumnResult], arePaired: (Int, Int) -> Bool
  ) -> [Aggregate] {
    ScoreTable.unique(columns.map(\.column.group)).compactMap { group in
      Aggregate(group, of: columns.filter { $0.column.group == group && $0.column.isTask }, arePaired: arePaired)
    }
  }

  /// Takes columns together; `nil` where there is none, or no row has all.
  ///
  /// A row counts with the runs that it has all tasks of.
  init?(_ group: String, of columns: [ComparisonResult.ColumnResult], arePaired: (Int, Int) -> Bool) {
    guard let found = RunScores(of: columns) else { return nil }
    let (scores, seeds, runs) = (found.scores, found.seeds, found.runs)
    let rows = scores.indices
    self.group = group
    tasks = found.tasks.map(\.column.title)
    scales = found.scales.map(\.words)
    repetitions = found.repetitions
    let bootstrap = Bootstrap(resamples: Self.resamples)
    let means = runs.enumerated().map { row, runs -> Bootstrap.Interval? in
      var stream = RandomStream(seed: 0, name: "compare \(group) \(row)")
      return bootstrap.runInterval(of: [runs], statistic: SampleStatistic.interquartileMean, using: &stream)
    }
    self.means = means
    best = rows.filter { means[$0] != nil }.max { (means[$0]?.value ?? 0) < (means[$1]?.value ?? 0) }
    var improvements: [Improvement] = []
    for first in rows {
      for second in rows where second > first && !runs[first].isEmpty && !runs[second].isEmpty {
        var stream = RandomStream(seed: 0, name: "compare \(group) \(first) \(second)")
        if let probability = bootstrap.probabilityOfImprovement(
          ofRuns: scores[first], over: scores[second], using: &stream)
        {
          improvements.append(Improvement(first: first, second: second, probability: probability))
        }
      }
    }
    self.improvements = improvements
    let bySeed = rows.map { row in Dictionary(uniqueKeysWithValues: zip(seeds[row], runs[row])) }
    differences =
      MethodComparison(bySeed, higherIsBetter: true, reference: best, isPicked: true, arePaired: arePaired)
      .differences
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
