import Autograd
import Kernels

/// A transformer block as BERT has it: attention to itself or to another sequence, and a perceptron with GELU, each on a residual
/// path with a layer norm behind the sum.
///
///     x = n(h + dropout(attention(h, context))),   y = n′(x + dropout(W₂ gelu(W₁ x + b₁) + b₂))
///
/// Shapes: `[batch, tokens, d]`, context `[batch, keys, e]` → `[batch, tokens, d]`.
public struct PostNormBlock: Module {
  /// BERT's ε of norms.
  public static let epsilon: Float = 1e-12

  /// Attention.
  public let attention: CrossAttention
  /// The norm behind attention.
  public let attentionNorm: LayerNorm
  /// The perceptron.
  public let perceptron: MLP
  /// The norm behind the perceptron.
  public let perceptronNorm: LayerNorm
  /// The dropout of both branches and of attention's weights.
  public let dropout: Float

  /// Creates a block.
  ///
  /// - Parameters:
  ///   - context: the width of what is looked at; nil for d.
  ///   - inner: the width of queries, keys and values; nil for d.
  ///   - hidden: the width inside the perceptron.
  public init(
    dimensions: Int, context: Int? = nil, inner: Int? = nil, heads: Int, hidden: Int, dropout: Float = 0,
    stream: inout RandomStream
  ) {
    attention = CrossAttention(
      dimensions: dimensions, context: context ?? dimensions, inner: inner ?? dimensions, heads: heads,
      stream: &stream)
    attentionNorm = LayerNorm(dimensions, epsilon: Self.epsilon)
    perceptron = MLP(widths: [dimensions, hidden, dimensions], activation: .gelu, stream: &stream)
    perceptronNorm = LayerNorm(dimensions, epsilon: Self.epsilon)
    self.dropout = dropout
  }

  /// Attention, perceptron and norms.
  public var parts: [ModulePart] {
    [
      .module("attention", attention), .module("attentionNorm", attentionNorm), .module("perceptron", perceptron),
      .module("perceptronNorm", perceptronNorm),
    ]
  }

  /// The parameters of a block.
  public struct Weights {
    /// Attention and its norm.
    public let attention: ContextAttentionWeights, attentionNorm: NormWeights
    /// The perceptron and its norm.
    public let perceptron: PerceptronWeights, perceptronNorm: NormWeights

    /// Puts them together.
    public init(
      attention: ContextAttentionWeights, attentionNorm: NormWeights, perceptron: PerceptronWeights,
      perceptronNorm: NormWeights
    ) {
      (self.attention, self.attentionNorm) = (attention, attentionNorm)
      (self.perceptron, self.perceptronNorm) = (perceptron, perceptronNorm)
    }
  }

  /// The parameters.
  var weights: Weights {
    Weights(
      attention: attention.dense, attentionNorm: attentionNorm.weights, perceptron: perceptron.pairWeights,
      perceptronNorm: perceptronNorm.weights)
  }

  /// Applies the block.
  ///
  /// - Parameters:
  ///   - context: what is looked at; nil for the input itself.
  ///   - mask: which of its tokens may be seen.
  public func callAsFunction(
    _ input: Tensor, context: Tensor? = nil, mask: AttentionMask = AttentionMask(), in pass: ForwardPass
  ) -> Tensor {
    let weights = weights
    return Self.apply(
      input, weights, heads: attention.heads, states: weights.attention.looked(at: context ?? input), mask: mask,
      dropout: dropout, in: pass)
  }

  /// What a block with given parameters makes of states.
  ///
  /// - Parameter states: the keys and values that are looked at, one row for each of the input's.
  public static func apply(
    _ input: Tensor, _ weights: Weights, heads: Int, states: AttendedStates, mask: AttentionMask,
    dropout: Float = 0, in pass: ForwardPass
  ) -> Tensor {
    let seen = attending(
      input, weights.attention, weights.attentionNorm, heads: heads, states: states, mask: mask, dropout: dropout,
      in: pass)
    let rate = pass.isTraining ? dropout : 0
    let sum =
      seen + seen.perceptron(weights.perceptron, function: .gelu).droppingOut(rate: rate, using: &pass.dropout)
    let norm = weights.perceptronNorm
    return sum.layerNormalised(gain: norm.gain, bias: norm.bias, epsilon: norm.epsilon)
  }

  /// The first half of a block, attention with its norm.
  static func attending(
    _ input: Tensor, _ weights: ContextAttentionWeights, _ norm: NormWeights, heads: Int, states: AttendedStates,
    mask: AttentionMask, dropout: Float, in pass: ForwardPass
  ) -> Tensor {
    let rate = pass.isTraining ? dropout : 0
    let attended = Tensor.attention(
      query: input.linear(weights.query), key: states.keys, value: states.values, heads: heads, mask: mask,
      dropoutRate: rate, using: &pass.dropout)
    let sum = input + attended.linear(weights.output).droppingOut(rate: rate, using: &pass.dropout)
    return sum.layerNormalised(gain: norm.gain, bias: norm.bias, epsilon: norm.epsilon)
  }
}
