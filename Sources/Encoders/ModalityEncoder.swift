import Autograd
import Datasets
import Graphs
import Kernels
import Layers

/// What an encoder makes of a batch of items of one modality.
public struct Encoding {
  /// One vector for each item, `[batch, width]`.
  public let vector: Tensor
  /// The parts that it is made of, `[batch, parts, width]`; the vector itself where an encoder has none.
  public let parts: Tensor
  /// For each part whether it is one; nil where all are.
  public let isReal: [Bool]?

  /// Puts a vector and its parts together.
  public init(vector: Tensor, parts: Tensor, isReal: [Bool]? = nil) {
    (self.vector, self.parts, self.isReal) = (vector, parts, isReal)
  }

  /// An encoding without parts.
  public static func whole(_ vector: Tensor) -> Encoding {
    Encoding(vector: vector, parts: vector.reshaped(to: [vector.shape[0], 1, vector.shape[1]]))
  }
}

/// An encoding as operators of a graph.
public struct DescribedEncoding {
  /// One vector for each item, `[batch, width]`.
  public let vector: GraphValue
  /// The parts that it is made of, `[batch, parts, width]`.
  public let parts: GraphValue
  /// For each part whether it is one, `[batch, parts]`; nil where all are.
  public let isReal: GraphValue?

  /// Puts a vector and its parts together.
  init(vector: GraphValue, parts: GraphValue, isReal: GraphValue? = nil) {
    (self.vector, self.parts, self.isReal) = (vector, parts, isReal)
  }

  /// An encoding without parts.
  static func whole(_ vector: GraphValue) -> DescribedEncoding {
    DescribedEncoding(vector: vector, parts: vector.unsqueezed(1))
  }
}

/// A network that suits a kind of modality.
public protocol ModalityEncoder: Module {
  /// The width of the vector and of each part.
  var width: Int { get }

  /// Encodes a batch of items.
  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding

  /// Writes the encoding of a batch of items as operators, for other programs.
  func described(_ input: GraphValue) -> DescribedEncoding
}

extension ModalityEncoder {
  /// Refuses: an encoder that does not say what it does is not written.
  public func described(_ input: GraphValue) -> DescribedEncoding { .whole(input.refused(by: "\(Self.self)")) }
}

/// An encoder of layers on numbers, which sees an item as a whole.
struct LayeredEncoder: ModalityEncoder {
  let layers: Sequential
  let width: Int

  var parts: [ModulePart] { layers.parts }

  func encoding(_ input: ModalityInput, in pass: ForwardPass) -> Encoding {
    .whole(layers(input.tensor, in: pass))
  }

  func described(_ input: GraphValue) -> DescribedEncoding { .whole(layers.described(input)) }

  /// Dense layers, each followed by a non-linearity.
  static func perceptron(_ widths: [Int], _ activation: Activation, _ stream: inout RandomStream) -> LayeredEncoder {
    var layers: [any Layer] = []
    for (input, output) in zip(widths, widths.dropFirst()) {
      layers += [Linear(input, output, stream: &stream), activation]
    }
    return LayeredEncoder(layers: Sequential(layers), width: widths[widths.count - 1])
  }

  /// Three convolutions along time with batch norm, the first over all bands: GMC's official sound encoder.
  static func spectrogram(frames: Int, bands: Int, _ stream: inout RandomStream) -> LayeredEncoder {
    let along = ImagePadding(vertical: 1, horizontal: 0)
    let layers = Sequential(
      Conv2d(1, 128, kernel: (1, bands), bias: false, stream: &stream), BatchNorm(128, rectified: true),
      Conv2d(128, 128, kernel: (4, 1), stride: (2, 1), padding: along, bias: false, stream: &stream),
      BatchNorm(128, rectified: true),
      Conv2d(128, 256, kernel: (4, 1), stride: (2, 1), padding: along, bias: false, stream: &stream),
      BatchNorm(256, rectified: true), Flatten())
    return LayeredEncoder(layers: layers, width: 256 * (frames / 2 / 2))
  }
}

extension ModalityInput {
  /// The numbers of a modality that is not one of captions.
  var tensor: Tensor {
    guard case .numbers(let tensor) = self else { preconditionFailure("an encoder of numbers was given tokens") }
    return tensor
  }
}
