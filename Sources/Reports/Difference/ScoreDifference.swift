import Evaluation
import Runs
import Training

/// One score of two runs, the second less the first, with the 95 % interval of the mean difference.
public struct ScoreDifference: Equatable, Sendable {
  /// How the interval was found.
  public enum Method: String, Sendable {
    /// By Student's t on the differences of runs with the same seed.
    case paired
    /// By Welch's formula on two unpaired samples.
    case welch
    /// Not at all: one seed leaves nothing to judge by.
    case none
  }

  /// The first run's score.
  public let first: ScoreSummary
  /// The second run's score.
  public let second: ScoreSummary
  /// The mean of the second less the mean of the first, in the metric's own unit.
  public let mean: Double
  /// Half of the width of the interval; `nil` where there is none.
  public let halfWidth: Double?
  /// How the interval was found.
  public let method: Method

  /// Compares one score of two runs; scores are paired where both runs have the same seeds.
  public init(_ first: ScoreSummary, seeds firstSeeds: [Int], _ second: ScoreSummary, seeds secondSeeds: [Int]) {
    self.first = first
    self.second = second
    if Set(firstSeeds) == Set(secondSeeds), firstSeeds.count == secondSeeds.count {
      let values = Dictionary(zip(firstSeeds, first.values), uniquingKeysWith: { first, _ in first })
      let paired = secondSeeds.map { values[$0] ?? .nan }
      let estimate = Estimate.difference(second.values, paired)
      mean = estimate?.mean ?? .nan
      halfWidth = estimate?.halfWidth
      method = halfWidth == nil ? .none : .paired
    } else {
      let difference = WelchDifference(second.values, first.values)
      mean = difference?.mean ?? .nan
      halfWidth = difference?.halfWidth
      method = halfWidth == nil ? .none : .welch
    }
  }

  /// Whether the interval leaves zero out.
  ///
  /// An interval of no width does not count: seeds that agree to the last digit, as small counts do, say little.
  public var excludesZero: Bool {
    // What rounding leaves of no scatter is none.
    let scale = (first.values + second.values).reduce(0) { max($0, abs($1)) }
    guard let halfWidth, halfWidth > 1e-9 * scale, halfWidth.isFinite else { return false }
    return abs(mean) > halfWidth
  }

  /// Whether the second run is better beyond doubt of the interval, or worse; `nil` where it cannot be told.
  public var isImprovement: Bool? {
    guard excludesZero, let higherIsBetter = first.typedMetric.higherIsBetter else { return nil }
    return (mean > 0) == higherIsBetter
  }
}
