import Foundation

/// The mean of repeated runs with its confidence interval by Student's t.
///
///     mean ± t_{(1 + confidence)/2, n−1} · s / √n,   s² = Σ_i (x_i − mean)² / (n − 1)
public struct Estimate: Equatable, Codable, Sendable, CustomStringConvertible {
  /// The mean of the runs.
  public let mean: Double
  /// The number of runs.
  public let count: Int
  /// The sample standard deviation, or nil for a single run.
  public let standardDeviation: Double?
  /// Half the width of the interval, or nil for a single run, which has none.
  public let halfWidth: Double?

  /// Estimates the mean that runs scatter around; nil without runs.
  public init?(of values: [Double], confidence: Double = 0.95) {
    precondition(confidence > 0 && confidence < 1, "Estimate: the confidence \(confidence) must lie between 0 and 1")
    guard !values.isEmpty else { return nil }
    let mean = SampleStatistic.mean(of: values)
    self.mean = mean
    count = values.count
    guard count > 1 else {
      standardDeviation = nil
      halfWidth = nil
      return
    }
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
    standardDeviation = deviation
    let t = StudentT(degreesOfFreedom: Double(count - 1)).quantile((1 + confidence) / 2)
    halfWidth = t * deviation / Double(count).squareRoot()
  }

  /// Estimates the mean difference `first − second` of runs paired by seed; nil without runs.
  public static func difference(_ first: [Double], _ second: [Double], confidence: Double = 0.95) -> Estimate? {
    precondition(first.count == second.count, "Paired differences: \(first.count) runs against \(second.count)")
    return Estimate(of: zip(first, second).map { $0 - $1 }, confidence: confidence)
  }

  /// The interval, or nil for a single run.
  public var interval: ClosedRange<Double>? {
    guard let halfWidth, halfWidth.isFinite, mean.isFinite else { return nil }
    return (mean - halfWidth)...(mean + halfWidth)
  }

  /// The mean and the half width as `97.2 ± 0.4`, both multiplied by `scale` (100 for per cent).
  ///
  /// The half width is shown with one significant digit, two if the first is a 1, and the mean to the same place.
  /// Without a half width, or if it is zero, the mean is shown with three significant digits. There are at most six
  /// digits after the point.
  public func formatted(scale: Double = 1) -> String {
    let mean = mean * scale
    guard let width = halfWidth.map({ $0 * abs(scale) }) else {
      return Self.text(mean, decimals: Self.decimals(of: mean, significant: 3))
    }
    guard width > 0, width.isFinite else {
      let decimals = Self.decimals(of: mean, significant: 3)
      return "\(Self.text(mean, decimals: decimals)) ± \(Self.text(width, decimals: width == 0 ? decimals : 0))"
    }
    let leading = width / pow(10, floor(log10(width)))
    let decimals = Self.decimals(of: width, significant: leading < 1.95 ? 2 : 1)
    return "\(Self.text(mean, decimals: decimals)) ± \(Self.text(width, decimals: decimals))"
  }

  /// The estimate as `97.2 ± 0.4`, not scaled.
  public var description: String { formatted() }

  /// How many digits after the point show a number with that many significant digits.
  private static func decimals(of value: Double, significant: Int) -> Int {
    guard value != 0, value.isFinite else { return 0 }
    return min(6, max(0, significant - 1 - Int(floor(log10(abs(value))))))
  }

  private static func text(_ value: Double, decimals: Int) -> String {
    let text = String(format: "%.\(decimals)f", value)
    // −0.0 would suggest a sign that rounding has taken away.
    return text.hasPrefix("-") && text.allSatisfy { "-0.".contains($0) } ? String(text.dropFirst()) : text
  }
}
