import Kernels

/// Resampling of whole runs: what a run scored on all tasks stays together.
///
/// rliable (Agarwal et al., NeurIPS 2021) draws the runs of each task by themselves, since there every task has runs of
/// its own. Where one training is measured on several tasks, its scores go up and down together, and drawing them apart
/// would feign more runs than there were. *Deviation*: here a draw of runs holds for all tasks, so that the seeds are
/// the only replicates.
extension Bootstrap {
  /// The interval of a statistic of scores by task and run, a run being drawn with its scores of all tasks.
  ///
  /// - Parameter scores: `scores[task][run]`, the same runs for each task.
  /// - Returns: the interval, or nil where there is no task or no run.
  public func runInterval(
    of scores: [[Double]], statistic: ([Double]) -> Double = SampleStatistic.mean, using stream: inout RandomStream
  ) -> Interval? {
    guard let count = Self.runs(of: scores) else { return nil }
    return interval(ofRuns: [count], using: &stream) { drawn in
      statistic(scores.flatMap { task in drawn[0].map { task[$0] } })
    }
  }

  /// The probability that a run of the first method beats a run of the second on a random task, runs of both methods
  /// being drawn with their scores of all tasks.
  ///
  ///     P(X > Y) = mean_task mean_{i,j} (1[x_i > y_j] + ½ · 1[x_i = y_j])
  ///
  /// - Parameters:
  ///   - first: `first[task][run]`, higher is better, the same runs for each task.
  ///   - second: `second[task][run]` for the same tasks.
  /// - Returns: the interval, or nil where there is no task or a method without a run.
  public func probabilityOfImprovement(
    ofRuns first: [[Double]], over second: [[Double]], using stream: inout RandomStream
  ) -> Interval? {
    precondition(first.count == second.count, "Improvement: \(first.count) tasks against \(second.count)")
    guard let firstCount = Self.runs(of: first), let secondCount = Self.runs(of: second) else { return nil }
    // How often each run beats each other one, over all tasks: what a draw is then a mean of.
    var wins = [[Double]](repeating: [Double](repeating: 0, count: secondCount), count: firstCount)
    for (x, y) in zip(first, second) {
      for i in 0..<firstCount {
        for j in 0..<secondCount { wins[i][j] += x[i] > y[j] ? 1 : x[i] == y[j] ? 0.5 : 0 }
      }
    }
    let total = Double(firstCount * secondCount * first.count)
    return interval(ofRuns: [firstCount, secondCount], using: &stream) { drawn in
      drawn[0].reduce(0) { sum, i in drawn[1].reduce(sum) { $0 + wins[i][$1] } } / total
    }
  }

  private static func runs(of scores: [[Double]]) -> Int? {
    guard let count = scores.first?.count, count > 0 else { return nil }
    precondition(
      scores.allSatisfy { $0.count == count }, "Runs: tasks of \(scores.map(\.count)) runs; all need the same")
    return count
  }

  private func interval(
    ofRuns counts: [Int], using stream: inout RandomStream, statistic: ([[Int]]) -> Double
  ) -> Interval {
    var drawn = counts.map { Array(0..<$0) }
    let value = statistic(drawn)
    var statistics: [Double] = []
    statistics.reserveCapacity(resamples)
    for _ in 0..<resamples {
      for (method, count) in counts.enumerated() {
        for i in 0..<count { drawn[method][i] = stream.below(count) }
      }
      statistics.append(statistic(drawn))
    }
    statistics.sort()
    let outside = (1 - confidence) / 2
    return Interval(
      value: value, lower: SampleStatistic.quantile(outside, ofSorted: statistics),
      upper: SampleStatistic.quantile(1 - outside, ofSorted: statistics))
  }
}

/// What a percentile bootstrap of few runs can tell at most.
public struct BootstrapLimits: Equatable, Sendable {
  /// The number of runs.
  public let runs: Int

  /// Creates the limits for a number of runs.
  public init(runs: Int) {
    precondition(runs > 0, "BootstrapLimits: \(runs) runs; at least 1 is needed")
    self.runs = runs
  }

  /// How many unlike samples can be drawn from `n` runs: `(2n − 1)! / (n! (n − 1)!)`, 10 for three runs.
  public var distinctResamples: Double {
    (1..<runs).reduce(1) { $0 * Double(runs + $1) / Double($1) }.rounded()
  }

  /// How often the whole range of `n` runs holds the median of all runs there could be: `1 − 2^(1 − n)`, 75 % for three.
  ///
  /// No percentile interval of a mean is wider than the range, so what it claims beyond this cannot be had.
  public var rangeCoverage: Double {
    var outside = 1.0
    for _ in 1..<max(1, runs) { outside /= 2 }
    return runs > 1 ? 1 - outside : 0
  }

  /// Whether the range is wide enough for a confidence; 95 % needs six runs.
  public func admits(confidence: Double) -> Bool { rangeCoverage >= confidence }
}
