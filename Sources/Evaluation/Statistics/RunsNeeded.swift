/// How many runs bring a comparison to an end.
///
/// The fewest n for which
///
///     (t_{(1 + confidence)/2, ν} + t_{(1 + power)/2, ν}) · √(s² / n + v) ≤ δ,   ν = k · (n − 1)
///
/// where s is the standard deviation of what one run of each adds, v a variance that more runs do not lessen, δ the
/// smallest difference that matters, and k is 1 for paired runs, 2 for independent ones. Then, if there is no difference,
/// the interval lies within ± δ with the probability `power`; a difference of δ is told from 0 with a greater one (the
/// bound of two one-sided tests; Julious, Statistics in Medicine, 2004, §5).
public struct RunsNeeded: Equatable, Sendable {
  /// 1 − α of the interval.
  public let confidence: Double
  /// The probability of an end.
  public let power: Double
  /// The most runs that are looked for.
  public static let limit = 1_000_000

  /// Plans for a confidence and a power.
  public init(confidence: Double = 0.95, power: Double = 0.8) {
    precondition(
      0 < confidence && confidence < 1 && 0 < power && power < 1,
      "RunsNeeded: confidence \(confidence) and power \(power) must lie between 0 and 1")
    (self.confidence, self.power) = (confidence, power)
  }

  /// The number of runs of each; `nil` where no number up to `limit` is enough.
  public func count(spread: Double, difference: Double, fixedVariance: Double = 0, isPaired: Bool) -> Int? {
    count(spread, difference, fixedVariance, isPaired: isPaired, quantile: (1 + power) / 2)
  }

  /// The number of runs of each that tell a true difference from 0: as above with `t_{power}`, and without a bound for
  /// the case that there is none.
  public func countToDetect(
    _ difference: Double, spread: Double, fixedVariance: Double = 0, isPaired: Bool
  ) -> Int? {
    count(spread, difference, fixedVariance, isPaired: isPaired, quantile: power)
  }

  /// The number of families of test items that decide as above with a number of runs, the items' variance falling with
  /// their number; `nil` where the runs' own scatter is too great.
  ///
  ///     F · v / ((δ / (t_{(1 + confidence)/2, ν} + t_{(1 + power)/2, ν}))² − s² / n)
  ///
  /// - Parameters:
  ///   - runs: n, at least 2.
  ///   - families: F, the number of families that `fixedVariance` is of.
  public func families(
    runs: Int, spread: Double, difference: Double, fixedVariance: Double, families: Int, isPaired: Bool
  ) -> Int? {
    precondition(runs > 1 && difference > 0, "RunsNeeded: \(runs) runs against a difference of \(difference)")
    let t = StudentT(degreesOfFreedom: Double(runs - 1) * (isPaired ? 1 : 2))
    let error = difference / (t.quantile((1 + confidence) / 2) + t.quantile((1 + power) / 2))
    let left = error * error - spread * spread / Double(runs)
    guard left > 0 else { return nil }
    let count = (Double(families) * fixedVariance / left).rounded(.up)
    return count < 1e9 ? Int(count) : nil
  }

  private func count(
    _ spread: Double, _ difference: Double, _ fixedVariance: Double, isPaired: Bool, quantile: Double
  ) -> Int? {
    precondition(spread >= 0 && difference > 0, "RunsNeeded: a spread of \(spread) against \(difference)")
    func isEnough(_ runs: Int) -> Bool {
      let t = StudentT(degreesOfFreedom: Double(runs - 1) * (isPaired ? 1 : 2))
      let error = (spread * spread / Double(runs) + fixedVariance).squareRoot()
      return (t.quantile((1 + confidence) / 2) + t.quantile(quantile)) * error <= difference
    }
    guard isEnough(Self.limit) else { return nil }
    var (low, high) = (1, Self.limit)
    while high - low > 1 {
      let middle = (low + high) / 2
      if isEnough(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
