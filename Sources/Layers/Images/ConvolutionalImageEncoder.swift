import Autograd
import Graphs
import Kernels

/// A plain convolutional network for small images, as tutorials have it.
///
///     two of [3×3 convolution, ReLU, 2×2 max pooling], then a dense layer
///
/// A side that is odd loses its last row or column in pooling. Shapes: `[batch, height, width, channels]` → `[batch, d]`.
public struct ConvolutionalImageEncoder: Layer {
  /// Sizes.
  public struct Options: Codable, Equatable, Sendable {
    /// The height of an image, and its width unless that is named.
    public var imageSize = 32
    /// The width of an image that is not square.
    public var imageWidth: Int?
    /// The channels of an image.
    public var channels = 3
    /// The channels of the first block.
    public var firstWidth = 32
    /// The channels of the second block.
    public var secondWidth = 64
    /// d, the width of what comes out.
    public var dimensions = 128

    /// Sizes for images of 32×32.
    public init() {}
  }

  /// The sizes.
  public let options: Options
  /// The first convolution.
  public let first: Conv2d
  /// The second convolution.
  public let second: Conv2d
  /// The dense layer.
  public let projection: Linear

  /// Creates a network.
  public init(_ options: Options = Options(), stream: inout RandomStream) {
    let (height, width) = (options.imageSize, options.imageWidth ?? options.imageSize)
    precondition(height >= 4 && width >= 4, "ConvolutionalImageEncoder: images of \(height) × \(width) are too small")
    self.options = options
    first = Conv2d(options.channels, options.firstWidth, kernel: 3, padding: 1, stream: &stream)
    second = Conv2d(options.firstWidth, options.secondWidth, kernel: 3, padding: 1, stream: &stream)
    // Each pooling halves an image, rounding down.
    projection = Linear(
      options.secondWidth * (height / 2 / 2) * (width / 2 / 2), options.dimensions, stream: &stream)
  }

  /// The width of what comes out.
  public var outputDimensions: Int { options.dimensions }

  /// Convolutions and dense layer.
  public var parts: [ModulePart] {
    [.module("first", first), .module("second", second), .module("projection", projection)]
  }

  /// The vectors of images; they are the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    precondition(
      input.rank == 4
        && input.shape.dropFirst() == [
          options.imageSize, options.imageWidth ?? options.imageSize, options.channels,
        ],
      "ConvolutionalImageEncoder: images of shape \(input.shape) for \(options)")
    let map = second(first(input).relu().maxPooled(window: 2)).relu().maxPooled(window: 2)
    return projection(map.flattened())
  }

  /// The layers in order.
  public func described(_ input: GraphValue) -> GraphValue {
    let half = first.described(input).relu().maxPooled(window: 2, stride: 2)
    let map = second.described(half).relu().maxPooled(window: 2, stride: 2)
    return projection.described(map.flattened())
  }
}
