import Autograd
import Foundation
import Kernels

/// A distribution of codes whose coordinates are independent: normal, or Laplace.
///
/// The log variance of a normal distribution is ln σ²; that of a Laplace one is s with b = d · softmax(s) + 10⁻⁶ over its d
/// coordinates, whose scales so sum to d (Shi et al., NeurIPS 2019, and their official code).
public struct LatentDistribution {
  /// The form of each coordinate.
  public enum Form: String, Codable, CaseIterable, Sendable {
    /// exp(−(z − μ)² / 2σ²) / √(2π σ²)
    case normal
    /// exp(−|z − μ| / b) / 2b
    case laplace
  }

  /// The form.
  public let form: Form
  /// μ, `[…, d]`.
  public let mean: Tensor
  /// What the scale is made of, `[…, d]`.
  public let logVariance: Tensor

  /// Describes distributions, one for each row.
  public init(_ form: Form = .normal, mean: Tensor, logVariance: Tensor) {
    precondition(
      mean.shape == logVariance.shape,
      "LatentDistribution: means of shape \(mean.shape), log variances of \(logVariance.shape)")
    (self.form, self.mean, self.logVariance) = (form, mean, logVariance)
  }

  /// σ of a normal distribution, b of a Laplace one.
  public var scale: Tensor {
    switch form {
    case .normal: (logVariance * 0.5).exp()
    case .laplace: logVariance.softmax() * Float(logVariance.shape.last ?? 1) + 1e-6
    }
  }

  /// The same, constant for gradients.
  public var detached: LatentDistribution {
    LatentDistribution(form, mean: mean.detached, logVariance: logVariance.detached)
  }

  /// Codes μ + scale · noise, where noise is standard of the form.
  ///
  /// Shapes: noise `[…, d]` with any axes before → the same.
  public func samples(_ noise: Tensor) -> Tensor { mean + scale * noise }

  /// ln of the density at codes, summed over the coordinates, `[…, d]` → `[…]`.
  public func logDensity(_ codes: Tensor) -> Tensor {
    let scale = scale
    let distance = (codes - mean) / scale
    switch form {
    case .normal:
      return (distance.squared() * -0.5 - (scale.log() + 0.5 * Float(log(2 * Double.pi)))).sum(axis: -1)
    case .laplace: return (-distance.magnitude() - (scale * 2).log()).sum(axis: -1)
    }
  }

  /// Standard noise of the form.
  ///
  /// - Parameters:
  ///   - shape: rows of a batch, or blocks of them: `[…, rows, d]`.
  ///   - stream: within a window each row draws the numbers of its place in the whole batch.
  public static func noise(_ form: Form, shape: [Int], using stream: inout RandomStream) -> Tensor {
    let count = shape.reduce(1, *)
    let block = stream.window == nil ? count : shape.suffix(2).reduce(1, *)
    // Draws of 64 bits for each number.
    let draws = form == .normal ? 2 : 1
    var values: [Float] = []
    values.reserveCapacity(count)
    while values.count < count {
      var own = stream
      own.position = stream.take(block * draws)
      for _ in 0..<block { values.append(form == .normal ? own.normal() : own.laplace()) }
    }
    return Tensor(values, shape: shape)
  }
}

extension RandomStream {
  /// A number of the standard Laplace distribution, of one draw: the inverse of the distribution function. A draw lies in
  /// 0..<1, so that 1 − |…| is never 0.
  fileprivate mutating func laplace() -> Float {
    let draw = Double(uniform()) - 0.5
    return Float((draw < 0 ? 1.0 : -1.0) * Foundation.log(max(1 - 2 * abs(draw), 1e-12)))
  }
}

// MARK: - Normal distributions

extension LatentDistribution {
  /// KL(q ‖ N(0, 1)), `[…, d]` → `[…]`.
  public var divergenceFromStandard: Tensor {
    precondition(form == .normal, "LatentDistribution: the closed form is of normal distributions")
    return (mean.squared() + logVariance.exp() - logVariance - 1).sum(axis: -1) * 0.5
  }

  /// KL(q ‖ other), `[…, d]` → `[…]`.
  public func divergence(from other: LatentDistribution) -> Tensor {
    precondition(form == .normal && other.form == .normal, "LatentDistribution: the closed form is of normal ones")
    let inverse = (-other.logVariance).exp()
    let distance = (mean - other.mean).squared()
    return ((logVariance.exp() + distance) * inverse + other.logVariance - logVariance - 1).sum(axis: -1) * 0.5
  }

  /// The product of normal experts, scaled to be a density: precisions add up, means are weighed by them.
  ///
  ///     T = Σ_m w_m / σ_m² [+ 1],   μ = Σ_m w_m μ_m / σ_m² / T,   σ² = 1 / T
  ///
  /// - Parameters:
  ///   - weights: for each expert `[rows, 1]`, 1 where it takes part and 0 where not; nil where it does in all rows.
  ///   - prior: the weight of the standard normal distribution, `[rows, 1]`; nil leaves it out. A row whose weights are
  ///     all 0 must have it.
  public static func product(
    of experts: [LatentDistribution], weights: [Tensor?], prior: Tensor?
  ) -> LatentDistribution {
    precondition(!experts.isEmpty && experts.allSatisfy { $0.form == .normal }, "product: experts must be normal")
    precondition(weights.count == experts.count, "product: \(weights.count) weights of \(experts.count) experts")
    var (precision, weighted): (Tensor?, Tensor?) = (nil, nil)
    for (expert, weight) in zip(experts, weights) {
      var own = (-expert.logVariance).exp()
      if let weight { own = own * weight }
      precision = precision.map { $0 + own } ?? own
      weighted = weighted.map { $0 + own * expert.mean } ?? own * expert.mean
    }
    guard var total = precision, let sum = weighted else { preconditionFailure("product: no expert") }
    if let prior { total = total + prior }
    return LatentDistribution(mean: sum / total, logVariance: -total.log())
  }
}
