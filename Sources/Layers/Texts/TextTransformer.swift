import Autograd
import Graphs
import Kernels

/// A transformer over token numbers with learned positions, causal as in CLIP or bidirectional as in BERT.
///
/// Shapes: `batch · length` token numbers → `[batch, length, d]`.
public struct TextTransformer: Module {
  /// Sizes.
  public struct Options: Codable, Equatable, Sendable {
    /// The number of different tokens.
    public var vocabulary = 2048
    /// The most tokens of a text.
    public var length = 24
    /// d, the width of a token.
    public var dimensions = 192
    /// The number of blocks.
    public var layers = 4
    /// The heads of each attention.
    public var heads = 3
    /// Whether a token sees only those before it.
    public var isCausal = true
    /// The probability of dropout on residual branches.
    public var dropout: Float = 0

    /// Sizes for captions.
    public init() {}
  }

  /// Which token stands for a text.
  public enum Readout: String, Codable, CaseIterable, Sendable {
    /// The first token.
    case first
    /// The last token that is real.
    case last
    /// The mean over the real tokens.
    case mean
  }

  /// The sizes.
  public let options: Options
  /// One vector for each token.
  public let embedding: Embedding
  /// One vector for each position, `[1, length, d]`.
  public let positions: Parameter
  /// The blocks and the last norm.
  public let transformer: Transformer

  /// Creates a network; embeddings and positions are normal with the given deviations.
  public init(
    _ options: Options = Options(), embeddingDeviation: Float = 1, positionDeviation: Float = 0.02,
    stream: inout RandomStream
  ) {
    self.options = options
    embedding = Embedding(
      vocabulary: options.vocabulary, dimensions: options.dimensions, deviation: embeddingDeviation, stream: &stream)
    positions = Parameter(
      Initialiser.normal([1, options.length, options.dimensions], deviation: positionDeviation, &stream))
    transformer = Transformer(
      layers: options.layers, dimensions: options.dimensions, heads: options.heads, dropout: options.dropout,
      stream: &stream)
  }

  /// Embedding, positions and blocks.
  public var parts: [ModulePart] {
    [
      .module("embedding", embedding), .parameter("positions", positions), .module("transformer", transformer),
    ]
  }

  /// All tokens behind the last norm.
  ///
  /// - Parameters:
  ///   - tokens: the numbers of `batch` texts of equal length, at most `options.length`, one after another.
  ///   - isReal: for each token whether it is one; no token looks at the others. nil means all.
  public func callAsFunction(_ tokens: [Int32], batch: Int, isReal: [Bool]? = nil, in pass: ForwardPass) -> Tensor {
    let length = batch > 0 ? tokens.count / batch : 0
    precondition(
      length > 0 && tokens.count == batch * length && length <= options.length
        && isReal.map { $0.count == tokens.count } ?? true,
      "TextTransformer: \(tokens.count) tokens, a mask of \(isReal?.count ?? tokens.count), \(batch) texts for \(options)"
    )
    let embedded = embedding(tokens).reshaped(to: [batch, length, options.dimensions])
    let placed = embedded + positions.tensor.slice(axis: 1, 0..<length)
    return transformer(placed, mask: AttentionMask(isCausal: options.isCausal, allowedKeys: isReal), in: pass)
  }

  /// All tokens behind the last norm, as operators: `[batch, length]` token numbers → `[batch, length, d]`.
  ///
  /// - Parameter isReal: for each token whether it is one.
  public func described(_ tokens: GraphValue, isReal: GraphValue) -> GraphValue {
    let placed = embedding.described(tokens).adding(positions.constant, named: "positions")
    let mask = GraphMask(tokens.builder, length: options.length, isCausal: options.isCausal, allowedKeys: isReal)
    return transformer.described(placed, mask: mask)
  }

  /// One vector for each text, as operators.
  ///
  /// - Parameters:
  ///   - isReal: for each token whether it is one, `[batch, length]`.
  ///   - length: the number of tokens.
  public static func describedRead(
    _ features: GraphValue, _ readout: Readout, isReal: GraphValue, length: Int
  ) -> GraphValue {
    switch readout {
    case .first: return features.selecting(0, axis: 1)
    case .last:
      let places = features.builder.constant(
        GraphConstant((1...length).map(Float.init), shape: [length]), named: "places")
      return features.gathering((isReal.cast(to: .float) * places).firstGreatest(isInteger: false))
    case .mean: return describedMean(features, isReal: isReal)
    }
  }

  /// The mean of the real parts of each item as operators, `[batch, parts, d]` → `[batch, d]`.
  public static func describedMean(_ features: GraphValue, isReal: GraphValue) -> GraphValue {
    let weights = isReal.cast(to: .float)
    let shares = weights / weights.sum(axes: [1], keepingAxes: true).maximum(1)
    return (features * shares.unsqueezed(2)).sum(axes: [1])
  }

  /// One vector for each text; of a text without a real token the first one is read, and its mean is 0.
  ///
  /// Shapes: `[batch, length, d]` → `[batch, d]`.
  public static func read(_ features: Tensor, _ readout: Readout, isReal: [Bool]? = nil) -> Tensor {
    let (batch, length, width) = (features.shape[0], features.shape[1], features.shape[2])
    precondition(
      isReal.map { $0.count == batch * length } ?? true,
      "TextTransformer.read: a mask of \(isReal?.count ?? 0) tokens for \(batch) × \(length)")
    let isReal = isReal ?? [Bool](repeating: true, count: batch * length)
    switch readout {
    case .first: return features.selecting(0, axis: 1)
    case .last:
      let rows = (0..<batch).map { text in
        let range = (text * length)..<((text + 1) * length)
        return Int32(isReal[range].lastIndex(of: true) ?? range.lowerBound)
      }
      return features.reshaped(to: [batch * length, width]).gatheringRows(rows)
    case .mean:
      var weights = [Float](repeating: 0, count: batch * length)
      for text in 0..<batch {
        let range = (text * length)..<((text + 1) * length)
        let present = range.filter { isReal[$0] }
        for token in present { weights[token] = 1 / Float(present.count) }
      }
      return (features * Tensor(weights, shape: [batch, length, 1])).sum(axis: 1)
    }
  }
}
