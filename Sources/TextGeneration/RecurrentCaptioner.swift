import Autograd
import Kernels
import Layers
import Options

/// Writes a caption for a picture with a long short-term memory: the picture is its first input (Show and Tell; Vinyals et al.,
/// CVPR 2015), or it looks at the picture's regions before each word (Show, Attend and Tell; Xu et al., ICML 2015).
///
///     whole:    h_0 = LSTM(batchNorm(W x)),  h_t = LSTM(word_t, h_{t−1})            p(word_{t+1}) = softmax(W_o h_t + b)
///     regions:  see ``SoftAttention``
///
/// The first word that is taken in is the begin token.
public struct RecurrentCaptioner: Module, NextTokenModel {
  /// What is seen of a picture.
  public enum Look: String, Codable, CaseIterable, Sendable {
    /// One vector, before the first word.
    case whole
    /// Its regions, before each word.
    case regions
  }

  /// Sizes.
  public struct Options: Codable, Equatable, Sendable {
    /// What is seen of a picture.
    public var look = Look.whole
    /// The width of a word's vector.
    public var embeddingDimensions = 128
    /// The width of the memory.
    public var dimensions = 128
    /// The width in which regions are compared with the state.
    public var attentionDimensions = 128
    /// The dropout before the words' scores.
    public var dropout = 0.5
    /// Whether the vectors of words are the weights of their scores, too.
    public var tiesOutput = false

    /// The defaults.
    public init() {}

    /// What the numbers must be.
    public var requirements: [OptionRequirement] {
      [
        .widths("embeddingDimensions", [embeddingDimensions]), .widths("dimensions", [dimensions]),
        .widths("attentionDimensions", [attentionDimensions]), .share("dropout", dropout),
        OptionRequirement(
          "tiesOutput", !tiesOutput || embeddingDimensions == dimensions,
          "needs words as wide as the memory, and embeddingDimensions is \(embeddingDimensions), dimensions "
            + "\(dimensions)"),
      ]
    }
  }

  /// What has been taken in of each row.
  public struct State {
    var memory: SoftAttention.State
    let regions: SoftAttention.Regions?
  }

  /// The sizes.
  public let options: Options
  /// The number of different tokens.
  public let vocabularySize: Int
  /// One vector for each token.
  public let embedding: Embedding
  private let picture: PictureLayers?
  private let attention: AttentionLayers?
  private let memory: LSTM
  private let output: Linear?
  private let outputBias: Parameter?

  private struct PictureLayers: Module {
    let layer: Linear
    /// Without it what all pictures have in common hides what tells them apart, and the memory learns to forget both.
    let norm: BatchNorm
    var parts: [ModulePart] { [.module("layer", layer), .module("norm", norm)] }

    func callAsFunction(_ whole: Tensor, in pass: ForwardPass) -> Tensor { norm(layer(whole), in: pass) }
  }

  private struct AttentionLayers: Module {
    let initialHidden, initialCell, regions, state, score, gate: Linear
    var parts: [ModulePart] {
      [
        .module("initialHidden", initialHidden), .module("initialCell", initialCell), .module("regions", regions),
        .module("state", state), .module("score", score), .module("gate", gate),
      ]
    }
  }

  /// Creates a decoder; the vectors of words and the weights of their scores are uniform in ±0.1, as public code has them.
  ///
  /// - Parameter pictureDimensions: the width of a picture's vector and regions.
  public init(
    _ options: Options, vocabulary: Int, pictureDimensions: Int, stream: inout RandomStream
  ) {
    precondition(
      options.requirements.allSatisfy(\.holds) && vocabulary > 0 && pictureDimensions > 0,
      "RecurrentCaptioner: \(options), \(vocabulary) tokens")
    self.options = options
    vocabularySize = vocabulary
    let (words, width) = (options.embeddingDimensions, options.dimensions)
    embedding = Embedding(
      table: Parameter(Initialiser.uniform([vocabulary, words], low: -0.1, high: 0.1, &stream)))
    switch options.look {
    case .whole:
      picture = PictureLayers(layer: Linear(pictureDimensions, words, stream: &stream), norm: BatchNorm(words))
      attention = nil
      memory = LSTM(words, width, stream: &stream)
    case .regions:
      picture = nil
      attention = AttentionLayers(
        initialHidden: Linear(pictureDimensions, width, stream: &stream),
        initialCell: Linear(pictureDimensions, width, stream: &stream),
        regions: Linear(pictureDimensions, options.attentionDimensions, stream: &stream),
        state: Linear(width, options.attentionDimensions, stream: &stream),
        score: Linear(options.attentionDimensions, 1, stream: &stream),
        gate: Linear(width, pictureDimensions, stream: &stream))
      memory = LSTM(words + pictureDimensions, width, stream: &stream)
    }
    let zero = Parameter(Tensor(repeating: 0, shape: [vocabulary]))
    if options.tiesOutput {
      (output, outputBias) = (nil, zero)
    } else {
      let weight = Parameter(Initialiser.uniform([vocabulary, width], low: -0.1, high: 0.1, &stream))
      (output, outputBias) = (Linear(weight: weight, bias: zero), nil)
    }
  }

  /// The layers.
  public var parts: [ModulePart] {
    [.module("embedding", embedding)] + (picture.map { [.module("picture", $0)] } ?? [])
      + (attention.map { [.module("attention", $0)] } ?? []) + [.module("memory", memory)]
      + (output.map { [.module("output", $0)] } ?? []) + (outputBias.map { [.parameter("outputBias", $0)] } ?? [])
  }

  /// The weights of the words' scores, `[vocabulary, d]`.
  public var outputWeight: Tensor { (output?.weight ?? embedding.table).tensor }
  /// Their biases.
  public var outputBiases: Tensor? { (outputBias ?? output?.bias)?.tensor }

  private var soft: SoftAttention? {
    func dense(_ layer: Linear) -> SoftAttention.Dense {
      (layer.weight.tensor, layer.bias?.tensor ?? Tensor(repeating: 0, shape: [layer.weight.shape[0]]))
    }
    return attention.map {
      SoftAttention(
        initialHidden: dense($0.initialHidden), initialCell: dense($0.initialCell), regions: dense($0.regions),
        state: dense($0.state), score: dense($0.score), gate: dense($0.gate), memory: memory.weights)
    }
  }

  /// The states behind given words, through which the next ones are predicted.
  ///
  /// - Parameters:
  ///   - words: `batch · steps` tokens, the begin token first.
  ///   - whole: a vector of each picture, `[batch, width]`.
  ///   - regions: its regions, `[batch, regions, width]`; looked at as the options say.
  /// - Returns: `[batch, steps, d]`, and where each step looked, `[batch, steps, regions]`, where it did.
  public func states(
    behind words: [Int32], whole: Tensor, regions: Tensor, in pass: ForwardPass
  ) -> (states: Tensor, attention: Tensor?) {
    let batch = whole.shape[0]
    let steps = words.count / max(batch, 1)
    precondition(steps > 0 && words.count == batch * steps, "RecurrentCaptioner: \(words.count) words for \(batch)")
    let embedded = embedding(words).reshaped(to: [batch, steps, options.embeddingDimensions])
    let dropout = Dropout(rate: Float(options.dropout))
    if let soft {
      let found = soft.unrolled(embedded, soft.look(at: regions))
      return (dropout(found.states, in: pass), found.attention)
    }
    guard let picture else { preconditionFailure("RecurrentCaptioner: nothing is seen of a picture") }
    let first = picture(whole, in: pass).reshaped(to: [batch, 1, options.embeddingDimensions])
    let states = memory(Tensor.concatenated([first, embedded], axis: 1))
    return (dropout(states.slice(axis: 1, 1..<(steps + 1)), in: pass), nil)
  }

  /// What is known of some pictures before the begin token.
  public func state(whole: Tensor, regions: Tensor) -> State {
    Tape.withoutRecording {
      if let soft {
        let seen = soft.look(at: regions)
        return State(memory: soft.start(seen), regions: seen)
      }
      guard let picture else { preconditionFailure("RecurrentCaptioner: nothing is seen of a picture") }
      let zero = Tensor(repeating: 0, shape: [whole.shape[0], options.dimensions])
      let first = picture(whole, in: .evaluation).lstmStep(memory.weights, hidden: zero, cell: zero)
      return State(memory: SoftAttention.State(hidden: first.hidden, cell: first.cell), regions: nil)
    }
  }

  /// Takes in one word of each row.
  public func advance(_ state: inout State, by tokens: [Int32]) -> Tensor {
    Tape.withoutRecording {
      let words = embedding(tokens)
      if let soft, let regions = state.regions {
        state.memory = soft.step(state.memory, words: words, regions).state
      } else {
        let next = words.lstmStep(memory.weights, hidden: state.memory.hidden, cell: state.memory.cell)
        state.memory = SoftAttention.State(hidden: next.hidden, cell: next.cell)
      }
      return state.memory.hidden.linear(weight: outputWeight, bias: outputBiases)
    }
  }

  /// Some rows.
  public func selecting(_ rows: [Int], of state: State) -> State {
    State(
      memory: SoftAttention.State(
        hidden: state.memory.hidden.gatheringItems(rows), cell: state.memory.cell.gatheringItems(rows)),
      regions: state.regions?.selecting(rows))
  }
}
