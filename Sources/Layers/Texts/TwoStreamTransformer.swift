import Autograd
import Kernels

/// A transformer of words and one of regions that look at each other in connection layers (ViLBERT; Lu et al., NeurIPS
/// 2019).
///
///     words:   norm(E[token] + P[place]),   regions: norm(W_f f + b_f + W_b (x₁, y₁, x₂, y₂, area) + b_b)
///
/// With T text, V vision and C connection layers the last C of each stream are paired: a stream runs its layers up to the
/// pair's, then both are connected, and what is left runs in the end. So the text has T − C layers by itself before it sees a
/// region, as the published 12, 6 and 6 have it.
///
/// Shapes: `batch · length` token numbers, features `[batch, regions, f]` and boxes `[batch, regions, 5]` → words
/// `[batch, length, t]`, regions `[batch, regions, v]`.
public struct TwoStreamTransformer: Module {
  /// The sizes of one stream.
  public struct Stream: Codable, Equatable, Sendable {
    /// The width of a word or region.
    public var dimensions: Int
    /// The number of blocks.
    public var layers: Int
    /// The heads of each attention.
    public var heads: Int
    /// The width inside a perceptron.
    public var hidden: Int

    /// Names the sizes.
    public init(dimensions: Int, layers: Int, heads: Int, hidden: Int) {
      (self.dimensions, self.layers, self.heads, self.hidden) = (dimensions, layers, heads, hidden)
    }
  }

  /// The sizes of the connections.
  public struct Connection: Codable, Equatable, Sendable {
    /// The width of queries, keys and values.
    public var dimensions: Int
    /// The number of layers.
    public var layers: Int
    /// The heads of each attention.
    public var heads: Int

    /// Names the sizes.
    public init(dimensions: Int, layers: Int, heads: Int) {
      (self.dimensions, self.layers, self.heads) = (dimensions, layers, heads)
    }
  }

  /// Words and regions with what is real of them, as the network takes them.
  public struct Input {
    /// The token numbers of `batch` texts of equal length, one after another.
    public var tokens: [Int32]
    /// For each token whether it is one.
    public var isWord: [Bool]
    /// The regions' features, `[batch, regions, f]`.
    public var features: Tensor
    /// The regions' boxes, `[batch, regions, 5]`.
    public var boxes: Tensor
    /// For each region whether it is one.
    public var isRegion: [Bool]

    /// Puts them together.
    public init(tokens: [Int32], isWord: [Bool], features: Tensor, boxes: Tensor, isRegion: [Bool]) {
      (self.tokens, self.isWord, self.features, self.boxes, self.isRegion) = (tokens, isWord, features, boxes, isRegion)
    }

    /// The number of pairs.
    public var batch: Int { features.shape[0] }
  }

  /// Who looks at whom in one connection layer, for each observation and head `[from, to]`, row-major.
  public struct Attention {
    /// Words at regions.
    public let words: [[[Float]]]
    /// Regions at words.
    public let regions: [[[Float]]]
  }

  /// The most tokens of a text.
  public let length: Int
  /// One vector for each token.
  public let embedding: Embedding
  /// One vector for each place, `[1, length, t]`.
  public let positions: Parameter
  /// What features become.
  public let features: Linear
  /// What boxes become.
  public let boxes: Linear
  /// The connection layers.
  public let connections: [CoAttention]
  private let wordNorm: LayerNorm
  private let regionNorm: LayerNorm
  private let textBlocks: [PostNormBlock]
  private let visionBlocks: [PostNormBlock]
  private let dropout: Dropout

  /// Creates a network; vectors of tokens and places are normal with deviation 0.02, as BERT's.
  ///
  /// - Parameters:
  ///   - vocabulary: the number of different tokens.
  ///   - length: the most tokens of a text.
  ///   - regionFeatures: the numbers of a region.
  public init(
    vocabulary: Int, length: Int, regionFeatures: Int, text: Stream, vision: Stream, connection: Connection,
    dropout: Float = 0, stream: inout RandomStream
  ) {
    precondition(
      connection.layers <= min(text.layers, vision.layers),
      "TwoStreamTransformer: \(connection.layers) connections for \(text.layers) and \(vision.layers) layers")
    self.length = length
    embedding = Embedding(vocabulary: vocabulary, dimensions: text.dimensions, deviation: 0.02, stream: &stream)
    positions = Parameter(Initialiser.normal([1, length, text.dimensions], deviation: 0.02, &stream))
    features = Linear(regionFeatures, vision.dimensions, stream: &stream)
    boxes = Linear(Self.boxNumbers, vision.dimensions, stream: &stream)
    wordNorm = LayerNorm(text.dimensions, epsilon: PostNormBlock.epsilon)
    regionNorm = LayerNorm(vision.dimensions, epsilon: PostNormBlock.epsilon)
    func blocks(_ sizes: Stream, _ stream: inout RandomStream) -> [PostNormBlock] {
      var blocks: [PostNormBlock] = []
      for _ in 0..<sizes.layers {
        blocks.append(
          PostNormBlock(
            dimensions: sizes.dimensions, heads: sizes.heads, hidden: sizes.hidden, dropout: dropout, stream: &stream))
      }
      return blocks
    }
    textBlocks = blocks(text, &stream)
    visionBlocks = blocks(vision, &stream)
    var connections: [CoAttention] = []
    for _ in 0..<connection.layers {
      connections.append(
        CoAttention(
          vision: (vision.dimensions, vision.hidden), text: (text.dimensions, text.hidden),
          inner: connection.dimensions, heads: connection.heads, dropout: dropout, stream: &stream))
    }
    self.connections = connections
    self.dropout = Dropout(rate: dropout)
  }

  /// x₁, y₁, x₂, y₂ in shares of width and height, and the share of the area.
  public static let boxNumbers = 5

  /// Embeddings, blocks and connections.
  public var parts: [ModulePart] {
    [
      .module("embedding", embedding), .parameter("positions", positions), .module("wordNorm", wordNorm),
      .module("features", features), .module("boxes", boxes), .module("regionNorm", regionNorm),
    ] + textBlocks.enumerated().map { .module("text.\($0.offset)", $0.element) }
      + visionBlocks.enumerated().map { .module("vision.\($0.offset)", $0.element) }
      + connections.enumerated().map { .module("connection.\($0.offset)", $0.element) }
  }

  /// Both streams behind the last layer.
  public func callAsFunction(_ input: Input, in pass: ForwardPass) -> (text: Tensor, vision: Tensor) {
    run(input, in: pass) { _, _, _ in }
  }

  /// Who looks at whom in each connection layer, in evaluation.
  public func attention(_ input: Input) -> [Attention] {
    var found: [Attention] = []
    _ = Tape.withoutRecording {
      run(input, in: .evaluation) { connection, text, vision in
        found.append(
          Attention(
            words: connection.text.attention.weights(text, context: vision, allowedKeys: input.isRegion),
            regions: connection.vision.attention.weights(vision, context: text, allowedKeys: input.isWord)))
      }
    }
    return found
  }

  private func run(
    _ input: Input, in pass: ForwardPass, beforeConnection: (CoAttention, Tensor, Tensor) -> Void
  ) -> (text: Tensor, vision: Tensor) {
    let (batch, regions) = (input.batch, input.features.shape[1])
    let tokens = batch > 0 ? input.tokens.count / batch : 0
    precondition(
      tokens > 0 && tokens <= length && input.tokens.count == batch * tokens
        && input.isWord.count == input.tokens.count && input.isRegion.count == batch * regions
        && input.boxes.shape == [batch, regions, Self.boxNumbers],
      "TwoStreamTransformer: \(input.tokens.count) tokens, features \(input.features.shape), boxes \(input.boxes.shape)"
    )
    let embedded = embedding(input.tokens).reshaped(to: [batch, tokens, positions.shape[2]])
    var text = dropout(wordNorm(embedded + positions.tensor.slice(axis: 1, 0..<tokens)), in: pass)
    var vision = dropout(regionNorm(features(input.features) + boxes(input.boxes)), in: pass)
    let (isWord, isRegion) = (AttentionMask(allowedKeys: input.isWord), AttentionMask(allowedKeys: input.isRegion))
    var (nextText, nextVision) = (0, 0)
    func advance(text textEnd: Int, vision visionEnd: Int) {
      for block in textBlocks[nextText..<textEnd] { text = block(text, mask: isWord, in: pass) }
      for block in visionBlocks[nextVision..<visionEnd] { vision = block(vision, mask: isRegion, in: pass) }
      (nextText, nextVision) = (textEnd, visionEnd)
    }
    for (index, connection) in connections.enumerated() {
      advance(
        text: textBlocks.count - connections.count + index, vision: visionBlocks.count - connections.count + index)
      beforeConnection(connection, text, vision)
      (vision, text) = connection(
        vision: vision, text: text, isRegion: input.isRegion, isWord: input.isWord, in: pass)
    }
    advance(text: textBlocks.count, vision: visionBlocks.count)
    return (text, vision)
  }
}
