import Autograd
import Graphs
import Kernels
import Layers

/// Represents an observation by the codes of one shared codebook that its tokens activate (Chen et al., FDT, 2023).
///
///     s[b, n, c] = ⟨q[b, n], E[c]⟩ / √d,   r[b, c] = max_n s[b, n, c] / T,   w = sparsemax(r),   g = w E
///
/// Each modality maps its tokens to queries q by a map of its own; the codebook E, both key and value, is shared. The
/// features are not normalised here. The order (pooling before normalising) and the treatment of padding are those of
/// the official code.
public struct FiniteDiscreteTokens: Module {
  /// How scores are pooled over tokens.
  public enum Pooling: String, Codable, CaseIterable, Sendable {
    /// The greatest score.
    case max
    /// The mean; padding whose scores are multiplied by 0 counts.
    case mean
    /// The sum.
    case sum
  }

  /// How pooled scores become weights.
  public enum Attention: String, Codable, CaseIterable, Sendable {
    /// The projection onto the simplex: most weights are 0.
    case sparsemax
    /// exp, divided by the sum.
    case softmax
    /// σ, divided by the sum.
    case sigmoid
  }

  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// C, the number of codes.
    public var codes: Int
    /// d, the width of codes and queries.
    public var dimensions: Int
    /// T, which divides the scores.
    public var temperature: Float
    /// How scores are pooled over tokens.
    public var pooling: Pooling
    /// How pooled scores become weights.
    public var attention: Attention
    /// What padded tokens do.
    public var padding: TokenPadding

    /// Creates settings.
    public init(
      codes: Int, dimensions: Int, temperature: Float, pooling: Pooling, attention: Attention,
      padding: TokenPadding
    ) {
      self.codes = codes
      self.dimensions = dimensions
      self.temperature = temperature
      self.pooling = pooling
      self.attention = attention
      self.padding = padding
    }
  }

  /// What the head finds.
  public struct Grounding {
    /// g, `[batch, d]`, not normalised.
    public let feature: Tensor
    /// w, `[batch, codes]`.
    public let attention: Tensor
  }

  /// The settings in use.
  public let options: Options
  /// E, `[codes, d]`.
  public let codebook: Parameter
  /// The map to queries of each modality.
  public let queryMaps: [(modality: String, map: QueryMap)]

  /// Creates a head with a codebook of normal numbers and a query map for each modality's width of tokens.
  public init(modalities: [(name: String, dimensions: Int)], options: Options, stream: inout RandomStream) {
    precondition(
      options.codes > 0 && options.dimensions > 0 && options.temperature > 0,
      "FiniteDiscreteTokens: \(options.codes) codes of width \(options.dimensions), temperature \(options.temperature)")
    self.options = options
    codebook = Parameter(Initialiser.normal([options.codes, options.dimensions], &stream))
    var maps: [(String, QueryMap)] = []
    for (name, dimensions) in modalities {
      maps.append((name, QueryMap(dimensions, options.dimensions, stream: &stream)))
    }
    queryMaps = maps
  }

  /// The codebook, and the query maps under their modalities.
  public var parts: [ModulePart] {
    [.parameter("codebook", codebook)] + queryMaps.map { .module("query.\($0.modality)", $0.map) }
  }

  /// Grounds the tokens of a modality in the codebook.
  ///
  /// - Parameters:
  ///   - tokens: `[batch, tokens, width]`.
  ///   - modality: one of those the head was created for.
  ///   - isReal: for each token whether it is one, `[batch, tokens]`; nil means all.
  ///   - temperature: T of this step where a schedule gives it.
  public func callAsFunction(
    _ tokens: Tensor, modality: String, isReal: [Bool]? = nil, temperature: Float? = nil
  ) -> Grounding {
    var options = options
    options.temperature = temperature ?? options.temperature
    return Self.grounding(
      queries: queries(tokens, modality: modality), codebook: codebook.tensor, isReal: isReal, options: options)
  }

  /// The queries of a modality's tokens, `[batch, tokens, width]` → `[batch, tokens, d]`.
  public func queries(_ tokens: Tensor, modality: String) -> Tensor {
    guard let map = queryMaps.first(where: { $0.modality == modality })?.map else {
      preconditionFailure("FiniteDiscreteTokens: no query map for \(modality)")
    }
    return map(tokens)
  }

  /// Grounds the tokens of a modality in the codebook, as operators: `[batch, tokens, width]` → `[batch, d]`.
  ///
  /// - Parameters:
  ///   - isReal: for each token whether it is one, `[batch, tokens]`; nil means all.
  ///   - temperature: T.
  public func described(
    _ tokens: GraphValue, modality: String, isReal: GraphValue?, temperature: Float
  ) -> GraphValue {
    guard let map = queryMaps.first(where: { $0.modality == modality })?.map else {
      preconditionFailure("FiniteDiscreteTokens: no query map for \(modality)")
    }
    let codes = codebook.constant
    let scale = 1 / (Float(options.dimensions).squareRoot() * temperature)
    let pooled = describedScores(map.described(tokens), codes.transposed, isReal) * scale
    let weights: GraphValue
    switch options.attention {
    case .sparsemax: weights = pooled.sparsemax(count: options.codes)
    case .softmax: weights = pooled.softmax()
    case .sigmoid:
      let gates = pooled.sigmoid()
      weights = gates / gates.sum(axes: [1], keepingAxes: true)
    }
    return weights.multiplied(by: codes, named: "codebook")
  }

  /// The pooled scores of queries on the codes, not scaled: `[batch, tokens, d]` → `[batch, codes]`.
  private func describedScores(
    _ queries: GraphValue, _ codes: GraphConstant, _ isReal: GraphValue?
  ) -> GraphValue {
    let weights = isReal.map { $0.cast(to: .float).unsqueezed(2) }
    switch options.pooling {
    case .max:
      let scores = queries.multiplied(by: codes, named: "codebook")
      guard let isReal, let weights else { return scores.maximum(axes: [1]) }
      switch options.padding {
      case .zero: return (scores * weights).maximum(axes: [1])
      case .excluded:
        let hidden = scores + isReal.choosing(0, -1e30).unsqueezed(2)
        return hidden.maximum(axes: [1]) * weights.maximum(axes: [1])
      }
    case .mean, .sum:
      var kept = weights.map { queries * $0 } ?? queries
      if options.pooling == .mean {
        guard let weights, options.padding == .excluded else {
          return kept.mean(axes: [1]).multiplied(by: codes, named: "codebook")
        }
        kept = kept / weights.sum(axes: [1], keepingAxes: true).maximum(1)
      }
      return kept.sum(axes: [1]).multiplied(by: codes, named: "codebook")
    }
  }

  /// How far the codes are from being orthogonal: the mean squared entry of their cosines less the identity.
  ///
  ///     penalty = mean_{c, c′} (⟨E[c], E[c′]⟩ / (‖E[c]‖ ‖E[c′]‖) − 1[c = c′])²
  ///
  /// The official code defines it (`orthgonal_loss_fn`) and does not use it. It takes `codes²` numbers.
  public func orthogonalityPenalty() -> Tensor {
    let unit = codebook.tensor.l2Normalised()
    let cosines = unit.multiplied(by: unit, otherTransposed: true)
    // A code's cosine with itself is 1, whatever the code, so the diagonal takes no part.
    let own = cosines.diagonal()
    let count = Float(cosines.count)
    return (cosines.squared().sum() - own.squared().sum()) * (1 / count)
  }

  /// Grounds queries in a codebook; widths and number of codes are the tensors' own.
  ///
  /// Shapes: `queries [batch, tokens, d]`, `codebook [codes, d]`.
  public static func grounding(
    queries: Tensor, codebook: Tensor, isReal: [Bool]? = nil, options: Options
  ) -> Grounding {
    let scores = pooledScores(queries, codebook, isReal, options)
    let attention =
      switch options.attention {
      case .sparsemax: scores.sparsemax()
      case .softmax: scores.softmax()
      case .sigmoid: normalisedSigmoid(scores)
      }
    return Grounding(feature: attention.weightedCodes(codebook), attention: attention)
  }

  private static func normalisedSigmoid(_ scores: Tensor) -> Tensor {
    let gates = scores.sigmoid()
    return gates / gates.sum(axis: 1, keepingAxis: true)
  }

  private static func pooledScores(
    _ queries: Tensor, _ codebook: Tensor, _ isReal: [Bool]?, _ options: Options
  ) -> Tensor {
    let scale = 1 / (Float(codebook.shape[1]).squareRoot() * options.temperature)
    guard options.pooling != .max else {
      return queries.greatestCodeScores(codebook: codebook, scale: scale, isReal: isReal, padding: options.padding)
    }
    // Mean and sum are linear: the queries are pooled before they meet the codes.
    let (batch, tokens) = (queries.shape[0], queries.shape[1])
    precondition(
      isReal.map { $0.count == batch * tokens } ?? true,
      "FiniteDiscreteTokens: a mask of \(isReal?.count ?? 0) tokens for \(batch) × \(tokens)")
    var weights = (isReal ?? [Bool](repeating: true, count: batch * tokens)).map { $0 ? Float(1) : 0 }
    if options.pooling == .mean {
      for observation in 0..<batch {
        let range = (observation * tokens)..<((observation + 1) * tokens)
        let present = options.padding == .excluded ? max(1, weights[range].reduce(0, +)) : Float(tokens)
        for token in range { weights[token] /= present }
      }
    }
    let pooled = (queries * Tensor(weights, shape: [batch, tokens, 1])).sum(axis: 1)
    return pooled.multiplied(by: codebook, otherTransposed: true) * scale
  }
}

/// Maps a modality's tokens to queries: layer norm, dense, GELU, layer norm, dense.
///
/// Shapes: `[…, inputDimensions]` → `[…, outputDimensions]`.
public struct QueryMap: Layer {
  /// The norm of the tokens.
  public let inputNorm: LayerNorm
  /// The dense layer behind it.
  public let first: Linear
  /// The norm behind GELU.
  public let hiddenNorm: LayerNorm
  /// The last dense layer.
  public let second: Linear

  /// Creates a map.
  public init(_ inputDimensions: Int, _ outputDimensions: Int, stream: inout RandomStream) {
    inputNorm = LayerNorm(inputDimensions)
    first = Linear(inputDimensions, outputDimensions, stream: &stream)
    hiddenNorm = LayerNorm(outputDimensions)
    second = Linear(outputDimensions, outputDimensions, stream: &stream)
  }

  /// Norms and dense layers.
  public var parts: [ModulePart] {
    [
      .module("inputNorm", inputNorm), .module("first", first), .module("hiddenNorm", hiddenNorm),
      .module("second", second),
    ]
  }

  /// Applies the map.
  public func callAsFunction(_ input: Tensor) -> Tensor { second(hiddenNorm(first(inputNorm(input)).gelu())) }

  /// Applies the map; it is the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { self(input) }

  /// The layers in order.
  public func described(_ input: GraphValue) -> GraphValue {
    second.described(hiddenNorm.described(first.described(inputNorm.described(input)).gelu()))
  }
}
