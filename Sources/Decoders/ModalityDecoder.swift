import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives

/// A network that says what an item of a modality is like, given a code, and how likely an item is then.
public struct ModalityDecoder: Module {
  enum Network {
    case layers(Sequential)
    case sequence(SequenceDecoder)
  }

  let network: Network
  /// The kind of its items.
  public let kind: ModalityKind
  /// Of numbers; of texts always the word pieces' categorical one.
  public let likelihood: Likelihood
  /// The scale of `laplace` and `normal`.
  public let scale: Float

  /// The network.
  public var parts: [ModulePart] {
    switch network {
    case .layers(let layers): layers.parts
    case .sequence(let decoder): decoder.parts
    }
  }

  /// Whether an order of word pieces is said.
  public var saysSequences: Bool { if case .sequence = network { true } else { false } }

  /// What is said of the items of codes, `[rows, d]` → `[rows, elements]`, or logits `[rows, length, vocabulary]`.
  public func callAsFunction(_ codes: Tensor) -> Tensor {
    switch network {
    case .layers(let layers): layers(codes, in: .evaluation)
    case .sequence(let decoder): decoder(codes)
    }
  }

  /// ln p(item | code), summed over an item's numbers or word pieces; of the padding of a text only the first place counts,
  /// which says where the text ends. The marks and the padding of series and regions are numbers as the others are.
  ///
  /// Shapes: codes `[draws, batch, d]`, a batch of items → `[draws, batch]`.
  public func logLikelihood(of items: ModalityInput, given codes: Tensor) -> Tensor {
    let (draws, batch) = (codes.shape[0], codes.shape[1])
    let outputs = self(codes.reshaped(to: [draws * batch, codes.shape[2]]))
    switch items {
    case .numbers(let values):
      return likelihood.logDensity(
        of: values.reshaped(to: [batch, values.count / max(batch, 1)]),
        given: outputs.reshaped(to: [draws, batch, outputs.count / max(draws * batch, 1)]), scale: scale)
    case .tokens(let tokens, let length):
      guard saysSequences else {
        return Likelihood.categorical.logDensity(
          of: Self.bags(tokens, length: length, vocabulary: outputs.shape[1]),
          given: outputs.reshaped(to: [draws, batch, outputs.shape[1]]), scale: scale)
      }
      let counted = tokens.indices.map { index -> Float in
        tokens[index] != 0 || (index % length > 0 && tokens[index - 1] != 0) ? 1 : 0
      }
      let known = Tensor((0..<draws).flatMap { _ in counted }, shape: [draws, batch, length])
      let targets = (0..<draws).flatMap { _ in tokens }
      let losses = outputs.reshaped(to: [draws * batch * length, outputs.shape[2]]).crossEntropy(targets: targets)
      return -(losses.reshaped(to: [draws, batch, length]) * known).sum(axis: -1)
    }
  }

  /// How often each word piece is in each text, `[batch, vocabulary]`; padding counts nothing.
  static func bags(_ tokens: [Int32], length: Int, vocabulary: Int) -> Tensor {
    let batch = tokens.count / length
    var counts = [Float](repeating: 0, count: batch * vocabulary)
    for (index, token) in tokens.enumerated() where token != 0 { counts[index / length * vocabulary + Int(token)] += 1 }
    return Tensor(counts, shape: [batch, vocabulary])
  }

  /// Steps of series and regions as encoders take them: from ½ on a mark says that one is there, and what is not is zeros.
  private func padded(_ values: [Float]) -> [Float] {
    let steps: Int
    switch kind {
    case .series(let most, _): steps = most
    case .regions(let most, _, _): steps = most
    case .image, .video, .spectrogram, .vector, .tags, .label, .tokens: return values
    }
    let width = kind.elementCount / steps
    var values = values
    for start in stride(from: 0, to: values.count, by: width) {
      if values[start] >= 0.5 {
        values[start] = 1
      } else {
        for place in start..<start + width { values[place] = 0 }
      }
    }
    return values
  }

  /// The expected item of each code as encoders take it: numbers, with the padding of series and regions as zeros, or the most
  /// likely word piece of each place up to the first that is padding. Of a bag those pieces come that are most likely, as many as `bagSize`.
  public func items(of codes: Tensor, bagSize: Int = 4) -> ModalityInput {
    let outputs = self(codes)
    let rows = codes.shape[0]
    guard case .tokens(let length, let vocabulary) = kind else {
      return ModalityInput(.numbers(padded(likelihood.expectation(outputs).values)), kind: kind)
    }
    var tokens = [Int32](repeating: 0, count: rows * length)
    let values = outputs.values
    for row in 0..<rows {
      if saysSequences {
        for place in 0..<length {
          let start = (row * length + place) * vocabulary
          let best = (0..<vocabulary).max { values[start + $0] < values[start + $1] } ?? 0
          if best == 0 { break }
          tokens[row * length + place] = Int32(best)
        }
      } else {
        let start = row * vocabulary
        let best = (1..<vocabulary).sorted { values[start + $0] > values[start + $1] }.prefix(min(bagSize, length))
        for (place, piece) in best.enumerated() { tokens[row * length + place] = Int32(piece) }
      }
    }
    return .tokens(tokens, length: length)
  }
}

/// Says a word piece for each place of a text: the code and the place together go through a perceptron, and the table of
/// pieces is the last layer.
///
/// Places are said apart from each other, given the code, so that a text's likelihood is a product over them.
public struct SequenceDecoder: Module {
  private let begin: Linear
  private let positions: Parameter
  private let hidden: Linear
  private let norm: LayerNorm
  private let pieces: Linear
  private let length: Int
  private let width: Int

  /// Creates a decoder.
  init(dimensions: Int, length: Int, vocabulary: Int, width: Int, stream: inout RandomStream) {
    (self.length, self.width) = (length, width)
    begin = Linear(dimensions, width, stream: &stream)
    positions = Parameter(Initialiser.normal([1, length, width], deviation: 0.5, &stream))
    hidden = Linear(width, width, stream: &stream)
    norm = LayerNorm(width)
    pieces = Linear(width, vocabulary, stream: &stream)
  }

  /// The layers.
  public var parts: [ModulePart] {
    [
      .module("begin", begin), .parameter("positions", positions), .module("hidden", hidden), .module("norm", norm),
      .module("pieces", pieces),
    ]
  }

  /// `[rows, d]` → logits `[rows, length, vocabulary]`.
  func callAsFunction(_ codes: Tensor) -> Tensor {
    let placed = begin(codes).reshaped(to: [codes.shape[0], 1, width]) + positions.tensor
    return pieces(norm(hidden(placed.silu()).silu()))
  }
}

/// The numbers of each row in another shape.
struct Reshape: Layer {
  let shape: [Int]

  init(_ shape: [Int]) { self.shape = shape }

  var parts: [ModulePart] { [] }

  func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    input.reshaped(to: [input.shape[0]] + shape)
  }
}
