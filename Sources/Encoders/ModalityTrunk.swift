import Autograd
import Datasets
import Kernels
import Layers

/// The part of an encoder that suits a kind of modality, up to a vector of features.
public protocol ModalityTrunk: Module {
  /// The width of the features.
  var featureDimensions: Int { get }
  /// The features of a batch, `[batch, featureDimensions]`.
  func features(_ input: ModalityInput, in pass: ForwardPass) -> Tensor
}

/// A trunk of layers on numbers.
public struct LayeredTrunk: ModalityTrunk {
  let layers: Sequential
  /// The width of the features.
  public let featureDimensions: Int

  /// Its layers.
  public var parts: [ModulePart] { layers.parts }

  /// The features of a batch, `[batch, featureDimensions]`.
  public func features(_ input: ModalityInput, in pass: ForwardPass) -> Tensor {
    guard case .numbers(let tensor) = input else { preconditionFailure("a trunk for numbers was given tokens") }
    return layers(tensor, in: pass)
  }
}

/// A transformer on tokens; its features are the mean over the tokens that are not padding.
public struct TextTrunk: ModalityTrunk {
  let embedding: Embedding
  let positions: Parameter
  let transformer: Transformer
  /// The width of the features.
  public let featureDimensions: Int

  init(length: Int, vocabulary: Int, options: TrunkOptions, stream: inout RandomStream) {
    featureDimensions = options.textDimensions
    embedding = Embedding(
      vocabulary: vocabulary, dimensions: featureDimensions, deviation: 0.02, stream: &stream)
    positions = Parameter(Initialiser.normal([length, featureDimensions], deviation: 0.01, &stream))
    transformer = Transformer(
      layers: options.textLayers, dimensions: featureDimensions, heads: options.textHeads,
      dropout: Float(options.textDropout), stream: &stream)
  }

  /// Its layers.
  public var parts: [ModulePart] {
    [.module("embedding", embedding), .parameter("positions", positions), .module("transformer", transformer)]
  }

  /// The features of a batch, `[batch, featureDimensions]`.
  public func features(_ input: ModalityInput, in pass: ForwardPass) -> Tensor {
    guard case .tokens(let tokens, let length) = input else {
      preconditionFailure("a trunk for tokens was given numbers")
    }
    let batch = tokens.count / length
    let isWord = tokens.map { $0 != 0 }
    let embedded = embedding(tokens).reshaped(to: [batch, length, featureDimensions]) + positions.tensor
    let encoded = transformer(embedded, mask: AttentionMask(allowedKeys: isWord), in: pass)
    // Each word's share in the mean; an empty text has none and gives 0.
    let shares = (0..<batch).flatMap { row -> [Float] in
      let words = isWord[row * length..<(row + 1) * length]
      let count = Float(max(1, words.lazy.filter { $0 }.count))
      return words.map { $0 ? 1 / count : 0 }
    }
    return (encoded * Tensor(shares, shape: [batch, length, 1])).sum(axis: 1)
  }
}

extension TrunkOptions {
  /// The trunk for a kind of modality.
  public func trunk(for kind: ModalityKind, stream: inout RandomStream) -> any ModalityTrunk {
    switch kind {
    case .image(let height, let width, let channels):
      switch imageEncoder {
      case .resnet:
        let network = ResNet(
          channels: channels, widths: imageWidths, blocksPerStage: imageBlocks, stream: &stream)
        return LayeredTrunk(layers: Sequential(network), featureDimensions: network.outputDimensions)
      case .convolutional: return convolutionalTrunk(height, width, channels, &stream)
      }
    case .spectrogram(let frames, let bands): return spectrogramTrunk(frames: frames, bands: bands, &stream)
    case .vector(let count): return perceptronTrunk([count] + vectorDimensions, .silu, &stream)
    case .tags(let count): return perceptronTrunk([count] + tagDimensions, .relu, &stream)
    case .tokens(let length, let vocabulary):
      return TextTrunk(length: length, vocabulary: vocabulary, options: self, stream: &stream)
    case .label(let count): return LayeredTrunk(layers: Sequential(), featureDimensions: count)
    }
  }
}

/// Conv(4, stride 2, 64) swish Conv(4, stride 2, 128) swish, flattened: the official code's image trunk.
private func convolutionalTrunk(
  _ height: Int, _ width: Int, _ channels: Int, _ stream: inout RandomStream
) -> LayeredTrunk {
  let layers = Sequential(
    Conv2d(channels, 64, kernel: 4, stride: 2, padding: 1, bias: false, stream: &stream), Activation.silu,
    Conv2d(64, 128, kernel: 4, stride: 2, padding: 1, bias: false, stream: &stream), Activation.silu, Flatten())
  // Each halves an image, rounding down where a side is odd.
  let (rows, columns) = (height / 2 / 2, width / 2 / 2)
  precondition(rows > 0 && columns > 0, "convolutional trunk: images of \(height) × \(width) are too small")
  return LayeredTrunk(layers: layers, featureDimensions: 128 * rows * columns)
}

/// Three convolutions along time with batch norm, the first over all bands: the official code's sound trunk.
private func spectrogramTrunk(frames: Int, bands: Int, _ stream: inout RandomStream) -> LayeredTrunk {
  let along = ImagePadding(vertical: 1, horizontal: 0)
  let layers = Sequential(
    Conv2d(1, 128, kernel: (1, bands), bias: false, stream: &stream), BatchNorm(128, rectified: true),
    Conv2d(128, 128, kernel: (4, 1), stride: (2, 1), padding: along, bias: false, stream: &stream),
    BatchNorm(128, rectified: true),
    Conv2d(128, 256, kernel: (4, 1), stride: (2, 1), padding: along, bias: false, stream: &stream),
    BatchNorm(256, rectified: true), Flatten())
  return LayeredTrunk(layers: layers, featureDimensions: 256 * (frames / 2 / 2))
}

/// Dense layers, each followed by a non-linearity.
private func perceptronTrunk(_ widths: [Int], _ activation: Activation, _ stream: inout RandomStream) -> LayeredTrunk {
  var layers: [any Layer] = []
  for (input, output) in zip(widths, widths.dropFirst()) {
    layers += [Linear(input, output, stream: &stream), activation]
  }
  return LayeredTrunk(layers: Sequential(layers), featureDimensions: widths[widths.count - 1])
}
