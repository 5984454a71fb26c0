import Autograd
import Kernels
import Layers
import Objectives

/// Variance, invariance and covariance between two modalities (Bardes et al., 2022); see ``VICReg``.
struct VICRegMethod: PairObjective {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// λ, of the distance of pairs.
    var invariance = 25.0
    /// μ, of the spread of each number.
    var variance = 25.0
    /// ν, of the covariance of different numbers.
    var covariance = 1.0

    var requirements: [OptionRequirement] {
      [
        .notNegative("invariance", invariance), .notNegative("variance", variance),
        .notNegative("covariance", covariance),
      ]
    }
  }

  private let method: VICReg
  private let scale: Float

  init(_ options: Options) {
    method = VICReg(
      .init(
        invarianceWeight: Float(options.invariance), varianceWeight: Float(options.variance),
        covarianceWeight: Float(options.covariance)))
    scale = 1 / Float(max(options.invariance, options.variance, options.covariance, 1e-6))
  }

  /// Its terms speak of vectors of any length.
  var normalises: Bool { false }

  func loss(_ first: Tensor, _ second: Tensor, batch: ComparedBatch) -> Tensor {
    // Adam does not care, but clipping and the table of losses do.
    method.loss(first, second).total * scale
  }
}
