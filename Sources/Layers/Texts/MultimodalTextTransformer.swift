import Autograd
import Graphs
import Kernels

/// BLIP's mixture of encoder and decoder (Li et al., ICML 2022): one transformer that reads a text by itself, reads it with a
/// picture, or writes it word by word, as its first token says.
///
/// Words and positions pass a layer norm before the blocks, as BERT's do; there are no token types. The last layer of the
/// decoder has the words' own vectors: `logits = norm(gelu(W h + b)) Eᵀ + c`.
///
/// Shapes: `batch · length` token numbers → `[batch, length, d]`.
public struct MultimodalTextTransformer: Module {
  /// Sizes.
  public struct Options: Codable, Equatable, Sendable {
    /// The number of different tokens, without the two that begin other uses than reading alone.
    public var vocabulary = 2048
    /// The most tokens of a text.
    public var length = 24
    /// d, the width of a token.
    public var dimensions = 192
    /// The width of a picture's states.
    public var contextDimensions = 192
    /// The number of blocks.
    public var layers = 4
    /// The heads of each attention.
    public var heads = 3
    /// The probability of dropout on words, residual branches and attention's weights.
    public var dropout: Float = 0

    /// Sizes for captions.
    public init() {}
  }

  /// What a text is taken for.
  public enum Use: Sendable {
    /// It is read by itself; its first token stays what it is.
    case text
    /// It is read with a picture; its first token becomes `[ENC]`.
    case grounded
    /// It is written, each word from those before it and the picture; its first token becomes `[DEC]`.
    case decoding
  }

  /// What texts look at.
  public struct Context {
    /// The states of pictures, `[pictures, keys, contextDimensions]`.
    public let states: Tensor
    /// For each text the picture that it looks at; nil for the one of its own row.
    public let rows: [Int32]?

    /// Puts both together.
    public init(_ states: Tensor, rows: [Int32]? = nil) { (self.states, self.rows) = (states, rows) }
  }

  /// The sizes.
  public let options: Options
  private let embedding: Embedding
  private let positions: Parameter
  private let norm: LayerNorm
  private let blocks: [MultimodalTextBlock]
  private let transform: PredictionTransform
  private let wordBias: Parameter

  /// Creates a network; embeddings and positions are normal with the given deviations.
  public init(
    _ options: Options = Options(), embeddingDeviation: Float = 0.02, positionDeviation: Float = 0.02,
    stream: inout RandomStream
  ) {
    self.options = options
    embedding = Embedding(
      vocabulary: options.vocabulary + 2, dimensions: options.dimensions, deviation: embeddingDeviation,
      stream: &stream)
    positions = Parameter(
      Initialiser.normal([1, options.length, options.dimensions], deviation: positionDeviation, &stream))
    norm = LayerNorm(options.dimensions, epsilon: PostNormBlock.epsilon)
    var blocks: [MultimodalTextBlock] = []
    for _ in 0..<options.layers {
      blocks.append(
        MultimodalTextBlock(
          dimensions: options.dimensions, contextDimensions: options.contextDimensions, heads: options.heads,
          dropout: options.dropout, stream: &stream))
    }
    self.blocks = blocks
    transform = PredictionTransform(options.dimensions, stream: &stream)
    wordBias = Parameter(Tensor(repeating: 0, shape: [options.vocabulary]))
  }

  /// Words, positions, blocks, and the last layer of the decoder.
  public var parts: [ModulePart] {
    [.module("embedding", embedding), .parameter("positions", positions), .module("norm", norm)]
      + blocks.enumerated().map { .module("\($0.offset)", $0.element) } + [
        .module("transform", transform.layer), .module("transformNorm", transform.norm),
        .parameter("wordBias", wordBias),
      ]
  }

  private func firstToken(_ use: Use) -> Int32? {
    switch use {
    case .text: nil
    case .grounded: Int32(options.vocabulary)
    case .decoding: Int32(options.vocabulary + 1)
    }
  }

  /// Vectors of words with their positions, normed.
  private func embedded(_ tokens: [Int32], batch: Int, from first: Int, in pass: ForwardPass) -> Tensor {
    let length = tokens.count / batch
    let words = embedding(tokens).reshaped(to: [batch, length, options.dimensions])
    let placed = norm(words + positions.tensor.slice(axis: 1, first..<first + length))
    return pass.isTraining ? placed.droppingOut(rate: options.dropout, using: &pass.dropout) : placed
  }

  /// The states behind all tokens.
  ///
  /// - Parameters:
  ///   - tokens: the numbers of `batch` texts of equal length, at most `options.length`, one after another.
  ///   - isReal: for each token whether it is one; no token looks at the others.
  ///   - context: what texts look at; nil where they are read by themselves.
  public func callAsFunction(
    _ tokens: [Int32], batch: Int, isReal: [Bool], as use: Use, context: Context? = nil, in pass: ForwardPass
  ) -> Tensor {
    let length = batch > 0 ? tokens.count / batch : 0
    precondition(
      length > 0 && tokens.count == batch * length && length <= options.length && isReal.count == tokens.count,
      "MultimodalTextTransformer: \(tokens.count) tokens, a mask of \(isReal.count), \(batch) texts for \(options)")
    precondition(
      (use == .text) == (context == nil), "MultimodalTextTransformer: a picture is for grounded texts and decoding")
    var tokens = tokens
    if let first = firstToken(use) {
      for text in 0..<batch { tokens[text * length] = first }
    }
    let mask = AttentionMask(isCausal: use == .decoding, allowedKeys: isReal)
    var hidden = embedded(tokens, batch: batch, from: 0, in: pass)
    for block in blocks {
      let weights = block.weights(decodes: use == .decoding)
      let looked = context.map { context in
        // Each picture's keys and values are computed once, however many texts look at it.
        let states = weights.context.looked(at: context.states)
        return context.rows.map { states.gathering($0) } ?? states
      }
      hidden = MultimodalTextBlock.apply(
        hidden, weights, heads: options.heads, mask: mask, context: looked.map { (states: $0, isReal: nil) },
        dropout: options.dropout, in: pass)
    }
    return hidden
  }

  /// The states of texts that are read by themselves, as operators: `[batch, length]` token numbers → `[batch, length, d]`.
  public func described(_ tokens: GraphValue, isReal: GraphValue) -> GraphValue {
    let mask = GraphMask(tokens.builder, length: options.length, isCausal: false, allowedKeys: isReal)
    let placed = norm.described(embedding.described(tokens).adding(positions.constant, named: "positions"))
    return blocks.reduce(placed) { $1.described($0, mask: mask) }
  }
}

// MARK: - Words

extension MultimodalTextTransformer {
  /// What the last layer takes of the decoder's states, `[…, d]` → `[…, d]`.
  public func transformed(_ states: Tensor) -> Tensor { transform(states) }

  /// The last layer's weight: the vectors of the words, `[vocabulary, d]`.
  public var wordWeight: Tensor { embedding.table.tensor.slice(0..<options.vocabulary) }

  /// The last layer's bias, `[vocabulary]`.
  public var wordOffsets: Tensor { wordBias.tensor }

  /// What was written so far, for texts that are continued word by word.
  public struct Writing {
    /// How many tokens were taken.
    public fileprivate(set) var count = 0
    fileprivate var past: [AttendedStates] = []
    fileprivate let context: [AttendedStates]

    fileprivate init(context: [AttendedStates]) { self.context = context }

    /// The same for some of the texts, in a given order.
    public func gathering(_ rows: [Int]) -> Writing {
      let rows = rows.map(Int32.init)
      var found = Writing(context: context.map { $0.gathering(rows) })
      (found.count, found.past) = (count, past.map { $0.gathering(rows) })
      return found
    }
  }

  /// Begins a text for each picture, `[pictures, keys, contextDimensions]`.
  public func writing(about states: Tensor) -> Writing {
    Writing(context: blocks.map { $0.contextAttention.dense.looked(at: states) })
  }

  /// Takes a token of each text and says what comes next: `[texts, vocabulary]`.
  ///
  /// The first tokens are taken for `[DEC]`, whatever they are.
  public func logits(_ writing: inout Writing, behind tokens: [Int32]) -> Tensor {
    precondition(
      writing.count < options.length, "MultimodalTextTransformer: a text of more than \(options.length) tokens")
    let batch = tokens.count
    let first = firstToken(.decoding).map { [Int32](repeating: $0, count: batch) } ?? tokens
    var hidden = embedded(
      writing.count == 0 ? first : tokens, batch: batch, from: writing.count, in: .evaluation)
    for (place, block) in blocks.enumerated() {
      let weights = block.weights(decodes: true)
      let own = weights.attention.looked(at: hidden)
      let states = writing.count == 0 ? own : writing.past[place].appending(own)
      if writing.count == 0 { writing.past.append(states) } else { writing.past[place] = states }
      hidden = MultimodalTextBlock.apply(
        hidden, weights, heads: options.heads, states: states, mask: AttentionMask(),
        context: (states: writing.context[place], isReal: nil), in: .evaluation)
    }
    writing.count += 1
    return transformed(hidden.reshaped(to: [batch, options.dimensions])).linear(weight: wordWeight, bias: wordOffsets)
  }
}
