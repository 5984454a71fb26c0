import Autograd
import Datasets
import Encoders
import Kernels
import Layers

/// The networks of BLIP, and how pictures and texts are read by them.
extension BLIP {
  /// What the twin follows.
  struct Network: Module {
    let images: EncoderSet
    let texts: MultimodalTextTransformer
    let imageProjection: Linear
    let textProjection: Linear

    /// The text transformer and the projections.
    var ownParts: [ModulePart] {
      [
        .module("texts", texts), .module("imageProjection", imageProjection),
        .module("textProjection", textProjection),
      ]
    }
    var parts: [ModulePart] { [.module("encoders", images)] + ownParts }
  }

  static func texts(
    _ data: AlignedData, _ model: EncoderOptions, contextDimensions: Int, _ stream: inout RandomStream
  ) -> MultimodalTextTransformer {
    var sizes = MultimodalTextTransformer.Options()
    for place in data.captions {
      guard case .tokens(let length, let vocabulary) = data.modalities[place].kind else { continue }
      (sizes.length, sizes.vocabulary) = (length, vocabulary)
    }
    (sizes.dimensions, sizes.layers, sizes.heads) = (model.textDimensions, model.textLayers, model.textHeads)
    (sizes.contextDimensions, sizes.dropout) = (contextDimensions, Float(model.textDropout))
    return MultimodalTextTransformer(
      sizes, embeddingDeviation: Float(model.embeddingDeviation), positionDeviation: Float(model.positionDeviation),
      stream: &stream)
  }

  /// A picture's states, the vector of the whole before its parts, and its vector in the common space.
  func pictures(
    _ input: ModalityInput, by network: Network, in pass: ForwardPass
  ) -> (states: Tensor, vector: Tensor) {
    let found = network.images.encoding(of: image, input, in: pass)
    let whole = found.vector.reshaped(to: [found.vector.shape[0], 1, found.vector.shape[1]])
    let states = found.parts.shape[1] > 1 ? Tensor.concatenated([whole, found.parts], axis: 1) : whole
    return (states, network.imageProjection(found.vector).l2Normalised())
  }

  /// The state of a text's first token where it is read by itself.
  func textState(_ texts: CaptionBatch, by network: Network, in pass: ForwardPass) -> Tensor {
    network.texts(texts.tokens, batch: texts.count, isReal: texts.isReal, as: .text, in: pass)
      .selecting(0, axis: 1)
  }

  func textVector(_ texts: CaptionBatch, by network: Network, in pass: ForwardPass) -> Tensor {
    network.textProjection(textState(texts, by: network, in: pass)).l2Normalised()
  }
}
