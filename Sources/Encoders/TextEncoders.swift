import Autograd
import Graphs
import Kernels
import Layers

/// A transformer on tokens; a text's vector is read off by ``readout``.
struct TransformerTextEncoder: ModalityEncoder {
  let network: TextTransformer
  let readout: TextTransformer.Readout

  var parts: [ModulePart] { network.parts }
  var width: Int { network.options.dimensions }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    let (tokens, isReal, batch) = input.texts
    let found = network(tokens, batch: batch, isReal: isReal, in: pass)
    return Encoding(
      vector: TextTransformer.read(found, readout, isReal: isReal), parts: found, isReal: isReal)
  }

  func described(_ input: GraphValue) -> DescribedEncoding {
    let isReal = input.equals(integer: 0).negated
    let found = network.described(input, isReal: isReal)
    let vector = TextTransformer.describedRead(found, readout, isReal: isReal, length: network.options.length)
    return DescribedEncoding(vector: vector, parts: found, isReal: isReal)
  }
}

/// A long short-term memory on tokens; its last state stands for a text.
struct RecurrentTextEncoder: ModalityEncoder {
  let network: LSTMTextEncoder
  let length: Int

  var parts: [ModulePart] { network.parts }
  var width: Int { network.outputDimensions }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    let (tokens, isReal, batch) = input.texts
    let states = network.states(tokens, batch: batch)
    return Encoding(vector: TextTransformer.read(states, .last, isReal: isReal), parts: states, isReal: isReal)
  }

  func described(_ input: GraphValue) -> DescribedEncoding {
    let isReal = input.equals(integer: 0).negated
    let states = network.described(input)
    return DescribedEncoding(
      vector: TextTransformer.describedRead(states, .last, isReal: isReal, length: length), parts: states,
      isReal: isReal)
  }
}

extension ModalityInput {
  /// The tokens of a modality of captions, for each whether it is one, and the number of texts.
  var texts: (tokens: [Int32], isReal: [Bool], batch: Int) {
    guard case .tokens(let tokens, let length) = self else {
      preconditionFailure("an encoder of tokens was given numbers")
    }
    return (tokens, tokens.map { $0 != 0 }, tokens.count / length)
  }
}

extension EncoderOptions {
  /// The encoder of texts of a length and vocabulary.
  func textEncoder(length: Int, vocabulary: Int, stream: inout RandomStream) -> any ModalityEncoder {
    switch textEncoder {
    case .transformer:
      var options = TextTransformer.Options()
      (options.vocabulary, options.length) = (vocabulary, length)
      (options.dimensions, options.layers) = (textDimensions, textLayers)
      (options.heads, options.dropout) = (textHeads, Float(textDropout))
      options.isCausal = causalText
      return TransformerTextEncoder(
        network: TextTransformer(
          options, embeddingDeviation: Float(embeddingDeviation), positionDeviation: Float(positionDeviation),
          stream: &stream),
        readout: textReadout)
    case .lstm:
      var options = LSTMTextEncoder.Options()
      (options.vocabulary, options.embeddingDimensions) = (vocabulary, textDimensions)
      options.dimensions = textDimensions
      return RecurrentTextEncoder(network: LSTMTextEncoder(options, stream: &stream), length: length)
    }
  }
}
