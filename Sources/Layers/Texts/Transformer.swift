import Autograd
import Graphs
import Kernels

/// Multi-head self-attention with one dense layer for q, k and v and one behind.
///
/// Shapes: `[batch, tokens, d]` → `[batch, tokens, d]`.
public struct MultiHeadAttention: Module {
  /// Queries, keys and values side by side, d → 3 d.
  public let project: Linear
  /// The dense layer behind the heads.
  public let output: Linear
  /// The number of heads.
  public let heads: Int

  /// Creates attention whose dense layers start as `Linear` does.
  public init(dimensions: Int, heads: Int, stream: inout RandomStream) {
    project = Linear(dimensions, 3 * dimensions, stream: &stream)
    output = Linear(dimensions, dimensions, stream: &stream)
    self.heads = heads
  }

  /// Takes dense layers that are there already.
  public init(project: Linear, output: Linear, heads: Int) {
    self.project = project
    self.output = output
    self.heads = heads
  }

  /// Both dense layers.
  public var parts: [ModulePart] { [.module("project", project), .module("output", output)] }

  /// Lets every token look at those that the mask allows.
  public func callAsFunction(_ input: Tensor, mask: AttentionMask = AttentionMask()) -> Tensor {
    output(project(input).selfAttention(heads: heads, mask: mask))
  }

  /// The operators of the attention.
  public func described(_ input: GraphValue, mask: GraphMask) -> GraphValue {
    output.described(
      project.described(input).selfAttention(heads: heads, width: output.weight.shape[1], mask: mask))
  }

  /// The parameters as the fused residual branch takes them.
  var weights: SelfAttentionWeights {
    SelfAttentionWeights(
      project: project.weight.tensor, projectBias: project.biasOrZero, output: output.weight.tensor,
      outputBias: output.biasOrZero)
  }
}

/// A pre-norm transformer block: attention and a two-layer perceptron, each behind a layer norm and on a residual path.
///
/// Shapes: `[batch, tokens, d]` → `[batch, tokens, d]`.
public struct TransformerBlock: AdaptableModule {
  /// The norm before attention.
  public let attentionNorm: LayerNorm
  /// Attention.
  public let attention: MultiHeadAttention
  /// The norm before the perceptron.
  public let perceptronNorm: LayerNorm
  /// d → ratio · d → d with GELU, or another function that a dense layer can apply in its own pass.
  public let perceptron: MLP
  /// Dropout on both residual branches.
  public let dropout: Dropout

  /// Creates a block.
  public init(
    dimensions: Int, heads: Int, ratio: Int = 4, dropout: Float = 0, stream: inout RandomStream
  ) {
    attentionNorm = LayerNorm(dimensions)
    attention = MultiHeadAttention(dimensions: dimensions, heads: heads, stream: &stream)
    perceptronNorm = LayerNorm(dimensions)
    perceptron = MLP(
      widths: [dimensions, ratio * dimensions, dimensions], activation: Activation.gelu, stream: &stream)
    self.dropout = Dropout(rate: dropout)
  }

  /// Takes layers that are there already; the perceptron has two.
  public init(attentionNorm: LayerNorm, attention: MultiHeadAttention, perceptronNorm: LayerNorm, perceptron: MLP) {
    precondition(perceptron.activation.fused != nil, "TransformerBlock: \(perceptron.activation) is applied in no pass")
    self.attentionNorm = attentionNorm
    self.attention = attention
    self.perceptronNorm = perceptronNorm
    self.perceptron = perceptron
    dropout = Dropout(rate: 0)
  }

  /// Norms, attention and perceptron.
  public var parts: [ModulePart] {
    [
      .module("attentionNorm", attentionNorm), .module("attention", attention),
      .module("perceptronNorm", perceptronNorm), .module("perceptron", perceptron),
    ]
  }

  /// The weights of attention and perceptron.
  public var adapterTargets: [(path: String, weight: Parameter)] {
    [("attention.project", attention.project.weight), ("attention.output", attention.output.weight)]
      + perceptron.layers.enumerated().map { ("perceptron.\($0.offset)", $0.element.weight) }
  }

  /// Applies the block.
  public func callAsFunction(_ input: Tensor, mask: AttentionMask, in pass: ForwardPass) -> Tensor {
    let rate = pass.isTraining ? dropout.rate : 0
    return
      input
      .addingSelfAttention(
        attention.weights, heads: attention.heads, mask: mask, behind: attentionNorm.weights, dropoutRate: rate,
        using: &pass.dropout
      )
      .addingPerceptron(
        perceptron.pairWeights, function: perceptron.activation.fused ?? .gelu, behind: perceptronNorm.weights,
        dropoutRate: rate,
        using: &pass.dropout)
  }

  /// Both branches as operators.
  public func described(_ input: GraphValue, mask: GraphMask) -> GraphValue {
    let seen = input + attention.described(attentionNorm.described(input), mask: mask)
    return seen + perceptron.described(perceptronNorm.described(seen))
  }
}

/// Transformer blocks one after another and a last layer norm.
///
/// Shapes: `[batch, tokens, d]` → `[batch, tokens, d]`.
public struct Transformer: Module {
  /// The blocks.
  public let blocks: [TransformerBlock]
  /// The norm behind them.
  public let norm: LayerNorm

  /// Creates a stack of blocks.
  public init(
    layers: Int, dimensions: Int, heads: Int, ratio: Int = 4, dropout: Float = 0, stream: inout RandomStream
  ) {
    var blocks: [TransformerBlock] = []
    for _ in 0..<layers {
      blocks.append(
        TransformerBlock(dimensions: dimensions, heads: heads, ratio: ratio, dropout: dropout, stream: &stream))
    }
    self.blocks = blocks
    norm = LayerNorm(dimensions)
  }

  /// Takes blocks that are there already.
  public init(blocks: [TransformerBlock], norm: LayerNorm) {
    self.blocks = blocks
    self.norm = norm
  }

  /// Blocks under their numbers, and the norm.
  public var parts: [ModulePart] {
    blocks.enumerated().map { .module("\($0.offset)", $0.element) } + [.module("norm", norm)]
  }

  /// The blocks without the norm, as operators.
  public func describedStream(_ input: GraphValue, mask: GraphMask) -> GraphValue {
    blocks.reduce(input) { $1.described($0, mask: mask) }
  }

  /// The blocks and the norm, as operators.
  public func described(_ input: GraphValue, mask: GraphMask) -> GraphValue {
    norm.described(describedStream(input, mask: mask))
  }

  /// Applies the blocks without the norm.
  public func residualStream(_ input: Tensor, mask: AttentionMask = AttentionMask(), in pass: ForwardPass) -> Tensor {
    blocks.reduce(input) { $1($0, mask: mask, in: pass) }
  }

  /// Applies the blocks and the norm.
  public func callAsFunction(_ input: Tensor, mask: AttentionMask = AttentionMask(), in pass: ForwardPass) -> Tensor {
    norm(residualStream(input, mask: mask, in: pass))
  }
}
