import Autograd
import Datasets
import Kernels
import Layers
import Objectives
import Options

/// Hinges to all other items of the batch (VSE0) or to the hardest (VSE++, Faghri et al., 2018); see ``VSE``, whose
/// options these are.
extension VSE.Options: MethodOptions {
  /// `vse`
  public static var key: String { "vse" }
  /// In a few words.
  public static var summary: String { "hinges to all negatives or to the hardest" }
  /// The publication.
  public static var source: String { "Faghri et al. (VSE++), BMVC 2018" }
  /// The file.
  public static var file: String? { #fileID }

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [.positive("margin", margin), .count("warmupSteps", warmupSteps, atLeast: 0)]
  }

  /// A pair that an observation does not have is left out.
  public func indispensable(in data: AlignedData) -> [Int] { [] }

  /// The pairs.
  public func contrasted(in data: AlignedData) -> [(first: Int, second: Int)] {
    ContrastedPairs.all.places(of: data.modalities)
  }

  /// The hardest form that never takes over.
  public func remarks(on training: TrainingLength) -> [String] {
    guard negatives == .hardest, warmupSteps > 0, warmupSteps >= training.steps else { return [] }
    return [
      "The hardest negatives never take over: method.vse.warmupSteps is \(warmupSteps), and the training has "
        + "\(training.text)."
    ]
  }

  /// Its halves are apart.
  public var indivisibility: String? { nil }

  /// Builds the method.
  public func make(_ parts: inout MethodParts) -> any AlignmentMethod {
    PairwiseAlignment<VSEObjective>(self, &parts)
  }
}

private struct VSEObjective: PairObjective {
  let method: VSE

  init(_ options: VSE.Options) { method = VSE(options) }

  /// The sum over the pairs is divided by their number, so that the learning rate means the same for every method.
  func loss(_ first: Tensor, _ second: Tensor, sharing: [Int]?, batch: TrainingBatch) -> Tensor {
    method.loss(first, second, step: batch.step, sharing: sharing).total / Float(first.shape[0])
  }
}
