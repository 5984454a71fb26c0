import Autograd
import Kernels
import Layers
import Objectives
import Training

/// A margin to one negative of the batch, both ways (Schroff et al., 2015); see ``Triplet``.
struct TripletMethod: PairObjective {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// α, between the distances of representations of length 1.
    var margin = 0.2

    var requirements: [OptionRequirement] { [.positive("margin", margin)] }
  }

  let method: Triplet

  init(_ options: Options) { method = Triplet(.init(margin: Float(options.margin))) }

  func loss(_ first: Tensor, _ second: Tensor, batch: ComparedBatch) -> Tensor {
    method.loss(first, second, using: &batch.state[stream: "negatives"]).total
  }
}
