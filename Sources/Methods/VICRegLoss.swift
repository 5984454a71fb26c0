import Autograd
import Kernels
import Layers
import Objectives
import Options

/// Variance, invariance and covariance between two modalities (Bardes et al., 2022); see ``VICReg``, whose options these
/// are.
extension VICReg.Options: MethodOptions {
  /// `vicreg`
  public static var key: String { "vicreg" }
  /// In a few words.
  public static var summary: String { "variance, invariance and covariance, without negatives" }
  /// The publication.
  public static var source: String { "Bardes et al., ICLR 2022" }
  /// The file.
  public static var file: String? { #fileID }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .notNegative("invariance", invariance), .notNegative("variance", variance),
      .notNegative("covariance", covariance), .notNegative("deviation", deviation), .notNegative("epsilon", epsilon),
    ]
  }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod {
    PairwiseAlignment<VICRegObjective>(self, &parts)
  }
}

private struct VICRegObjective: PairObjective {
  private let method: VICReg
  private let factor: Float

  init(_ options: VICReg.Options) {
    method = VICReg(options)
    factor = 1 / Float(max(options.invariance, options.variance, options.covariance, 1e-6))
  }

  /// Its terms speak of vectors of any length.
  var normalises: Bool { false }

  func loss(_ first: Tensor, _ second: Tensor, sharing: [Int]?, batch: TrainingBatch) -> Tensor {
    // Adam does not care, but clipping and the table of losses do.
    method.loss(first, second).total * factor
  }
}
