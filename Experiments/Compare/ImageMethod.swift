import Autograd
import Encoders
import Layers

/// A method that knows images alone; its head is left out after training.
protocol ImageMethod: ComparedMethod {
  /// The encoders that are trained.
  var encoders: EncoderSet { get }
  /// The place of the images among the modalities.
  var image: Int { get }
}

extension ImageMethod {
  /// The encoder's vector at length 1.
  func representation(of members: [Int], _ inputs: [ModalityInput]) -> Tensor? {
    members == [image] ? features(of: image, inputs[image])?.l2Normalised() : nil
  }

  /// The encoder's vector.
  func features(of modality: Int, _ input: ModalityInput) -> Tensor? {
    modality == image ? encoders.encoding(of: image, input, in: .evaluation).vector : nil
  }
}
