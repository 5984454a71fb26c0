import Autograd
import Kernels
import Layers

/// A causal transformer over tokens, and over vectors before them, such as those of a picture: each position sees what is before
/// it and predicts the next token.
///
///     x = [prefix; vectors of tokens] + positions,   blocks are pre-norm,   logits = norm(x) Wᵀ
///
/// Shapes: prefix `[batch, p, d]` and `batch · n` tokens → `[batch, p + n, d]`.
public struct CausalTransformer: Module, NextTokenModel {
  /// Sizes.
  public struct Options: Codable, Equatable, Sendable {
    /// The number of different tokens.
    public var vocabulary = 2048
    /// The most positions, the prefix among them.
    public var length = 64
    /// d, the width of a position.
    public var dimensions = 192
    /// The number of blocks.
    public var layers = 4
    /// The heads of each attention.
    public var heads = 3
    /// The width of a perceptron as a multiple of d.
    public var ratio = 4
    /// The probability of dropout on residual branches.
    public var dropout: Float = 0
    /// Whether the vectors of tokens are the weights of their scores, too.
    public var tiesOutput = true

    /// Sizes for captions.
    public init() {}
  }

  /// Keys and values of every block for what was taken in.
  public struct State {
    /// For each block `[rows, taken, d]`.
    fileprivate var keys: [Tensor]
    fileprivate var values: [Tensor]
    /// How many positions were taken in.
    public fileprivate(set) var count: Int
    /// How many rows there are.
    public fileprivate(set) var rows: Int
  }

  /// The sizes.
  public let options: Options
  /// One vector for each token.
  public let embedding: Embedding
  /// One vector for each position, `[1, length, d]`.
  public let positions: Parameter
  /// The blocks and the last norm.
  public let transformer: Transformer
  private let output: Linear?

  /// Creates a network; the vectors of tokens and positions are normal with deviation 0.02.
  public init(_ options: Options = Options(), stream: inout RandomStream) {
    self.options = options
    embedding = Embedding(
      vocabulary: options.vocabulary, dimensions: options.dimensions, deviation: 0.02, stream: &stream)
    positions = Parameter(Initialiser.normal([1, options.length, options.dimensions], deviation: 0.02, &stream))
    transformer = Transformer(
      layers: options.layers, dimensions: options.dimensions, heads: options.heads, ratio: options.ratio,
      dropout: options.dropout, stream: &stream)
    output =
      options.tiesOutput ? nil : Linear(options.dimensions, options.vocabulary, bias: false, stream: &stream)
  }

  /// Takes layers that are there already.
  ///
  /// - Parameters:
  ///   - positions: `[1, length, d]`.
  ///   - output: d → vocabulary without a bias; nil ties it to the embedding.
  public init(embedding: Embedding, positions: Parameter, transformer: Transformer, output: Linear?) {
    var options = Options()
    (options.vocabulary, options.dimensions) = (embedding.table.shape[0], embedding.table.shape[1])
    (options.length, options.layers) = (positions.shape[1], transformer.blocks.count)
    (options.heads, options.tiesOutput) = (transformer.blocks.first?.attention.heads ?? 1, output == nil)
    precondition(
      positions.shape[2] == options.dimensions
        && output.map { $0.weight.shape == [options.vocabulary, options.dimensions] && $0.bias == nil } ?? true,
      "CausalTransformer: positions of shape \(positions.shape) and output \(output?.weight.shape ?? []) for \(options)"
    )
    self.options = options
    (self.embedding, self.positions, self.transformer, self.output) = (embedding, positions, transformer, output)
  }

  /// Embedding, positions, blocks, and the scores' weights where they are their own.
  public var parts: [ModulePart] {
    [
      .module("embedding", embedding), .parameter("positions", positions), .module("transformer", transformer),
    ] + (output.map { [.module("output", $0)] } ?? [])
  }

  /// The number of different tokens.
  public var vocabularySize: Int { options.vocabulary }
  /// The weights of the tokens' scores, `[vocabulary, d]`.
  public var outputWeight: Tensor { (output?.weight ?? embedding.table).tensor }

  /// What goes into the first block.
  private func placed(_ prefix: Tensor?, _ tokens: [Int32], batch: Int, from first: Int) -> Tensor {
    let length = tokens.count / max(batch, 1)
    precondition(
      batch > 0 && tokens.count == batch * length
        && prefix.map { $0.rank == 3 && $0.shape[0] == batch && $0.shape[2] == options.dimensions } ?? (length > 0),
      "CausalTransformer: \(tokens.count) tokens for \(batch) rows, a prefix of \(prefix?.shape ?? [])")
    var pieces: [Tensor] = prefix.map { [$0] } ?? []
    if length > 0 { pieces.append(embedding(tokens).reshaped(to: [batch, length, options.dimensions])) }
    let joined = pieces.count == 1 ? pieces[0] : Tensor.concatenated(pieces, axis: 1)
    let last = first + joined.shape[1]
    precondition(last <= options.length, "CausalTransformer: \(last) positions of at most \(options.length)")
    return joined + positions.tensor.slice(axis: 1, first..<last)
  }

  /// All positions behind the last norm, `[batch, p + n, d]`.
  ///
  /// - Parameters:
  ///   - prefix: vectors before the tokens, `[batch, p, d]`; nil for none.
  ///   - tokens: of `batch` texts of equal length, one after another; padding stands behind them, where nothing else sees it.
  public func callAsFunction(prefix: Tensor? = nil, _ tokens: [Int32], batch: Int, in pass: ForwardPass) -> Tensor {
    transformer(placed(prefix, tokens, batch: batch, from: 0), mask: AttentionMask(isCausal: true), in: pass)
  }

  /// The scores of the next token behind each position, `[…, d]` → `[…, vocabulary]`.
  public func logits(_ states: Tensor) -> Tensor { states.linear(weight: outputWeight) }

  /// What is known before the first token that is advanced by.
  ///
  /// - Parameters:
  ///   - prefix: vectors before the tokens, `[rows, p, d]`; nil for none.
  ///   - tokens: that are known already, as many of each row, row by row.
  public func state(prefix: Tensor? = nil, tokens: [Int32] = [], rows: Int) -> State {
    var state = State(keys: [], values: [], count: 0, rows: rows)
    let given = prefix.flatMap { $0.shape[1] > 0 ? $0 : nil }
    if given != nil || !tokens.isEmpty {
      _ = Tape.withoutRecording { extend(&state, placed(given, tokens, batch: rows, from: 0)) }
    }
    return state
  }

  /// Takes in one token of each row.
  public func advance(_ state: inout State, by tokens: [Int32]) -> Tensor {
    precondition(tokens.count == state.rows, "CausalTransformer: \(tokens.count) tokens for \(state.rows) rows")
    return Tape.withoutRecording {
      let states = extend(&state, placed(nil, tokens, batch: state.rows, from: state.count))
      return logits(states.selecting(states.shape[1] - 1, axis: 1))
    }
  }

  /// Takes in positions, whose queries look at the keys of all before them.
  private func extend(_ state: inout State, _ input: Tensor) -> Tensor {
    let width = options.dimensions
    let mask = AttentionMask(isCausal: true, offset: state.count)
    let isFirst = state.keys.isEmpty
    var x = input
    for (place, block) in transformer.blocks.enumerated() {
      let joined = block.attention.project(block.attentionNorm(x))
      func part(_ number: Int) -> Tensor { joined.slice(axis: 2, number * width..<(number + 1) * width) }
      if isFirst {
        state.keys.append(part(1))
        state.values.append(part(2))
      } else {
        state.keys[place] = Tensor.concatenated([state.keys[place], part(1)], axis: 1)
        state.values[place] = Tensor.concatenated([state.values[place], part(2)], axis: 1)
      }
      let seen = Tensor.attention(
        query: part(0), key: state.keys[place], value: state.values[place], heads: block.attention.heads, mask: mask)
      x = x + block.attention.output(seen)
      x = x + block.perceptron(block.perceptronNorm(x))
    }
    state.count += input.shape[1]
    return transformer.norm(x)
  }

  /// Some rows.
  public func selecting(_ rows: [Int], of state: State) -> State {
    State(
      keys: state.keys.map { $0.gatheringItems(rows) }, values: state.values.map { $0.gatheringItems(rows) },
      count: state.count, rows: rows.count)
  }
}
