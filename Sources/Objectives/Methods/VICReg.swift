import Autograd
import Kernels
import Layers

/// Draws pairs together while each dimension keeps its spread and tells something of its own (Bardes et al., 2022).
///
///     loss = λ s(X, Y) + μ (v(X) + v(Y)) + ν (c(X) + c(Y))
///     s    = mean_ij (X_ij − Y_ij)²
///     v(X) = mean_j max(0, γ − √(Var_j X + ε))
///     c(X) = 1/d Σ_{j ≠ k} Cov_jk(X)²
///
/// Variance and covariance are the unbiased ones, over the batch. No representation is a negative of another, so rows
/// need not have length 1. *Deviation*: s is a mean over dimensions, as in the official code, where the paper has their
/// sum; the official code halves the variance term, which the paper (Eq. 6) and this do not: its μ = 25 is 12.5 here.
public struct VICReg: Sendable {
  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// λ, of the distance within pairs.
    public var invariance: Double = 25
    /// μ, of each side's hinges on its deviations.
    public var variance: Double = 25
    /// ν, of each side's covariances.
    public var covariance: Double = 1
    /// γ, the deviation that each dimension should have.
    public var deviation = 1.0
    /// ε, added to the variance under the root.
    public var epsilon = 1e-4

    /// The weights of the paper.
    public init() {}

    /// Creates settings.
    public init(
      invariance: Double, variance: Double, covariance: Double, deviation: Double = 1,
      epsilon: Double = 1e-4
    ) {
      self.invariance = invariance
      self.variance = variance
      self.covariance = covariance
      self.deviation = deviation
      self.epsilon = epsilon
    }
  }

  /// The settings in use.
  public let options: Options

  /// Creates the method.
  public init(_ options: Options = Options()) { self.options = options }

  /// The loss of a batch of pairs, with the terms `invariance`, `variance` and `covariance`.
  ///
  /// Shapes: `x`, `y [batch, d]`, a batch of at least two.
  public func loss(_ x: Tensor, _ y: Tensor) -> LossTerms {
    precondition(
      x.shape == y.shape && x.rank == 2 && x.shape[0] > 1 && x.shape[1] > 0,
      "VICReg: shapes \(x.shape) and \(y.shape); both must be alike, with two rows at least")
    let (a, b) = (centred(x), centred(y))
    return LossTerms(summing: [
      ("invariance", (x - y).squared().mean() * Float(options.invariance)),
      ("variance", (spreadHinge(a) + spreadHinge(b)) * Float(options.variance)),
      ("covariance", (redundancy(a) + redundancy(b)) * Float(options.covariance)),
    ])
  }

  private func centred(_ x: Tensor) -> Tensor { x - x.mean(axis: 0, keepingAxis: true) }

  /// v of centred rows.
  private func spreadHinge(_ centred: Tensor) -> Tensor {
    let variance = centred.squared().sum(axis: 0) / Float(centred.shape[0] - 1)
    return (Float(options.deviation) - (variance + Float(options.epsilon)).squareRoot()).relu().mean()
  }

  /// c of centred rows.
  private func redundancy(_ centred: Tensor) -> Tensor {
    let width = centred.shape[1]
    let covariance = centred.multiplied(by: centred, transposed: true) / Float(centred.shape[0] - 1)
    var others = [Float](repeating: 1, count: width * width)
    for i in 0..<width { others[i * (width + 1)] = 0 }
    return (covariance * Tensor(others, shape: [width, width])).squared().sum() / Float(width)
  }
}
