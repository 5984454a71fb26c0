import Kernels

/// Percentile intervals by resampling with replacement (Efron, 1979), and the stratified form of rliable
/// (Agarwal et al., NeurIPS 2021), which resamples the runs of each task by themselves.
public struct Bootstrap: Sendable {
  /// How many times the sample is drawn anew.
  public let resamples: Int
  /// The share of resampled statistics that the interval holds.
  public let confidence: Double

  /// A statistic with its percentile interval.
  public struct Interval: Equatable, Codable, Sendable {
    /// The statistic of the sample itself.
    public let value: Double
    /// The lower end.
    public let lower: Double
    /// The upper end.
    public let upper: Double

    /// Creates an interval.
    public init(value: Double, lower: Double, upper: Double) {
      (self.value, self.lower, self.upper) = (value, lower, upper)
    }
  }

  /// Creates a bootstrap.
  public init(resamples: Int = 10_000, confidence: Double = 0.95) {
    precondition(
      resamples > 0 && confidence > 0 && confidence < 1,
      "Bootstrap: \(resamples) resamples at a confidence of \(confidence) make no interval")
    self.resamples = resamples
    self.confidence = confidence
  }

  /// The interval of a statistic of one sample; nil for fewer than two values.
  public func interval(
    of values: [Double], statistic: ([Double]) -> Double = SampleStatistic.mean, using stream: inout RandomStream
  ) -> Interval? {
    guard values.count > 1 else { return nil }
    return interval(of: [values], using: &stream) { statistic($0[0]) }
  }

  /// The interval of a statistic of scores by task and run, resampling the runs within each task.
  ///
  /// Statistics such as `SampleStatistic.interquartileMean` get the scores of all tasks together.
  ///
  /// - Parameter scores: `scores[task][run]`; tasks may have unlike numbers of runs.
  /// - Returns: the interval, or nil if there is no task or one without runs.
  public func stratifiedInterval(
    of scores: [[Double]], statistic: ([Double]) -> Double = SampleStatistic.mean, using stream: inout RandomStream
  ) -> Interval? {
    guard !scores.isEmpty, scores.allSatisfy({ !$0.isEmpty }) else { return nil }
    return interval(of: scores, using: &stream) { statistic($0.flatMap { $0 }) }
  }

  /// The probability that a run of the first method beats a run of the second on a random task, with its interval.
  ///
  ///     P(X > Y) = mean_task mean_{i,j} (1[x_i > y_j] + ½ · 1[x_i = y_j])
  ///
  /// Source: Agarwal et al., NeurIPS 2021, §4.2. The runs of both methods are resampled within each task.
  ///
  /// - Parameters:
  ///   - first: `first[task][run]`, higher is better.
  ///   - second: `second[task][run]` for the same tasks.
  /// - Returns: the interval, or nil if there is no task or one without runs.
  public func probabilityOfImprovement(
    of first: [[Double]], over second: [[Double]], using stream: inout RandomStream
  ) -> Interval? {
    precondition(first.count == second.count, "Improvement: \(first.count) tasks against \(second.count)")
    let tasks = first.count
    guard tasks > 0, (first + second).allSatisfy({ !$0.isEmpty }) else { return nil }
    return interval(of: first + second, using: &stream) { strata in
      let shares = (0..<tasks).map { Self.shareOfWins(strata[$0], strata[tasks + $0]) }
      return SampleStatistic.mean(of: shares)
    }
  }

  private static func shareOfWins(_ first: [Double], _ second: [Double]) -> Double {
    var wins = 0.0
    for x in first {
      for y in second { wins += x > y ? 1 : x == y ? 0.5 : 0 }
    }
    return wins / Double(first.count * second.count)
  }

  private func interval(
    of strata: [[Double]], using stream: inout RandomStream, statistic: ([[Double]]) -> Double
  ) -> Interval {
    var drawn = strata
    var statistics: [Double] = []
    statistics.reserveCapacity(resamples)
    for _ in 0..<resamples {
      for (s, stratum) in strata.enumerated() {
        for i in stratum.indices { drawn[s][i] = stratum[stream.below(stratum.count)] }
      }
      statistics.append(statistic(drawn))
    }
    statistics.sort()
    let outside = (1 - confidence) / 2
    return Interval(
      value: statistic(strata), lower: SampleStatistic.quantile(outside, ofSorted: statistics),
      upper: SampleStatistic.quantile(1 - outside, ofSorted: statistics))
  }
}
