import Autograd
import Graphs
import Kernels

/// A block of BLIP's mixture of encoder and decoder (Li et al., ICML 2022): post-norm self-attention, attention to a picture,
/// and a perceptron.
///
///     x = n_s(h + dropout(attention_s(h)))        one of two self-attentions, with its norm: of texts, or of the decoder
///     x = n_c(x + dropout(attention_c(x, context)))   left out without a context
///     y = n_f(x + dropout(W₂ gelu(W₁ x + b₁) + b₂))
///
/// Attention to the picture and the perceptron are shared by all uses.
///
/// Shapes: `[batch, tokens, d]`, context `[batch, keys, contextDimensions]` → `[batch, tokens, d]`.
public struct MultimodalTextBlock: Module {
  /// One of the two self-attentions.
  struct SelfAttention: Module {
    let attention: CrossAttention
    let norm: LayerNorm
    var parts: [ModulePart] { [.module("attention", attention), .module("norm", norm)] }
  }

  let ofTexts: SelfAttention
  let ofDecoder: SelfAttention
  let contextAttention: CrossAttention
  let contextNorm: LayerNorm
  let perceptron: MLP
  let perceptronNorm: LayerNorm
  let dropout: Float

  /// Creates a block.
  public init(
    dimensions: Int, contextDimensions: Int, heads: Int, ratio: Int = 4, dropout: Float = 0,
    stream: inout RandomStream
  ) {
    func own() -> SelfAttention {
      SelfAttention(
        attention: CrossAttention(
          dimensions: dimensions, context: dimensions, inner: dimensions, heads: heads, stream: &stream),
        norm: LayerNorm(dimensions, epsilon: PostNormBlock.epsilon))
    }
    (ofTexts, ofDecoder) = (own(), own())
    contextAttention = CrossAttention(
      dimensions: dimensions, context: contextDimensions, inner: dimensions, heads: heads, stream: &stream)
    contextNorm = LayerNorm(dimensions, epsilon: PostNormBlock.epsilon)
    perceptron = MLP(widths: [dimensions, ratio * dimensions, dimensions], activation: .gelu, stream: &stream)
    perceptronNorm = LayerNorm(dimensions, epsilon: PostNormBlock.epsilon)
    self.dropout = dropout
  }

  /// Both self-attentions, and what they share.
  public var parts: [ModulePart] {
    [
      .module("text", ofTexts), .module("decoder", ofDecoder), .module("contextAttention", contextAttention),
      .module("contextNorm", contextNorm), .module("perceptron", perceptron),
      .module("perceptronNorm", perceptronNorm),
    ]
  }

  /// The parameters of one use.
  public struct Weights {
    /// Self-attention and its norm.
    public let attention: ContextAttentionWeights, attentionNorm: NormWeights
    /// Attention to the context and its norm.
    public let context: ContextAttentionWeights, contextNorm: NormWeights
    /// The perceptron and its norm.
    public let perceptron: PerceptronWeights, perceptronNorm: NormWeights

    /// Puts them together.
    public init(
      attention: ContextAttentionWeights, attentionNorm: NormWeights, context: ContextAttentionWeights,
      contextNorm: NormWeights, perceptron: PerceptronWeights, perceptronNorm: NormWeights
    ) {
      (self.attention, self.attentionNorm) = (attention, attentionNorm)
      (self.context, self.contextNorm) = (context, contextNorm)
      (self.perceptron, self.perceptronNorm) = (perceptron, perceptronNorm)
    }

    /// One of the attentions with the perceptron behind it.
    func followedByPerceptron(_ attention: ContextAttentionWeights, _ norm: NormWeights) -> PostNormBlock.Weights {
      PostNormBlock.Weights(
        attention: attention, attentionNorm: norm, perceptron: perceptron, perceptronNorm: perceptronNorm)
    }
  }

  /// The parameters of texts, or of the decoder.
  func weights(decodes: Bool) -> Weights {
    let own = decodes ? ofDecoder : ofTexts
    return Weights(
      attention: own.attention.dense, attentionNorm: own.norm.weights, context: contextAttention.dense,
      contextNorm: contextNorm.weights, perceptron: perceptron.pairWeights, perceptronNorm: perceptronNorm.weights)
  }

  /// The text's self-attention alone and the perceptron, as operators.
  func described(_ input: GraphValue, mask: GraphMask) -> GraphValue {
    let (own, width) = (ofTexts.attention, ofTexts.attention.query.weight.shape[0])
    func joined(_ parameters: [Parameter?], _ shape: [Int]) -> GraphConstant {
      GraphConstant(
        parameters.flatMap { $0?.value.values ?? [Float](repeating: 0, count: width) }, shape: shape)
    }
    let layers = [own.query, own.key, own.value]
    let packed = input.linear(
      weight: joined(layers.map(\.weight), [3 * width, width]), bias: joined(layers.map(\.bias), [3 * width]))
    let seen = ofTexts.norm.described(
      input + own.output.described(packed.selfAttention(heads: own.heads, width: width, mask: mask)))
    return perceptronNorm.described(seen + perceptron.described(seen))
  }

  /// What a block with given parameters makes of states.
  ///
  /// - Parameters:
  ///   - states: the keys and values of self-attention; nil for those of `hidden` itself.
  ///   - context: the keys and values of the picture, one row for each text, with the keys that are real; nil without.
  public static func apply(
    _ hidden: Tensor, _ weights: Weights, heads: Int, states: AttendedStates? = nil, mask: AttentionMask,
    context: (states: AttendedStates, isReal: [Bool]?)?, dropout: Float = 0, in pass: ForwardPass
  ) -> Tensor {
    let own = states ?? weights.attention.looked(at: hidden)
    guard let context else {
      return PostNormBlock.apply(
        hidden, weights.followedByPerceptron(weights.attention, weights.attentionNorm), heads: heads, states: own,
        mask: mask, dropout: dropout, in: pass)
    }
    let seen = PostNormBlock.attending(
      hidden, weights.attention, weights.attentionNorm, heads: heads, states: own, mask: mask, dropout: dropout,
      in: pass)
    return PostNormBlock.apply(
      seen, weights.followedByPerceptron(weights.context, weights.contextNorm), heads: heads, states: context.states,
      mask: AttentionMask(allowedKeys: context.isReal), dropout: dropout, in: pass)
  }
}
