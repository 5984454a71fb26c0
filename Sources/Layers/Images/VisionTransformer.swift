import Autograd
import Graphs
import Kernels

/// A vision transformer (Dosovitskiy et al., 2021): square patches, a class token in front, learned positions, pre-norm
/// blocks.
///
/// Shapes: `[batch, height, width, channels]` → `[batch, 1 + patches, d]`, the class token first, patches row by row.
public struct VisionTransformer: Layer {
  /// Sizes.
  public struct Options: Codable, Equatable, Sendable {
    /// The height of an image, and its width unless that is named.
    public var imageSize = 32
    /// The width of an image that is not square.
    public var imageWidth: Int?
    /// The side of a square patch.
    public var patchSize = 4
    /// The channels of an image.
    public var channels = 3
    /// d, the width of a token.
    public var dimensions = 192
    /// The number of blocks.
    public var layers = 4
    /// The heads of each attention.
    public var heads = 3
    /// The probability of dropout on residual branches.
    public var dropout: Float = 0

    /// Sizes for images of 32×32.
    public init() {}

    /// The patches of an image, in rows and columns.
    public var grid: (rows: Int, columns: Int) { (imageSize / patchSize, (imageWidth ?? imageSize) / patchSize) }
  }

  /// Tokens of images.
  public struct Tokens {
    /// The class token behind the last norm, `[batch, d]`.
    public let classToken: Tensor
    /// The patches, `[batch, patches, d]`.
    public let patches: Tensor

    /// Puts both together.
    public init(classToken: Tensor, patches: Tensor) {
      self.classToken = classToken
      self.patches = patches
    }
  }

  /// The sizes.
  public let options: Options
  /// The dense layer over the numbers of a patch: a convolution whose stride is its kernel.
  public let patch: Linear
  /// The class token, `[1, 1, d]`.
  public let classToken: Parameter
  /// One vector for each position, `[1, 1 + patches, d]`.
  public let positions: Parameter
  /// The blocks and the last norm.
  public let transformer: Transformer

  /// Creates a network; class token and positions are normal with deviation 0.02.
  public init(_ options: Options = Options(), stream: inout RandomStream) {
    precondition(
      options.patchSize > 0 && options.imageSize > 0 && options.imageSize % options.patchSize == 0
        && (options.imageWidth ?? options.patchSize) % options.patchSize == 0,
      "VisionTransformer: patches of \(options.patchSize) do not fill an image of \(options.imageSize)"
        + (options.imageWidth.map { " × \($0)" } ?? ""))
    self.options = options
    let grid = options.grid
    patch = Linear(
      options.patchSize * options.patchSize * options.channels, options.dimensions, stream: &stream)
    classToken = Parameter(Initialiser.normal([1, 1, options.dimensions], deviation: 0.02, &stream))
    positions = Parameter(
      Initialiser.normal([1, 1 + grid.rows * grid.columns, options.dimensions], deviation: 0.02, &stream))
    transformer = Transformer(
      layers: options.layers, dimensions: options.dimensions, heads: options.heads, dropout: options.dropout,
      stream: &stream)
  }

  /// Patch embedding, class token, positions and blocks.
  public var parts: [ModulePart] {
    [
      .module("patch", patch), .parameter("classToken", classToken), .parameter("positions", positions),
      .module("transformer", transformer),
    ]
  }

  /// All tokens behind the last norm.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    transformer(embedded(input), in: pass)
  }

  /// Class token and patches apart.
  ///
  /// - Parameter normalised: whether the patches pass the last norm, too; the class token always does.
  public func tokens(_ input: Tensor, normalised: Bool = true, in pass: ForwardPass) -> Tokens {
    let stream = transformer.residualStream(embedded(input), in: pass)
    let behind = normalised ? transformer.norm(stream) : stream
    let first = behind.selecting(0, axis: 1)
    return Tokens(
      classToken: normalised ? first : transformer.norm(first), patches: behind.slice(axis: 1, 1..<behind.shape[1]))
  }

  /// All tokens behind the last norm, as operators.
  public func described(_ input: GraphValue) -> GraphValue {
    transformer.described(describedEmbedding(input), mask: .none)
  }

  /// Class token and patches apart, as operators.
  public func describedTokens(_ input: GraphValue, normalised: Bool) -> (classToken: GraphValue, patches: GraphValue) {
    let stream = transformer.describedStream(describedEmbedding(input), mask: .none)
    let behind = normalised ? transformer.norm.described(stream) : stream
    let first = behind.selecting(0, axis: 1)
    return (normalised ? first : transformer.norm.described(first), behind.slice(axis: 1, from: 1))
  }

  private func describedEmbedding(_ images: GraphValue) -> GraphValue {
    images.patches(
      size: options.patchSize, channels: options.channels, weight: patch.weight.constant, bias: patch.bias?.constant
    ).prepending(classToken.constant).adding(positions.constant, named: "positions")
  }

  private func embedded(_ images: Tensor) -> Tensor {
    let (size, grid) = (options.patchSize, options.grid)
    let width = options.imageWidth ?? options.imageSize
    precondition(
      images.rank == 4 && images.shape.dropFirst() == [options.imageSize, width, options.channels],
      "VisionTransformer: images of shape \(images.shape) for \(options)")
    let batch = images.shape[0]
    let row = size * options.channels
    let patches = images.reshaped(to: [batch, grid.rows, size, grid.columns, row]).transposed([0, 1, 3, 2, 4])
      .reshaped(to: [batch, grid.rows * grid.columns, size * row])
    let first = classToken.tensor + Tensor(repeating: 0, shape: [batch, 1, options.dimensions])
    // The embedding of patches is no layer that 8-bit integers serve.
    let embedded = ReducedInference.withoutIntegers { patch(patches) }
    return Tensor.concatenated([first, embedded], axis: 1) + positions.tensor
  }
}
