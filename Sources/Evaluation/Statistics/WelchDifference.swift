/// The difference of the means of two unpaired samples with its interval, the variances being unequal (Welch, 1947).
///
///     d ± t_{(1 + confidence)/2, ν} · s,   d = x̄ − ȳ,   s² = a + b,   a = s_x² / n,   b = s_y² / m
///     ν = (a + b)² / (a² / (n − 1) + b² / (m − 1))
public struct WelchDifference: Equatable, Codable, Sendable {
  /// The mean of the first sample less the mean of the second.
  public let mean: Double
  /// The degrees of freedom by Satterthwaite's formula; nil where there is no interval or neither sample scatters.
  public let degreesOfFreedom: Double?
  /// Half the width of the interval, or nil where a sample is a single value.
  public let halfWidth: Double?

  /// Compares two samples; nil where one is empty.
  public init?(_ first: [Double], _ second: [Double], confidence: Double = 0.95) {
    guard let x = Estimate(of: first, confidence: confidence), let y = Estimate(of: second, confidence: confidence)
    else { return nil }
    mean = x.mean - y.mean
    guard let xDeviation = x.standardDeviation, let yDeviation = y.standardDeviation else {
      degreesOfFreedom = nil
      halfWidth = nil
      return
    }
    let a = xDeviation * xDeviation / Double(x.count)
    let b = yDeviation * yDeviation / Double(y.count)
    let degrees = (a + b) * (a + b) / (a * a / Double(x.count - 1) + b * b / Double(y.count - 1))
    guard degrees.isFinite, degrees > 0 else {
      degreesOfFreedom = nil
      // Samples that do not scatter leave no doubt; values that are not finite leave all of it.
      halfWidth = a + b == 0 ? 0 : .nan
      return
    }
    degreesOfFreedom = degrees
    halfWidth = StudentT(degreesOfFreedom: degrees).quantile((1 + confidence) / 2) * (a + b).squareRoot()
  }
}
