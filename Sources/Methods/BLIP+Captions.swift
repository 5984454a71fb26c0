import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import TextGeneration

/// Writing as captions of pictures, token by token.
///
/// Keys and values of what was written and of the picture are kept, so that a further token costs one position.
extension BLIP: CaptioningMethod {
  /// The pictures.
  public var describedModality: Int { image }

  /// All captions, where writing is learnt.
  public var writtenModalities: [Int] { options.weights.language > 0 ? captions : [] }

  /// Writes; where a caption becomes as long as the longest of the data can be, it may end, and no further token follows.
  public func captions(
    for pictures: ModalityInput, in place: Int, banned: Set<Int32>, options: DecodingOptions,
    using stream: inout RandomStream
  ) -> [WrittenText] {
    let decoder = network.texts
    var options = options
    options.maximumLength = min(options.maximumLength, max(1, decoder.options.length - 1))
    options.minimumLength = min(options.minimumLength, options.maximumLength)
    let writer = TextWriter(
      begin: SubwordTokeniser.begin, end: SubwordTokeniser.end, banned: banned.union([SubwordTokeniser.padding]))
    return Tape.withoutRecording {
      let states = self.pictures(pictures, by: network, in: .evaluation).states
      return writer.write(
        rows: states.shape[0], from: decoder.writing(about: states), by: WritingDecoder(texts: decoder),
        options: options, using: &stream)
    }
  }

  /// ln p of each token, all positions at once.
  public func tokenLogLikelihoods(
    of captions: ModalityInput, in place: Int, given pictures: ModalityInput
  ) -> [[Double]] {
    Tape.withoutRecording {
      let texts = CaptionBatch(captions)
      let states = decoded(
        texts, states: self.pictures(pictures, by: network, in: .evaluation).states, in: .evaluation)
      let words = texts.followers
      let losses = states.reshaped(to: [words.count, states.shape[2]])
        .linear(weight: network.texts.wordWeight, bias: network.texts.wordOffsets)
        .crossEntropy(targets: words.map { $0 ?? 0 }).values
      return (0..<texts.count).map { text in
        (text * texts.length..<(text + 1) * texts.length).compactMap { place in
          words[place].map { _ in -Double(losses[place]) }
        }
      }
    }
  }
}

/// The decoder as texts are written by it.
private struct WritingDecoder: NextTokenModel {
  let texts: MultimodalTextTransformer

  var vocabularySize: Int { texts.options.vocabulary }

  func advance(_ state: inout MultimodalTextTransformer.Writing, by tokens: [Int32]) -> Tensor {
    Tape.withoutRecording { texts.logits(&state, behind: tokens) }
  }

  func selecting(
    _ rows: [Int], of state: MultimodalTextTransformer.Writing
  ) -> MultimodalTextTransformer.Writing { state.gathering(rows) }
}
