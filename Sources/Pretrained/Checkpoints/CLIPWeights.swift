import Autograd
import Datasets
import Diagnostics
import Interchange
import Layers

/// Builds a CLIP out of a checkpoint's tensors.
struct CLIPWeights {
  private var reader: WeightReader
  private let layout: CheckpointLayout
  private let configuration: CLIPConfiguration
  private let storedGrid: Int

  /// The model of a checkpoint.
  ///
  /// - Parameters:
  ///   - storedGrid: the side of the pictures, in patches, that the checkpoint's positions are for.
  ///   - place: what errors call the file.
  /// - Throws: `UserError` naming every tensor that is unknown, missing or misshapen.
  static func model(
    _ file: SafetensorsFile, layout: CheckpointLayout, configuration: CLIPConfiguration, storedGrid: Int, place: String
  ) throws(UserError) -> CLIPModel {
    var weights = CLIPWeights(
      reader: WeightReader(file, place: place), layout: layout, configuration: configuration, storedGrid: storedGrid)
    return try weights.read()
  }

  /// A model of a configuration whose numbers are all 0, to be filled from a checkpoint of one's own.
  static func blank(_ configuration: CLIPConfiguration, layout: CheckpointLayout) throws(UserError) -> CLIPModel {
    var weights = CLIPWeights(
      reader: WeightReader(), layout: layout, configuration: configuration, storedGrid: configuration.grid)
    return try weights.read()
  }

  private mutating func read() throws(UserError) -> CLIPModel {
    reader.ignore { $0.hasSuffix("embeddings.position_ids") || $0 == "attn_mask" || $0 == "text.attn_mask" }
    let (image, text) = (configuration.image, configuration.text)
    let prefix = layout == .openCLIP && reader.has("text.token_embedding.weight") ? "text." : ""
    let (imageNames, textNames) = (layout.image, layout.text(prefix: prefix))
    let patch = patchWeights()
    let positions = imagePositions(imageNames)
    let classToken = parameter(layout.classToken, [image.width], as: [1, 1, image.width])
    let firstNorm = norm(layout.firstNorm, image)
    let imageBlocks = transformer(imageNames, image)
    let imageProjection = projection(imageNames, image.width)
    let table = parameter("\(prefix)\(layout.table)", [configuration.vocabulary, text.width])
    let textPositions = parameter(
      textNames.positions, [configuration.length, text.width], as: [1, configuration.length, text.width])
    let textBlocks = transformer(textNames, text)
    let textProjection = projection(textNames, text.width)
    let scale = scalar("logit_scale") ?? 0
    let bias = reader.has("logit_bias") ? scalar("logit_bias") : nil
    try reader.finish()
    return CLIPModel(
      configuration: configuration,
      image: CLIPPictureTower(
        side: configuration.picture.side, patchSize: configuration.patchSize, patch: Linear(weight: patch, bias: nil),
        classToken: classToken, positions: positions, norm: firstNorm, transformer: imageBlocks),
      imageProjection: imageProjection,
      text: CLIPTextTower(
        readout: configuration.readout, embedding: Embedding(table: table), positions: textPositions,
        transformer: textBlocks),
      textProjection: textProjection, logScale: Parameter(Tensor(scale)), logitBias: bias)
  }

  private func made(_ values: [Float], _ shape: [Int]) -> Parameter {
    Parameter(values.isEmpty ? Tensor(repeating: 0, shape: [0]) : Tensor(values, shape: shape))
  }

  private mutating func parameter(_ name: String, _ shape: [Int], as other: [Int]? = nil) -> Parameter {
    made(reader.take(name, shape), other ?? shape)
  }

  private mutating func scalar(_ name: String) -> Float? {
    reader.take(name, reader.shape(of: name) == [1] ? [1] : []).first
  }

  private mutating func norm(_ name: String, _ tower: CLIPConfiguration.Tower) -> LayerNorm {
    LayerNorm(
      gain: parameter("\(name).weight", [tower.width]), bias: parameter("\(name).bias", [tower.width]),
      epsilon: tower.epsilon)
  }

  private mutating func linear(_ name: String, _ input: Int, _ output: Int) -> Linear {
    Linear(weight: parameter("\(name).weight", [output, input]), bias: parameter("\(name).bias", [output]))
  }

  /// The kernel `[d, 3, side, side]` as a dense layer over patches `[side, side, 3]`.
  private mutating func patchWeights() -> Parameter {
    let (width, size) = (configuration.image.width, configuration.patchSize)
    let kernel = reader.take(layout.patch, [width, 3, size, size])
    guard !kernel.isEmpty else { return made([], []) }
    var weights = [Float](repeating: 0, count: kernel.count)
    let area = size * size
    for output in 0..<width {
      for channel in 0..<3 {
        for place in 0..<area {
          weights[(output * area + place) * 3 + channel] = kernel[(output * 3 + channel) * area + place]
        }
      }
    }
    return made(weights, [width, 3 * area])
  }

  private mutating func imagePositions(_ names: CheckpointLayout.Names) -> Parameter {
    let (width, grid) = (configuration.image.width, configuration.grid)
    var values = reader.take(names.positions, [1 + storedGrid * storedGrid, width])
    if !values.isEmpty, grid != storedGrid {
      values = PositionResize.resize(values, width: width, from: storedGrid, to: grid, rule: layout.resize)
    }
    return made(values, [1, 1 + grid * grid, width])
  }

  /// A projection without a bias; open_clip stores it `[in, out]`.
  private mutating func projection(_ names: CheckpointLayout.Names, _ width: Int) -> Linear {
    let output = configuration.dimensions
    guard layout == .openCLIP else {
      return Linear(weight: parameter(names.projection, [output, width]), bias: nil)
    }
    let values = reader.take(names.projection, [width, output])
    guard !values.isEmpty else { return Linear(weight: made([], []), bias: nil) }
    var transposed = [Float](repeating: 0, count: values.count)
    for row in 0..<width {
      for column in 0..<output { transposed[column * width + row] = values[row * output + column] }
    }
    return Linear(weight: made(transposed, [output, width]), bias: nil)
  }

  private mutating func transformer(
    _ names: CheckpointLayout.Names, _ tower: CLIPConfiguration.Tower
  ) -> Transformer {
    var blocks: [TransformerBlock] = []
    for index in 0..<tower.layers { blocks.append(block("\(names.blocks).\(index)", tower)) }
    return Transformer(blocks: blocks, norm: norm(names.lastNorm, tower))
  }

  private mutating func block(_ name: String, _ tower: CLIPConfiguration.Tower) -> TransformerBlock {
    let (names, width) = (layout.block(name), tower.width)
    let output = linear(names.output, width, width)
    let up = linear(names.up, width, tower.hidden)
    let down = linear(names.down, tower.hidden, width)
    return TransformerBlock(
      attentionNorm: norm(names.attentionNorm, tower),
      attention: MultiHeadAttention(project: queriesKeysValues(names, width), output: output, heads: tower.heads),
      perceptronNorm: norm(names.perceptronNorm, tower),
      perceptron: MLP(layers: [up, down], activation: tower.activation))
  }

  /// Queries, keys and values in one layer; transformers has one for each.
  private mutating func queriesKeysValues(_ names: CheckpointLayout.BlockNames, _ width: Int) -> Linear {
    var (weight, bias): ([Float], [Float]) = ([], [])
    var isWhole = true
    let rows = 3 / names.projections.count * width
    for part in names.projections {
      let own = reader.take(part.weight, [rows, width])
      let ownBias = reader.take(part.bias, [rows])
      isWhole = isWhole && !own.isEmpty && !ownBias.isEmpty
      weight += own
      bias += ownBias
    }
    return Linear(
      weight: made(isWhole ? weight : [], [3 * width, width]), bias: made(isWhole ? bias : [], [3 * width]))
  }
}
