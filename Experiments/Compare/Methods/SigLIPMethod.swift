import Autograd
import Foundation
import Kernels
import Layers
import Objectives

/// SigLIP (Zhai et al., 2023): every pair of a batch is a decision of its own; see ``sigmoidLoss``.
struct SigLIPMethod: PairObjective {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// What multiplies similarities at first.
    var scale = 10.0
    /// What is added to them at first.
    var bias = -10.0

    var requirements: [OptionRequirement] {
      [.positive("scale", scale), OptionRequirement("bias", bias.isFinite, "must be a number")]
    }
  }

  let logScale: Parameter
  let bias: Parameter

  init(_ options: Options) {
    logScale = Parameter(Tensor(Float(log(options.scale))))
    bias = Parameter(Tensor(Float(options.bias)))
  }

  var parts: [ModulePart] { [.parameter("logScale", logScale), .parameter("bias", bias)] }

  func loss(_ first: Tensor, _ second: Tensor, batch: ComparedBatch) -> Tensor {
    sigmoidLoss(first, second, logScale: cappedLogScale(logScale.tensor), bias: bias.tensor)
  }
}
