import Autograd
import Datasets
import Kernels
import Layers
import Objectives
import Options

/// Variance, invariance and covariance between two modalities behind an expander for each encoder (Bardes et al., 2022);
/// see ``VICReg``, whose options are among these.
///
/// Modalities are compared in the expanders' space, which is the only one that they share; probes read the encoders'
/// vectors, from which the expander is left out, as in the source.
public struct VICRegOptions: MethodOptions {
  /// `vicreg`
  public static var key: String { "vicreg" }
  /// In a few words.
  public static var summary: String { "variance, invariance and covariance, without negatives" }
  /// The publication.
  public static var source: String { "Bardes et al., ICLR 2022" }
  /// The file.
  public static var file: String? { #fileID }

  /// Weights, γ and ε.
  public var objective = VICReg.Options()
  /// The widths of the expander's layers, the last one that of representations: dense layers with batch norm and ReLU, and
  /// a dense one without a bias; none for one linear map to the width of a representation.
  public var expanderDimensions = [384, 384, 384]

  private enum CodingKeys: String, CodingKey { case expanderDimensions }

  /// The defaults: the source's form, whose expander is four times as wide as what it reads.
  public init() {}

  /// Reads the section.
  public init(from decoder: any Decoder) throws {
    objective = try VICReg.Options(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    expanderDimensions = try container.decodeIfPresent([Int].self, forKey: .expanderDimensions) ?? expanderDimensions
  }

  /// Writes the section.
  public func encode(to encoder: any Encoder) throws {
    try objective.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(expanderDimensions, forKey: .expanderDimensions)
  }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [
      .notNegative("invariance", objective.invariance), .notNegative("variance", objective.variance),
      .notNegative("covariance", objective.covariance), .notNegative("deviation", objective.deviation),
      .notNegative("epsilon", objective.epsilon), .widths("expanderDimensions", expanderDimensions),
    ]
  }

  /// A pair that an observation does not have is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The pairs.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] {
    ContrastedPairs.all.places(of: data.modalities)
  }

  /// Observations are not compared with each other.
  public func similarities(batch: Int) -> Double { 0 }

  /// Its halves are apart.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod {
    PairwiseAlignment<VICRegObjective>(self, &parts)
  }
}

private struct VICRegObjective: PairObjective {
  private let method: VICReg
  private let factor: Float
  let expanderDimensions: [Int]

  init(_ options: VICRegOptions) {
    let weights = options.objective
    method = VICReg(weights)
    factor = 1 / Float(max(weights.invariance, weights.variance, weights.covariance, 1e-6))
    expanderDimensions = options.expanderDimensions
  }

  /// Its terms speak of vectors of any length.
  var normalises: Bool { false }

  func loss(_ first: Tensor, _ second: Tensor, sharing: [Int]?, batch: TrainingBatch) -> Tensor {
    // Adam does not care, but clipping and the table of losses do.
    method.loss(first, second).total * factor
  }
}
