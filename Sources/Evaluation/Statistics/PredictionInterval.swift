/// Where further runs of the same experiment are expected: the prediction interval of the mean of `m` more runs after `n`
/// runs that scatter normally.
///
///     x̄ ± t_{(1 + confidence)/2, n−1} · s · √(1/m + 1/n)
///
/// With one more run the last factor is √(1 + 1/n).
public struct PredictionInterval: Equatable, Sendable {
  /// The mean of the runs that there are.
  public let mean: Double
  /// Half of the width.
  public let halfWidth: Double
  private let error: Double
  private let degrees: Double

  /// Predicts from runs; nil for fewer than two, or values that are not numbers.
  public init?(from runs: [Double], further: Int = 1, confidence: Double = 0.95) {
    precondition(further > 0, "PredictionInterval: \(further) further runs; at least 1 is needed")
    guard let estimate = Estimate(of: runs), let deviation = estimate.standardDeviation, deviation.isFinite else {
      return nil
    }
    mean = estimate.mean
    degrees = Double(estimate.count - 1)
    error = deviation * (1 / Double(further) + 1 / Double(estimate.count)).squareRoot()
    halfWidth = StudentT(degreesOfFreedom: degrees).quantile((1 + confidence) / 2) * error
  }

  /// Whether a value lies inside, as far as rounding goes.
  public func contains(_ value: Double) -> Bool {
    abs(value - mean) <= halfWidth + 1e-9 * max(abs(value), abs(mean), 1e-3)
  }

  /// The two-sided probability of a value at least as far from the mean.
  public func probability(of value: Double) -> Double {
    guard abs(value - mean) > 1e-9 * max(abs(value), abs(mean), 1e-3) else { return 1 }
    return error > 0 ? 2 * StudentT(degreesOfFreedom: degrees).cumulative(-abs(value - mean) / error) : 0
  }
}
