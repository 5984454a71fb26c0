import Foundation

/// Student's t distribution.
public struct StudentT: Sendable {
  /// The degrees of freedom.
  public let degreesOfFreedom: Double

  /// Creates the distribution with a positive number of degrees of freedom.
  public init(degreesOfFreedom: Double) {
    precondition(degreesOfFreedom > 0, "Student's t: \(degreesOfFreedom) degrees of freedom are not positive")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// The probability of a value of at most `t`.
  ///
  ///     P(T ≤ t) = 1 − ½ I_x(ν/2, ½) for t ≥ 0,   x = ν / (ν + t²)
  ///
  /// where `I` is the regularised incomplete beta function.
  public func cumulative(_ t: Double) -> Double { t < 0 ? tail(-t) : 1 - tail(t) }

  /// The value that is not exceeded with a probability strictly between 0 and 1, found by bisection.
  public func quantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "Student's t: the quantile of \(probability) is undefined")
    guard probability != 0.5 else { return 0 }
    let target = min(probability, 1 - probability)
    var (low, high) = (0.0, 1.0)
    while tail(high) > target { (low, high) = (high, high * 2) }
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if tail(middle) > target { low = middle } else { high = middle }
    }
    return probability < 0.5 ? -high : high
  }

  /// The probability of a value above `t ≥ 0`.
  private func tail(_ t: Double) -> Double {
    let x = degreesOfFreedom / (degreesOfFreedom + t * t)
    return regularisedIncompleteBeta(x, complement: t * t / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2
  }
}

/// The regularised incomplete beta function `I_x(a, b)`; `complement` is `1 − x`, given without cancellation.
///
/// By the continued fraction of DLMF 8.17.22, evaluated by Lentz's method, where it converges fast, and by
/// `I_x(a, b) = 1 − I_{1−x}(b, a)` elsewhere.
func regularisedIncompleteBeta(_ x: Double, complement: Double, _ a: Double, _ b: Double) -> Double {
  guard x > 0 else { return 0 }
  guard complement > 0 else { return 1 }
  guard x <= (a + 1) / (a + b + 2) else { return 1 - regularisedIncompleteBeta(complement, complement: x, b, a) }
  let inverseOfBeta: Double = lgamma(a + b) - lgamma(a) - lgamma(b)
  let front: Double = exp(inverseOfBeta + a * log(x) + b * log(complement)) / a
  let tiny = 1e-300
  func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / kept(1 - (a + b) * x / (a + 1))
  var fraction = d
  for step in 1...10_000 {
    let m = Double(step)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / kept(1 + even * d)
    c = kept(1 + even / c)
    fraction *= c * d
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / kept(1 + odd * d)
    c = kept(1 + odd / c)
    fraction *= c * d
    if abs(c * d - 1) < 1e-16 { break }
  }
  return front * fraction
}
