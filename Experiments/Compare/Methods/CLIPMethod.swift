import Autograd
import Foundation
import Kernels
import Layers
import Objectives
import Training

/// CLIP (Radford et al., 2021): symmetric cross-entropy over the pairs of a batch; see ``clipLoss``.
struct CLIPMethod: PairObjective {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// τ, which divides the similarities; its first value where it is learnt.
    var temperature = 0.07
    /// Whether τ is learnt.
    var learnsTemperature = true
    /// Whether both modalities are queries, or only the first of a pair.
    var direction = ContrastDirection.both
    /// ε, the share of a target that is spread over all items of the batch.
    var labelSmoothing = 0.0
    /// p, the share of a batch whose items of the second modality are those of other observations.
    var noise = 0.0

    var requirements: [OptionRequirement] {
      [
        .positive("temperature", temperature), .share("labelSmoothing", labelSmoothing), .share("noise", noise),
      ]
    }
  }

  let options: Options
  /// The logarithm of 1 / τ.
  let logScale: Parameter

  init(_ options: Options) {
    self.options = options
    logScale = Parameter(Tensor(Float(-log(options.temperature))))
    logScale.isTrainable = options.learnsTemperature
  }

  var parts: [ModulePart] { [.parameter("logScale", logScale)] }

  func partners(of batch: ComparedBatch) -> [Int]? {
    guard options.noise > 0 else { return nil }
    return CaptionNoise(share: options.noise).sources(count: batch.count, using: &batch.state[stream: "noise"])
  }

  func loss(_ first: Tensor, _ second: Tensor, batch: ComparedBatch) -> Tensor {
    clipLoss(
      first, second, logScale: cappedLogScale(logScale.tensor), smoothing: Float(options.labelSmoothing),
      direction: options.direction)
  }
}
