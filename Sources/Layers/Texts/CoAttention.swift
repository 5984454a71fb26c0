import Autograd
import Kernels

/// A connection layer of two streams (ViLBERT; Lu et al., NeurIPS 2019): each looks at the other, both at what comes in, and
/// then passes a perceptron of its own.
///
///     c_t = softmax(Q_t K_vᵀ / √(inner / heads) + mask_v) V_v,   c_v = softmax(Q_v K_tᵀ / √(inner / heads) + mask_t) V_t
///     x_s = norm(s + dropout(W_s c_s + b_s)),   s ← norm(x_s + dropout(W₂ gelu(W₁ x_s)))   for s = v, t
///
/// Shapes: vision `[batch, regions, v]` and text `[batch, tokens, t]` → the same.
public struct CoAttention: Module {
  /// How regions look at words.
  public let vision: PostNormBlock
  /// How words look at regions.
  public let text: PostNormBlock

  /// Creates a layer.
  ///
  /// - Parameters:
  ///   - vision: the width of the stream of regions, and inside its perceptron.
  ///   - text: the same of the stream of words.
  ///   - inner: the width of queries, keys and values.
  public init(
    vision: (dimensions: Int, hidden: Int), text: (dimensions: Int, hidden: Int), inner: Int, heads: Int,
    dropout: Float = 0, stream: inout RandomStream
  ) {
    self.vision = PostNormBlock(
      dimensions: vision.dimensions, context: text.dimensions, inner: inner, heads: heads, hidden: vision.hidden,
      dropout: dropout, stream: &stream)
    self.text = PostNormBlock(
      dimensions: text.dimensions, context: vision.dimensions, inner: inner, heads: heads, hidden: text.hidden,
      dropout: dropout, stream: &stream)
  }

  /// Both streams.
  public var parts: [ModulePart] { [.module("vision", vision), .module("text", text)] }

  /// The parameters of both streams.
  public typealias Weights = (vision: PostNormBlock.Weights, text: PostNormBlock.Weights)

  /// What is real of both streams; nil means all.
  public typealias Masks = (isRegion: [Bool]?, isWord: [Bool]?)

  /// Applies the layer to both streams.
  ///
  /// - Parameters:
  ///   - isRegion: for each region whether it is one; nil means all.
  ///   - isWord: for each token whether it is one; nil means all.
  public func callAsFunction(
    vision regions: Tensor, text words: Tensor, isRegion: [Bool]? = nil, isWord: [Bool]? = nil, in pass: ForwardPass
  ) -> (vision: Tensor, text: Tensor) {
    Self.apply(
      vision: regions, text: words, (vision.weights, text.weights), heads: vision.attention.heads,
      masks: (isRegion, isWord), dropout: vision.dropout, in: pass)
  }

  /// What a layer with given parameters makes of both streams.
  public static func apply(
    vision: Tensor, text: Tensor, _ weights: Weights, heads: Int, masks: Masks, dropout: Float = 0,
    in pass: ForwardPass
  ) -> (vision: Tensor, text: Tensor) {
    // Both look at what came in, none at what the other has become.
    let (regions, words) = (weights.text.attention.looked(at: vision), weights.vision.attention.looked(at: text))
    return (
      PostNormBlock.apply(
        vision, weights.vision, heads: heads, states: words, mask: AttentionMask(allowedKeys: masks.isWord),
        dropout: dropout, in: pass),
      PostNormBlock.apply(
        text, weights.text, heads: heads, states: regions, mask: AttentionMask(allowedKeys: masks.isRegion),
        dropout: dropout, in: pass)
    )
  }
}
