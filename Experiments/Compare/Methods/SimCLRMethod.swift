import Alignment
import Autograd
import Encoders
import Kernels
import Layers

/// SimCLR on images alone (Chen et al., 2020): two views of an image against the batch; see ``ntXent``.
struct SimCLRMethod: ComparedMethod {
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

  /// The encoder's vector, since the head is left out.
  func representation(of members: [Int], _ inputs: [ModalityInput]) -> Tensor? {
    members == [image] ? features(of: image, inputs[image])?.l2Normalised() : nil
  }

  func features(of modality: Int, _ input: ModalityInput) -> Tensor? {
    modality == image ? encoders.encoding(of: image, input, in: .evaluation).vector : nil
  }
}
