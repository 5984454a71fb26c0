import Autograd
import Datasets
import Diagnostics
import Foundation
import Graphs
import Interchange
import Layers

/// A CLIP's tensors and configuration in the layout of a library of Python: what ``PretrainedModel`` reads, written.
struct CLIPCheckpoint {
  private var arrays: [String: NumericArray] = [:]
  private let layout: CheckpointLayout

  /// Names a model's tensors.
  private init(_ model: CLIPModel, layout: CheckpointLayout) {
    self.layout = layout
    let own = model.configuration
    let (image, text) = (layout.image, layout.text(prefix: ""))
    addPatch(model.image.patch.weight, own)
    add(layout.classToken, model.image.classToken, [own.image.width])
    add(image.positions, model.image.positions, [1 + own.grid * own.grid, own.image.width])
    add(layout.firstNorm, model.image.norm)
    add(image, model.image.transformer)
    addProjection(image.projection, model.imageProjection)
    add(layout.table, model.text.embedding.table, model.text.embedding.table.shape)
    add(text.positions, model.text.positions, [own.length, own.text.width])
    add(text, model.text.transformer)
    addProjection(text.projection, model.textProjection)
    add("logit_scale", model.logScale, [])
    if let bias = model.logitBias { arrays["logit_bias"] = NumericArray([bias], shape: []) }
  }

  private mutating func add(_ name: String, _ parameter: Parameter, _ shape: [Int]) {
    arrays[name] = NumericArray(parameter.value.values, shape: shape)
  }

  private mutating func add(_ name: String, _ norm: LayerNorm) {
    add("\(name).weight", norm.gain, norm.gain.shape)
    add("\(name).bias", norm.bias, norm.bias.shape)
  }

  private mutating func add(_ name: String, _ layer: Linear) {
    add("\(name).weight", layer.weight, layer.weight.shape)
    if let bias = layer.bias { add("\(name).bias", bias, bias.shape) }
  }

  private mutating func add(_ names: CheckpointLayout.Names, _ transformer: Transformer) {
    for (index, block) in transformer.blocks.enumerated() {
      let own = layout.block("\(names.blocks).\(index)")
      add(own.attentionNorm, block.attentionNorm)
      add(own.perceptronNorm, block.perceptronNorm)
      add(own.output, block.attention.output)
      add(own.up, block.perceptron.layers[0])
      add(own.down, block.perceptron.layers[1])
      let (weight, width) = (block.attention.project.weight.value.values, block.attention.project.weight.shape[1])
      let bias = block.attention.project.bias?.value.values ?? []
      let rows = 3 / own.projections.count * width
      for (place, part) in own.projections.enumerated() {
        let range = place * rows..<(place + 1) * rows
        arrays[part.weight] = NumericArray(
          Array(weight[range.lowerBound * width..<range.upperBound * width]), shape: [rows, width])
        arrays[part.bias] = NumericArray(Array(bias[range]), shape: [rows])
      }
    }
    add(names.lastNorm, transformer.norm)
  }

  /// A dense layer over patches `[side, side, 3]` as the kernel `[d, 3, side, side]`.
  private mutating func addPatch(_ weight: Parameter, _ own: CLIPConfiguration) {
    let shape = [own.image.width, own.patchSize, own.patchSize, 3]
    let kernel = weight.constant.reshaped(to: shape).permuted([0, 3, 1, 2])
    arrays[layout.patch] = NumericArray(kernel.floats, shape: kernel.shape)
  }

  /// open_clip stores a projection `[in, out]`.
  private mutating func addProjection(_ name: String, _ layer: Linear) {
    let weight = layout == .openCLIP ? layer.weight.constant.transposed : layer.weight.constant
    arrays[name] = NumericArray(weight.floats, shape: weight.shape)
  }

  /// The files of a model in a layout.
  ///
  /// - Parameter storage: how the numbers are stored.
  /// - Throws: `UserError` where the layout has no place for what the model is.
  static func files(
    of model: CLIPModel, layout: CheckpointLayout, storage: SafetensorsFile.FloatStorage, place: String
  ) throws(UserError) -> [(name: String, data: Data)] {
    let own = model.configuration
    var configurations: [(name: String, data: Data)] = []
    switch layout {
    case .openCLIP:
      let tree = try own.openCLIP(bias: model.logitBias, place: place)
      configurations = [("open_clip_config.json", try tree.encoded(place: place))]
    case .transformers:
      let trees = try own.transformers(bias: model.logitBias, place: place)
      configurations = [
        ("config.json", try trees.model.encoded(place: place)),
        ("preprocessor_config.json", try trees.pictures.encoded(place: place)),
      ]
    }
    // transformers refuses weights that do not say what they were written by.
    let weights = SafetensorsFile(
      arrays: CLIPCheckpoint(model, layout: layout).arrays, metadata: ["format": "pt"])
    let name = layout == .openCLIP ? "open_clip_model.safetensors" : "model.safetensors"
    return [(name, weights.encoded(storage))] + configurations
  }
}

extension CLIPConfiguration {
  private func refusal(_ what: String, _ layout: String, _ place: String, _ other: String?) -> UserError {
    UserError(
      .data, "\(what), for which the layout of \(layout) has no place", at: place, mend: other.map { "use --to \($0)" })
  }

  /// `open_clip_config.json`
  ///
  /// - Throws: `UserError` where the format cannot say what the model is.
  fileprivate func openCLIP(bias: Float?, place: String) throws(UserError) -> JSONTree {
    func fault(_ what: String) -> UserError { refusal(what, "open_clip", place, "transformers") }
    guard image.activation == text.activation else {
      throw fault("pictures have \(image.activation.rawValue) and texts \(text.activation.rawValue)")
    }
    guard [image.epsilon, text.epsilon].allSatisfy({ $0 == 1e-5 }) else {
      throw fault("norms have another ε than 1e-5")
    }
    if case .token(let end) = readout, Int(end) != vocabulary - 1 {
      throw fault("the end token \(end) is not the largest")
    }
    func ratio(_ tower: Tower) throws(UserError) -> JSONTree {
      let ratio = Double(tower.hidden) / Double(tower.width)
      guard Int(Double(tower.width) * ratio) == tower.hidden, ratio <= 64 else {
        throw fault("a hidden width of \(tower.hidden) is no multiple of \(tower.width)")
      }
      return .number(ratio)
    }
    var members: [String: JSONTree] = [
      "embed_dim": .number(Double(dimensions)), "quick_gelu": .boolean(image.activation == .quickGELU),
      "vision_cfg": .object([
        "image_size": .number(Double(picture.side)), "layers": .number(Double(image.layers)),
        "width": .number(Double(image.width)), "head_width": .number(Double(image.width / image.heads)),
        "mlp_ratio": try ratio(image), "patch_size": .number(Double(patchSize)),
      ]),
      "text_cfg": .object([
        "context_length": .number(Double(length)), "vocab_size": .number(Double(vocabulary)),
        "width": .number(Double(text.width)), "heads": .number(Double(text.heads)),
        "layers": .number(Double(text.layers)), "mlp_ratio": try ratio(text),
      ]),
    ]
    if let bias { members["init_logit_bias"] = .shortest(bias) }
    return .object([
      "model_cfg": .object(members),
      "preprocess_cfg": .object([
        "mean": .list(picture.mean.map { .shortest($0) }), "std": .list(picture.deviation.map { .shortest($0) }),
        "interpolation": .text("bicubic"), "resize_mode": .text("shortest"),
      ]),
    ])
  }

  /// `config.json` and `preprocessor_config.json`
  ///
  /// - Throws: `UserError` where the format cannot say what the model is.
  fileprivate func transformers(
    bias: Float?, place: String
  ) throws(UserError) -> (model: JSONTree, pictures: JSONTree) {
    if let bias { throw refusal("logits have a bias of \(bias)", "transformers", place, "open_clip") }
    func section(_ tower: Tower, _ kind: String, _ own: [String: JSONTree]) -> JSONTree {
      let common: [String: JSONTree] = [
        "model_type": .text(kind), "hidden_size": .number(Double(tower.width)),
        "intermediate_size": .number(Double(tower.hidden)), "num_hidden_layers": .number(Double(tower.layers)),
        "num_attention_heads": .number(Double(tower.heads)),
        "hidden_act": .text(tower.activation == .quickGELU ? "quick_gelu" : "gelu"),
        "layer_norm_eps": .shortest(tower.epsilon), "projection_dim": .number(Double(dimensions)),
      ]
      return .object(common.merging(own) { _, new in new })
    }
    var end = 2
    if case .token(let token) = readout { end = Int(token) }
    let side = JSONTree.number(Double(picture.side))
    let model = JSONTree.object([
      "architectures": .list([.text("CLIPModel")]), "model_type": .text("clip"),
      "projection_dim": .number(Double(dimensions)),
      "text_config": section(
        text, "clip_text_model",
        [
          "vocab_size": .number(Double(vocabulary)), "max_position_embeddings": .number(Double(length)),
          "eos_token_id": .number(Double(end)),
        ]),
      "vision_config": section(
        image, "clip_vision_model",
        ["image_size": side, "patch_size": .number(Double(patchSize)), "num_channels": .number(3)]),
    ])
    let pictures = JSONTree.object([
      "image_processor_type": .text("CLIPImageProcessor"), "do_resize": .boolean(true),
      "size": .object(["shortest_edge": side]), "resample": .number(3), "do_center_crop": .boolean(true),
      "crop_size": .object(["height": side, "width": side]), "do_convert_rgb": .boolean(true),
      "do_rescale": .boolean(true), "rescale_factor": .number(1.0 / 255), "do_normalize": .boolean(true),
      "image_mean": .list(picture.mean.map { .shortest($0) }),
      "image_std": .list(picture.deviation.map { .shortest($0) }),
    ])
    return (model, pictures)
  }
}
