import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives

/// What an encoder makes of a batch of items of one modality.
struct Encoding {
  /// One vector for each item, `[batch, width]`.
  let vector: Tensor
  /// The parts that it is made of, `[batch, parts, width]`; the vector itself where an encoder has none.
  let tokens: Tensor
  /// For each part whether it is one; nil where all are.
  let isReal: [Bool]?

  /// An encoding without parts.
  static func whole(_ vector: Tensor) -> Encoding {
    Encoding(vector: vector, tokens: vector.reshaped(to: [vector.shape[0], 1, vector.shape[1]]), isReal: nil)
  }
}

/// The encoders of all modalities; modalities of captions share one.
///
/// Every method of the comparison has the same ones with the same initial values for a seed.
struct EncoderSet: Module {
  private enum Encoder {
    case partwise(any PartwiseImageEncoder)
    case convolutional(ConvolutionalImageEncoder)
    case transformer(TextTransformer)
    case recurrent(LSTMTextEncoder)
    case layers(any ModalityTrunk)

    var module: any Module {
      switch self {
      case .partwise(let network): network
      case .convolutional(let network): network
      case .transformer(let network): network
      case .recurrent(let network): network
      case .layers(let network): network
      }
    }

    var width: Int {
      switch self {
      case .partwise(let network): network.outputDimensions
      case .convolutional(let network): network.outputDimensions
      case .transformer(let network): network.options.dimensions
      case .recurrent(let network): network.outputDimensions
      case .layers(let network): network.featureDimensions
      }
    }
  }

  /// The name of the encoder that modalities of captions share.
  static let captions = "captions"

  /// The modalities.
  let modalities: [Modality]
  /// The name of each modality's encoder.
  let names: [String]
  private let encoders: [(name: String, encoder: Encoder)]
  private let places: [Int]

  init(_ modalities: [Modality], settings: CompareSettings.ModelSettings, stream: inout RandomStream) {
    self.modalities = modalities
    var names: [String] = []
    var encoders: [(name: String, encoder: Encoder)] = []
    var places: [Int] = []
    for modality in modalities {
      let name = if case .tokens = modality.kind { Self.captions } else { modality.name }
      names.append(name)
      if let known = encoders.firstIndex(where: { $0.name == name }) {
        places.append(known)
      } else {
        places.append(encoders.count)
        encoders.append((name, Self.encoder(modality.kind, settings, &stream)))
      }
    }
    (self.names, self.encoders, self.places) = (names, encoders, places)
  }

  private static func encoder(
    _ kind: ModalityKind, _ settings: CompareSettings.ModelSettings, _ stream: inout RandomStream
  ) -> Encoder {
    switch kind {
    case .image(let height, let width, let channels):
      switch settings.imageEncoder {
      case .vit:
        var options = VisionTransformer.Options()
        (options.imageSize, options.imageWidth) = (height, width == height ? nil : width)
        (options.patchSize, options.channels) = (settings.patchSize, channels)
        (options.dimensions, options.layers) = (settings.imageDimensions, settings.imageLayers)
        (options.heads, options.dropout) = (settings.imageHeads, Float(settings.dropout))
        return .partwise(VisionTransformer(options, stream: &stream))
      case .resnet:
        let widths = [settings.imageDimensions / 4, settings.imageDimensions / 2, settings.imageDimensions]
        return .partwise(ResNet(channels: channels, widths: widths, blocksPerStage: 1, stream: &stream))
      case .convolutional:
        var options = ConvolutionalImageEncoder.Options()
        (options.imageSize, options.imageWidth) = (height, width == height ? nil : width)
        (options.channels, options.dimensions) = (channels, settings.imageDimensions)
        return .convolutional(ConvolutionalImageEncoder(options, stream: &stream))
      }
    case .tokens(let length, let vocabulary):
      guard settings.textEncoder == .transformer else {
        var options = LSTMTextEncoder.Options()
        (options.vocabulary, options.embeddingDimensions) = (vocabulary, settings.textDimensions)
        options.dimensions = settings.textDimensions
        return .recurrent(LSTMTextEncoder(options, stream: &stream))
      }
      var options = TextTransformer.Options()
      (options.vocabulary, options.length) = (vocabulary, length)
      (options.dimensions, options.layers) = (settings.textDimensions, settings.textLayers)
      (options.heads, options.dropout) = (settings.textHeads, Float(settings.dropout))
      options.isCausal = false
      return .transformer(TextTransformer(options, embeddingDeviation: 0.02, stream: &stream))
    default:
      var options = TrunkOptions()
      options.vectorDimensions = settings.vectorDimensions
      return .layers(options.trunk(for: kind, stream: &stream))
    }
  }

  /// The encoders under their names.
  var parts: [ModulePart] { encoders.map { .module($0.name, $0.encoder.module) } }

  /// The width of each modality's vectors and parts.
  var widths: [Int] { places.map { encoders[$0].encoder.width } }

  /// The different encoders by name, with the width of what they give.
  var outputs: [(name: String, width: Int)] { encoders.map { ($0.name, $0.encoder.width) } }

  /// Encodes items of a modality.
  func encoding(of modality: Int, _ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    switch (encoders[places[modality]].encoder, input) {
    case (.partwise(let network), .numbers(let images)):
      let found = network.tokens(images, normalised: true, in: pass)
      return Encoding(vector: found.classToken, tokens: found.patches, isReal: nil)
    case (.convolutional(let network), .numbers(let images)): return .whole(network(images, in: pass))
    case (.recurrent(let network), .tokens(let tokens, let length)):
      let (batch, isReal) = (tokens.count / length, tokens.map { $0 != 0 })
      let states = network.states(tokens, batch: batch)
      return Encoding(vector: TextTransformer.read(states, .last, isReal: isReal), tokens: states, isReal: isReal)
    case (.transformer(let network), .tokens(let tokens, let length)):
      let isReal = tokens.map { $0 != 0 }
      let found = network(tokens, batch: tokens.count / length, isReal: isReal, in: pass)
      return Encoding(
        vector: TextTransformer.read(found, .mean, isReal: isReal), tokens: found, isReal: isReal)
    case (.layers(let network), _): return .whole(network.features(input, in: pass))
    default: preconditionFailure("EncoderSet: \(modalities[modality].name) was given items of another kind")
    }
  }
}
