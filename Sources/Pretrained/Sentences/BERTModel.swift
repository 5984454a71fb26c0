import Autograd
import Diagnostics
import Graphs
import Kernels
import Layers

/// A post-norm transformer block, as BERT has it: `x = norm(x + attention(x));  x = norm(x + perceptron(x))`.
///
/// Shapes: `[batch, tokens, d]` → `[batch, tokens, d]`.
struct PostNormBlock: AdaptableModule {
  let attention: MultiHeadAttention
  let attentionNorm: LayerNorm
  let perceptron: MLP
  let perceptronNorm: LayerNorm

  var parts: [ModulePart] {
    [
      .module("attention", attention), .module("attentionNorm", attentionNorm), .module("perceptron", perceptron),
      .module("perceptronNorm", perceptronNorm),
    ]
  }

  var adapterTargets: [(path: String, weight: Parameter)] {
    [("attention.project", attention.project.weight), ("attention.output", attention.output.weight)]
      + perceptron.layers.enumerated().map { ("perceptron.\($0.offset)", $0.element.weight) }
  }

  func callAsFunction(_ input: Tensor, mask: AttentionMask) -> Tensor {
    let attended = attentionNorm(input + attention(input, mask: mask))
    return perceptronNorm(attended + perceptron(attended))
  }

  func described(_ input: GraphValue, mask: GraphMask) -> GraphValue {
    let attended = attentionNorm.described(input + attention.described(input, mask: mask))
    return perceptronNorm.described(attended + perceptron.described(attended))
  }
}

/// BERT (Devlin et al., NAACL 2019) as an encoder of sentences.
///
///     x = norm(words + positions + types₀);  x = blocks(x);  z = mean over the real tokens, or the first
public struct BERTModel: Module {
  /// What the model is.
  public let configuration: BERTConfiguration
  let embedding: Embedding
  let positions: Parameter
  let types: Parameter
  let norm: LayerNorm
  let blocks: [PostNormBlock]

  /// Tables, norm and blocks.
  public var parts: [ModulePart] {
    [
      .module("embedding", embedding), .parameter("positions", positions), .parameter("types", types),
      .module("norm", norm),
    ] + blocks.enumerated().map { .module("\($0.offset)", $0.element) }
  }

  /// All tokens, `[batch, length, width]`, and what stands for each text, `[batch, width]`, not of length 1.
  ///
  /// - Parameter isReal: for each token whether it is one; no token looks at the others.
  public func callAsFunction(
    _ tokens: [Int32], batch: Int, isReal: [Bool]
  ) -> (tokens: Tensor, sentences: Tensor) {
    let length = batch > 0 ? tokens.count / batch : 0
    let width = configuration.width
    precondition(
      length > 0 && tokens.count == batch * length && length <= configuration.positions && isReal.count == tokens.count,
      "BERT: \(tokens.count) tokens of \(batch) texts, at most \(configuration.positions) each")
    let words = embedding(tokens).reshaped(to: [batch, length, width])
    let types = types.tensor.slice(axis: 0, 0..<1).reshaped(to: [1, 1, width])
    let placed = words + positions.tensor.slice(axis: 1, 0..<length) + types
    let mask = AttentionMask(allowedKeys: isReal)
    let found = blocks.reduce(norm(placed)) { $1($0, mask: mask) }
    return (found, TextTransformer.read(found, readout, isReal: isReal))
  }

  /// The same as operators, of `[batch, length]` tokens.
  public func described(
    _ tokens: GraphValue, isReal: GraphValue, length: Int
  ) -> (tokens: GraphValue, sentences: GraphValue) {
    let type = GraphConstant(Array(types.value.values.prefix(configuration.width)), shape: [1, 1, configuration.width])
    let placed = embedding.described(tokens).adding(positions.constant(first: length), named: "positions")
      .adding(type, named: "type")
    let mask = GraphMask(tokens.builder, length: length, isCausal: false, allowedKeys: isReal)
    let found = blocks.reduce(norm.described(placed)) { $1.described($0, mask: mask) }
    return (
      found, TextTransformer.describedRead(found, readout, isReal: isReal, length: length)
    )
  }

  private var readout: TextTransformer.Readout { configuration.pooling == .mean ? .mean : .first }
}

/// Builds a BERT out of a checkpoint's tensors.
struct BERTWeights {
  private var reader: WeightReader
  private let prefix: String

  /// The model of a checkpoint; one of zeros where there is none.
  ///
  /// - Throws: `UserError` naming every tensor that is unknown, missing or misshapen.
  static func model(_ reader: WeightReader, _ configuration: BERTConfiguration) throws(UserError) -> BERTModel {
    let prefix = reader.has("bert.embeddings.word_embeddings.weight") ? "bert." : ""
    var weights = BERTWeights(reader: reader, prefix: prefix)
    weights.reader.ignore {
      $0.hasPrefix("\(prefix)pooler.") || $0.hasPrefix("cls.") || $0.hasSuffix("embeddings.position_ids")
        || $0.hasSuffix("embeddings.token_type_ids")
    }
    let width = configuration.width
    let table = weights.parameter("embeddings.word_embeddings.weight", [configuration.vocabulary, width])
    let positions = weights.parameter(
      "embeddings.position_embeddings.weight", [configuration.positions, width],
      as: [1, configuration.positions, width])
    let types = weights.parameter("embeddings.token_type_embeddings.weight", [configuration.types, width])
    let norm = weights.norm("embeddings.LayerNorm", configuration)
    var blocks: [PostNormBlock] = []
    for index in 0..<configuration.layers { blocks.append(weights.block("encoder.layer.\(index)", configuration)) }
    try weights.reader.finish()
    return BERTModel(
      configuration: configuration, embedding: Embedding(table: table), positions: positions, types: types, norm: norm,
      blocks: blocks)
  }

  private mutating func parameter(_ name: String, _ shape: [Int], as other: [Int]? = nil) -> Parameter {
    let values = reader.take("\(prefix)\(name)", shape)
    return Parameter(values.isEmpty ? Tensor(repeating: 0, shape: [0]) : Tensor(values, shape: other ?? shape))
  }

  private mutating func norm(_ name: String, _ configuration: BERTConfiguration) -> LayerNorm {
    LayerNorm(
      gain: parameter("\(name).weight", [configuration.width]), bias: parameter("\(name).bias", [configuration.width]),
      epsilon: configuration.epsilon)
  }

  private mutating func linear(_ name: String, _ input: Int, _ output: Int) -> Linear {
    Linear(weight: parameter("\(name).weight", [output, input]), bias: parameter("\(name).bias", [output]))
  }

  private mutating func block(_ name: String, _ configuration: BERTConfiguration) -> PostNormBlock {
    let width = configuration.width
    var (weight, bias): ([Float], [Float]) = ([], [])
    for part in ["query", "key", "value"] {
      weight += reader.take("\(prefix)\(name).attention.self.\(part).weight", [width, width])
      bias += reader.take("\(prefix)\(name).attention.self.\(part).bias", [width])
    }
    // What is missing is told in the end.
    let isWhole = weight.count == 3 * width * width && bias.count == 3 * width
    let project = Linear(
      weight: Parameter(isWhole ? Tensor(weight, shape: [3 * width, width]) : Tensor(repeating: 0, shape: [0])),
      bias: Parameter(isWhole ? Tensor(bias, shape: [3 * width]) : Tensor(repeating: 0, shape: [0])))
    let output = linear("\(name).attention.output.dense", width, width)
    let attentionNorm = norm("\(name).attention.output.LayerNorm", configuration)
    let up = linear("\(name).intermediate.dense", width, configuration.hidden)
    let down = linear("\(name).output.dense", configuration.hidden, width)
    return PostNormBlock(
      attention: MultiHeadAttention(project: project, output: output, heads: configuration.heads),
      attentionNorm: attentionNorm, perceptron: MLP(layers: [up, down], activation: .gelu),
      perceptronNorm: norm("\(name).output.LayerNorm", configuration))
  }
}
