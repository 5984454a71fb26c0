import Autograd
import Kernels
import Layers
import Objectives
import Training

/// Hinges to all other items of the batch (VSE0) or to the hardest (VSE++, Faghri et al., 2018); see ``VSE``.
struct VSEMethod: PairObjective {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// Which negatives count.
    enum Negatives: String, Codable, CaseIterable, Sendable {
      /// All.
      case all
      /// The hardest, after a warm-up with all.
      case hardest
    }

    /// Which negatives count.
    var negatives = Negatives.hardest
    /// α
    var margin = 0.2
    /// The steps in which `hardest` goes over from all negatives to the hardest.
    var warmupSteps = 0

    var requirements: [OptionRequirement] {
      [.positive("margin", margin), .count("warmupSteps", warmupSteps, atLeast: 0)]
    }
  }

  let options: Options
  private let method: VSE

  init(_ options: Options) {
    self.options = options
    method = VSE(.init(margin: Float(options.margin), warmupSteps: options.warmupSteps))
  }

  /// The sum over the batch is divided by its size, so that the learning rate means the same for every method.
  func loss(_ first: Tensor, _ second: Tensor, batch: ComparedBatch) -> Tensor {
    let sum =
      options.negatives == .all
      ? vseLoss(first, second, margin: Float(options.margin), hardest: false)
      : method.loss(first, second, step: batch.state.step).total
    return sum / Float(batch.count)
  }
}
