import Autograd
import Encoders
import Kernels
import Layers
import Objectives

/// SimCLR on images alone (Chen et al., 2020): two views of an image against the batch; see ``ntXent``.
struct SimCLRMethod: ImageMethod {
  /// Settings.
  struct Options: Codable, Equatable, Sendable {
    /// τ
    var temperature = 0.5
    /// The hidden width of the head, which is left out after training.
    var headDimensions = 128

    var requirements: [OptionRequirement] {
      [.positive("temperature", temperature), .count("headDimensions", headDimensions)]
    }
  }

  let options: Options
  let encoders: EncoderSet
  let image: Int
  let head: MLP

  init(_ options: Options, _ setting: inout MethodSetting) {
    guard let image = setting.data.image else { preconditionFailure("SimCLRMethod: data without images") }
    self.options = options
    self.image = image
    encoders = setting.encoders
    head = MLP(
      widths: [encoders.widths[image], options.headDimensions, setting.model.dimensions], activation: .relu,
      stream: &setting.stream)
  }

  var parts: [ModulePart] { [.module("head", head)] }

  func loss(of batch: ComparedBatch, in pass: ForwardPass) -> LossTerms {
    func projected() -> Tensor {
      head(encoders.encoding(of: image, batch.imageViews(), in: pass).vector).l2Normalised()
    }
    return LossTerms(summing: [
      ("image intra", ntXent(projected(), projected(), temperature: Float(options.temperature)))
    ])
  }
}
