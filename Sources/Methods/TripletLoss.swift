import Autograd
import Datasets
import Kernels
import Layers
import Objectives
import Options

/// A margin to one semi-hard negative of the batch, both ways (Schroff et al., 2015); see ``Triplet``, whose options these are.
extension Triplet.Options: MethodOptions {
  /// `triplet`
  public static var key: String { "triplet" }
  /// In a few words.
  public static var summary: String { "a margin to one negative" }
  /// The publication.
  public static var source: String { "Schroff et al. (FaceNet), CVPR 2015" }
  /// The file.
  public static var file: String? { #fileID }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] { [.positive("margin", margin)] }

  /// A pair that an observation does not have is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The pairs.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] {
    ContrastedPairs.all.places(of: data.modalities)
  }

  /// Its halves are apart.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod {
    PairwiseAlignment<TripletObjective>(self, &parts)
  }
}

private struct TripletObjective: PairObjective {
  let method: Triplet

  init(_ options: Triplet.Options) { method = Triplet(options) }

  func loss(_ first: Tensor, _ second: Tensor, sharing: [Int]?, batch: TrainingBatch) -> Tensor {
    method.loss(first, second, sharing: sharing, using: &batch.streams["negatives"]).total
  }
}
