import Autograd
import Kernels

/// A layer of a cross-modal transformer: attention from one series to another and a perceptron, pre-norm, residual.
///
///     x ← x + dropout(attention(n(x), n(k), n(v)) Wₒᵀ + bₒ),   x ← x + dropout(max(0, n′(x) W₁ᵀ + b₁) W₂ᵀ + b₂)
///
/// One norm n serves the series and its source (Tsai et al., ACL 2019, and their code).
public struct CrossModalLayer: Module {
  /// The norm of the series and of its source.
  public let attentionNorm: LayerNorm
  /// Queries, keys and values side by side, and the dense layer behind the heads.
  public let attention: MultiHeadAttention
  /// The norm before the perceptron.
  public let perceptronNorm: LayerNorm
  /// d → 4 d.
  public let up: Linear
  /// 4 d → d.
  public let down: Linear

  /// Creates a layer as the authors do: the dense layers are uniform with Glorot's bound, their biases 0, and the packed
  /// projection is taken for one matrix.
  public init(dimensions: Int, heads: Int, stream: inout RandomStream) {
    attentionNorm = LayerNorm(dimensions)
    attention = MultiHeadAttention(dimensions: dimensions, heads: heads, stream: &stream)
    perceptronNorm = LayerNorm(dimensions)
    up = Linear(dimensions, 4 * dimensions, stream: &stream)
    down = Linear(4 * dimensions, dimensions, stream: &stream)
    for layer in [attention.project, attention.output, up, down] {
      let shape = layer.weight.shape
      let bound = (6 / Float(shape[0] + shape[1])).squareRoot()
      layer.weight.assign(Initialiser.uniform(shape, low: -bound, high: bound, &stream))
      layer.bias?.assign(Tensor(repeating: 0, shape: [shape[0]]))
    }
  }

  /// Norms, attention and perceptron.
  public var parts: [ModulePart] {
    [
      .module("attentionNorm", attentionNorm), .module("attention", attention),
      .module("perceptronNorm", perceptronNorm), .module("up", up), .module("down", down),
    ]
  }

  /// Applies the layer.
  ///
  /// - Parameters:
  ///   - keys: the source that keys are made of; nil for the series itself.
  ///   - values: the source that values are made of; nil for the series itself.
  func callAsFunction(
    _ input: Tensor, keys: Tensor?, values: Tensor?, attentionDropout: Float, dropout: Float, in pass: ForwardPass
  ) -> Tensor {
    Self.apply(
      input, keys: keys ?? input, values: values ?? input, heads: attention.heads, attention: attention.weights,
      attentionNorm: attentionNorm.weights,
      perceptron: PerceptronWeights(
        up: up.weight.tensor, upBias: up.biasOrZero, down: down.weight.tensor, downBias: down.biasOrZero),
      perceptronNorm: perceptronNorm.weights, attentionDropout: attentionDropout, dropout: dropout, in: pass)
  }

  /// Applies a layer of given parameters; query t sees keys up to t + |keys − queries|.
  ///
  /// Shapes: `[batch, queries, d]`, sources `[batch, keys, d]` → `[batch, queries, d]`.
  public static func apply(
    _ input: Tensor, keys: Tensor, values: Tensor, heads: Int, attention: SelfAttentionWeights,
    attentionNorm: NormWeights, perceptron: PerceptronWeights, perceptronNorm: NormWeights,
    attentionDropout: Float = 0, dropout: Float = 0, in pass: ForwardPass
  ) -> Tensor {
    let width = input.shape[input.rank - 1]
    let (weightRate, rate) = pass.isTraining ? (attentionDropout, dropout) : (0, 0)
    func projected(_ tensor: Tensor, _ third: Int) -> Tensor {
      let rows = third * width..<(third + 1) * width
      return tensor.layerNormalised(
        gain: attentionNorm.gain, bias: attentionNorm.bias, epsilon: attentionNorm.epsilon
      ).linear(weight: attention.project.slice(rows), bias: attention.projectBias.slice(rows))
    }
    let mask = AttentionMask(isCausal: true, offset: abs(keys.shape[1] - input.shape[1]))
    let attended = Tensor.attention(
      query: projected(input, 0), key: projected(keys, 1), value: projected(values, 2), heads: heads, mask: mask,
      dropoutRate: weightRate, using: &pass.dropout)
    let seen =
      input
      + attended.linear(weight: attention.output, bias: attention.outputBias)
      .droppingOut(rate: rate, using: &pass.dropout)
    let hidden = seen.layerNormalised(
      gain: perceptronNorm.gain, bias: perceptronNorm.bias, epsilon: perceptronNorm.epsilon
    )
    .linear(weight: perceptron.up, bias: perceptron.upBias, followedBy: .relu)
    .droppingOut(rate: rate, using: &pass.dropout)
    return seen
      + hidden.linear(weight: perceptron.down, bias: perceptron.downBias)
      .droppingOut(rate: rate, using: &pass.dropout)
  }
}

/// The cross-modal transformer of MulT (Tsai et al., ACL 2019): a series that attends to another one, layer by layer, or
/// to itself.
///
/// Series and source are scaled by √d and get positions; the source is the same in every layer. All attention is causal.
///
/// Shapes: `[batch, steps, d]`, source `[batch, sourceSteps, d]` → `[batch, steps, d]`.
public struct CrossModalTransformer: Module {
  /// Sizes and rates of dropout.
  public struct Options: Equatable, Sendable {
    /// d, the width.
    public var dimensions = 30
    /// The number of heads.
    public var heads = 5
    /// The number of layers.
    public var layers = 5
    /// The rate on series and sources with their positions.
    public var embeddingDropout: Float = 0.25
    /// The rate on attention's weights.
    public var attentionDropout: Float = 0
    /// The rate on both residual branches and within the perceptron.
    public var dropout: Float = 0.1

    /// The defaults of GMC's official MOSEI experiment.
    public init() {}

    /// Creates options.
    public init(dimensions: Int, heads: Int = 5, layers: Int = 5, attentionDropout: Float = 0) {
      (self.dimensions, self.heads, self.layers) = (dimensions, heads, layers)
      self.attentionDropout = attentionDropout
    }
  }

  /// Sizes and rates.
  public let options: Options
  /// The layers.
  public let layers: [CrossModalLayer]
  /// The norm behind them.
  public let norm: LayerNorm

  /// Creates a transformer.
  public init(_ options: Options = Options(), stream: inout RandomStream) {
    precondition(
      options.heads > 0 && options.dimensions % options.heads == 0,
      "CrossModalTransformer: a width of \(options.dimensions) for \(options.heads) heads")
    self.options = options
    var layers: [CrossModalLayer] = []
    for _ in 0..<options.layers {
      layers.append(CrossModalLayer(dimensions: options.dimensions, heads: options.heads, stream: &stream))
    }
    self.layers = layers
    norm = LayerNorm(options.dimensions)
  }

  /// The layers under their numbers, and the norm.
  public var parts: [ModulePart] {
    layers.enumerated().map { .module("\($0.offset)", $0.element) } + [.module("norm", norm)]
  }

  /// A series times √d with its positions.
  public static func embedded(_ series: Tensor) -> Tensor {
    series * Float(series.shape[series.rank - 1]).squareRoot() + SinusoidalPositions.rows(for: series)
  }

  /// Applies the transformer; `source` nil is self-attention.
  public func callAsFunction(_ input: Tensor, source: Tensor? = nil, in pass: ForwardPass) -> Tensor {
    let rate = pass.isTraining ? options.embeddingDropout : 0
    var result = Self.embedded(input).droppingOut(rate: rate, using: &pass.dropout)
    var (keys, values): (Tensor?, Tensor?)
    if let source {
      // Keys and values lose numbers of their own, so that in training they differ.
      let embedded = Self.embedded(source)
      keys = embedded.droppingOut(rate: rate, using: &pass.dropout)
      values = rate > 0 ? embedded.droppingOut(rate: rate, using: &pass.dropout) : keys
    }
    for layer in layers {
      result = layer(
        result, keys: keys, values: values, attentionDropout: options.attentionDropout, dropout: options.dropout,
        in: pass)
    }
    return norm(result)
  }
}
