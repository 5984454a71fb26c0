import Autograd
import Graphs
import Kernels

/// A token embedding and a long short-term memory, read at the last token of each text, as tutorials have it.
///
/// Shapes: `batch · length` token numbers → `[batch, d]`.
public struct LSTMTextEncoder: Module {
  /// Sizes.
  public struct Options: Codable, Equatable, Sendable {
    /// The number of different tokens.
    public var vocabulary = 2048
    /// The width of a token's vector.
    public var embeddingDimensions = 128
    /// d, the width of a state.
    public var dimensions = 128

    /// Sizes for captions.
    public init() {}
  }

  /// The sizes.
  public let options: Options
  /// One vector for each token.
  public let embedding: Embedding
  /// The recurrent layer.
  public let memory: LSTM

  /// Creates a network; embeddings are standard normal.
  public init(_ options: Options = Options(), stream: inout RandomStream) {
    precondition(
      options.vocabulary > 0 && options.embeddingDimensions > 0 && options.dimensions > 0,
      "LSTMTextEncoder: \(options)")
    self.options = options
    embedding = Embedding(
      vocabulary: options.vocabulary, dimensions: options.embeddingDimensions, stream: &stream)
    memory = LSTM(options.embeddingDimensions, options.dimensions, stream: &stream)
  }

  /// Embedding and memory.
  public var parts: [ModulePart] { [.module("embedding", embedding), .module("memory", memory)] }

  /// The width of what comes out.
  public var outputDimensions: Int { options.dimensions }

  /// The states behind all tokens, `[batch, length, d]`; they are the same in training and evaluation.
  ///
  /// - Parameter tokens: the numbers of `batch` texts of equal length, one after another.
  public func states(_ tokens: [Int32], batch: Int) -> Tensor {
    let length = batch > 0 ? tokens.count / batch : 0
    precondition(
      length > 0 && tokens.count == batch * length, "LSTMTextEncoder: \(tokens.count) tokens for \(batch) texts")
    return memory(embedding(tokens).reshaped(to: [batch, length, options.embeddingDimensions]))
  }

  /// The states behind all tokens, as operators: `[batch, length]` token numbers → `[batch, length, d]`.
  public func described(_ tokens: GraphValue) -> GraphValue { memory.described(embedding.described(tokens)) }

  /// One vector for each text: the state behind its last real token, or behind its first where none is real.
  ///
  /// - Parameters:
  ///   - tokens: the numbers of `batch` texts of equal length, one after another.
  ///   - isReal: for each token whether it is one; padding stands behind the real ones. nil means all.
  public func callAsFunction(_ tokens: [Int32], batch: Int, isReal: [Bool]? = nil, in pass: ForwardPass) -> Tensor {
    TextTransformer.read(states(tokens, batch: batch), .last, isReal: isReal)
  }
}
