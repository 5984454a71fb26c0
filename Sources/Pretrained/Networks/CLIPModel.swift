import Autograd
import Datasets
import Graphs
import Kernels
import Layers

/// CLIP (Radford et al., ICML 2021): a vision transformer and a causal text transformer, both pre-norm, projected into one
/// space.
///
///     picture  x = [class; patches] + positions;  x = blocks(norm(x));  z = norm(x₀) W
///     text     x = table[tokens] + positions;     x = blocks(x);        z = norm(x)_end W
public struct CLIPModel: Module {
  /// What the model is.
  public let configuration: CLIPConfiguration
  let patch: Linear
  let classToken: Parameter
  let imagePositions: Parameter
  let imageNorm: LayerNorm
  let imageTransformer: Transformer
  let imageProjection: Linear
  let embedding: Embedding
  let textPositions: Parameter
  let textTransformer: Transformer
  let textProjection: Linear
  /// The logarithm of what multiplies cosines.
  public let logScale: Parameter
  /// What is added to logits, of a model that was trained with one.
  public let logitBias: Float

  /// Both encoders and the scale.
  public var parts: [ModulePart] {
    [
      .module("image.patch", patch), .parameter("image.classToken", classToken),
      .parameter("image.positions", imagePositions), .module("image.norm", imageNorm),
      .module("image.transformer", imageTransformer), .module("image.projection", imageProjection),
      .module("text.embedding", embedding), .parameter("text.positions", textPositions),
      .module("text.transformer", textTransformer), .module("text.projection", textProjection),
      .parameter("logScale", logScale),
    ]
  }

  /// Representations of pictures, not normalised.
  ///
  /// Shapes: `[batch, side, side, 3]`, normalised as the model wants it → `[batch, dimensions]`.
  public func images(_ pictures: Tensor, in pass: ForwardPass = .evaluation) -> Tensor {
    let (size, grid, width) = (configuration.patchSize, configuration.grid, configuration.image.width)
    let side = configuration.picture.side
    precondition(
      pictures.rank == 4 && pictures.shape.dropFirst() == [side, side, 3],
      "CLIPModel: pictures of shape \(pictures.shape) for sides of \(side)")
    let batch = pictures.shape[0]
    let patches = pictures.reshaped(to: [batch, grid, size, grid, size * 3]).transposed([0, 1, 3, 2, 4])
      .reshaped(to: [batch, grid * grid, size * size * 3])
    let first = classToken.tensor + Tensor(repeating: 0, shape: [batch, 1, width])
    let tokens = Tensor.concatenated([first, patch(patches)], axis: 1) + imagePositions.tensor
    let stream = imageTransformer.residualStream(imageNorm(tokens), in: pass)
    return imageProjection(imageTransformer.norm(stream.selecting(0, axis: 1)))
  }

  /// Representations of texts, not normalised.
  ///
  /// What is behind the last end token of a batch is not computed, since no token looks ahead.
  ///
  /// Shapes: `batch · length` tokens → `[batch, dimensions]`.
  public func texts(_ tokens: [Int32], batch: Int, in pass: ForwardPass = .evaluation) -> Tensor {
    let length = batch > 0 ? tokens.count / batch : 0
    precondition(
      length > 0 && tokens.count == batch * length && length <= configuration.length,
      "CLIPModel: \(tokens.count) tokens of \(batch) texts, at most \(configuration.length) each")
    let ends = (0..<batch).map { end(of: tokens[$0 * length..<($0 + 1) * length]) }
    let used = (ends.max() ?? 0) + 1
    let kept = (0..<batch).flatMap { tokens[$0 * length..<$0 * length + used] }
    let width = configuration.text.width
    let embedded = embedding(kept).reshaped(to: [batch, used, width])
    let stream = textTransformer.residualStream(
      embedded + textPositions.tensor.slice(axis: 1, 0..<used), mask: AttentionMask(isCausal: true), in: pass)
    let rows = ends.enumerated().map { Int32($0 * used + $1) }
    return textProjection(textTransformer.norm(stream.reshaped(to: [batch * used, width]).gatheringRows(rows)))
  }

  /// Representations of pictures as operators, not normalised: `[batch, 3, side, side]` → `[batch, dimensions]`.
  public func describedImages(_ pictures: GraphValue) -> GraphValue {
    let tokens = pictures.patches(size: configuration.patchSize, channels: 3, weight: patch.weight.constant, bias: nil)
      .prepending(classToken.constant).adding(imagePositions.constant, named: "positions")
    let stream = imageTransformer.describedStream(imageNorm.described(tokens), mask: .none)
    return imageProjection.described(imageTransformer.norm.described(stream.selecting(0, axis: 1)))
  }

  /// Representations of texts as operators, not normalised: `[batch, length]` tokens → `[batch, dimensions]`.
  public func describedTexts(_ tokens: GraphValue) -> GraphValue {
    let placed = embedding.described(tokens).adding(textPositions.constant, named: "positions")
    let mask = GraphMask(tokens.builder, length: configuration.length, isCausal: true, allowedKeys: nil)
    let stream = textTransformer.describedStream(placed, mask: mask)
    let ends =
      switch configuration.readout {
      case .largest: tokens.firstGreatest(isInteger: true)
      case .token(let token): tokens.equals(integer: Int(token)).cast(to: .float).firstGreatest(isInteger: false)
      }
    return textProjection.described(textTransformer.norm.described(stream.gathering(ends)))
  }

  /// Where the token that stands for a text is; the first one where the text has none.
  private func end(of tokens: ArraySlice<Int32>) -> Int {
    let token: Int32? =
      switch configuration.readout {
      case .largest: tokens.max()
      case .token(let token): token
      }
    return token.flatMap { tokens.firstIndex(of: $0) }.map { $0 - tokens.startIndex } ?? 0
  }
}
