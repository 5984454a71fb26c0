/// The difference of two means over repeated runs, with what an interval, a test and a plan for more runs need of it.
///
///     d ± t_{(1 + confidence)/2, ν} · s
public struct MeanDifference: Equatable, Codable, Sendable {
  /// How the standard error was found.
  public enum Method: String, Codable, Sendable {
    /// From the differences of runs that share a seed: `s² = var(x − y) / n`, `ν = n − 1`.
    case paired
    /// From two samples by themselves: `s² = var(x) / n + var(y) / m`, `ν` by Satterthwaite's formula (Welch, 1947).
    case independent
    /// Not at all: one run leaves nothing to judge by.
    case none
  }

  /// The mean of the first less the mean of the second.
  public let mean: Double
  /// How the standard error was found.
  public let method: Method
  /// s, of the mean difference; `nil` where there is none.
  public private(set) var standardError: Double?
  /// ν; `nil` where nothing scatters.
  public private(set) var degreesOfFreedom: Double?
  /// The standard deviation of what one run of each adds, `√n · s`; `nil` where there is none.
  public let spread: Double?
  /// The number of runs of each; of unlike numbers the smaller.
  public let count: Int
  /// The part of s² that is of the test items, which more runs do not lessen; `nil` where only runs were a sample.
  public private(set) var itemVariance: Double?
  /// The number of families of test items; `nil` where only runs were a sample.
  public private(set) var families: Int?
  /// The greatest value that was compared, what rounding is measured by.
  private let magnitude: Double

  private init(
    mean: Double, method: Method, error: Double?, degrees: Double?, spread: Double?, count: Int, magnitude: Double
  ) {
    self.mean = mean
    self.method = error == nil ? .none : method
    (standardError, degreesOfFreedom, self.spread) = (error, degrees, spread)
    (self.count, self.magnitude) = (count, magnitude)
  }

  /// Compares runs that belong together one by one; `nil` without runs.
  public init?(paired first: [Double], _ second: [Double]) {
    guard let estimate = Estimate.difference(first, second) else { return nil }
    let error = estimate.standardDeviation.map { $0 / Double(estimate.count).squareRoot() }
    self.init(
      mean: estimate.mean, method: .paired, error: error, degrees: error.map { _ in Double(estimate.count - 1) },
      spread: estimate.standardDeviation, count: estimate.count, magnitude: Self.magnitude(first + second))
  }

  /// Compares two samples that have nothing in common; `nil` where one is empty.
  public init?(independent first: [Double], _ second: [Double]) {
    guard let x = Estimate(of: first), let y = Estimate(of: second) else { return nil }
    var (error, degrees, spread): (Double?, Double?, Double?)
    if let xDeviation = x.standardDeviation, let yDeviation = y.standardDeviation {
      let (xVariance, yVariance) = (xDeviation * xDeviation, yDeviation * yDeviation)
      error = (xVariance / Double(x.count) + yVariance / Double(y.count)).squareRoot()
      spread = (xVariance + yVariance).squareRoot()
      degrees = WelchDifference(first, second)?.degreesOfFreedom
    }
    self.init(
      mean: x.mean - y.mean, method: .independent, error: error, degrees: degrees, spread: spread,
      count: min(x.count, y.count), magnitude: Self.magnitude(first + second))
  }

  /// The difference with an error that counts the test items as a sample, too.
  ///
  /// ν is Satterthwaite's for the runs' and the items' part, of which the items' has one less than the number of families.
  /// One run leaves no interval with items either.
  public func counting(_ variance: CrossedBootstrap.Variance) -> MeanDifference {
    guard let standardError, standardError.isFinite else { return self }
    let own = standardError * standardError
    let items = max(0, variance.items)
    guard own + items > 0 else { return self }
    let parts = own * own / (degreesOfFreedom ?? .infinity) + items * items / Double(variance.families - 1)
    var counted = self
    counted.itemVariance = items
    counted.families = variance.families
    counted.standardError = (own + items).squareRoot()
    counted.degreesOfFreedom = (own + items) * (own + items) / parts
    return counted
  }

  private static func magnitude(_ values: [Double]) -> Double { values.reduce(0) { max($0, abs($1)) } }

  /// Whether runs scatter by more than rounding leaves; differences that agree to the last digit, as small counts do,
  /// say little.
  public var scatters: Bool {
    guard let standardError, standardError.isFinite else { return false }
    return standardError > 1e-9 * max(magnitude, abs(mean))
  }

  /// Half of the width of the interval; `nil` where there is none.
  public func halfWidth(confidence: Double = 0.95) -> Double? {
    guard let standardError else { return nil }
    if standardError == 0 { return 0 }
    guard standardError.isFinite, let degreesOfFreedom else { return .nan }
    return StudentT(degreesOfFreedom: degreesOfFreedom).quantile((1 + confidence) / 2) * standardError
  }

  /// The two-sided probability of a mean at least as far from a value, were that the true difference; `nil` where runs
  /// do not scatter.
  public func probability(of value: Double = 0) -> Double? {
    guard scatters, let standardError, let degreesOfFreedom, mean.isFinite else { return nil }
    return 2 * StudentT(degreesOfFreedom: degreesOfFreedom).cumulative(-abs(mean - value) / standardError)
  }
}
