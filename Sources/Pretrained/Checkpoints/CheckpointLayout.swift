/// The names that a library gives to the tensors of a CLIP.
enum CheckpointLayout: String, Codable, Sendable {
  /// open_clip's, and OpenAI's.
  case openCLIP
  /// transformers'.
  case transformers

  /// The layout that names of tensors tell.
  init?(names: some Collection<String>) {
    if names.contains("visual.conv1.weight") {
      self = .openCLIP
    } else if names.contains("vision_model.embeddings.patch_embedding.weight") {
      self = .transformers
    } else {
      return nil
    }
  }

  /// How this library brings positions to another grid.
  var resize: PositionResize.Rule { self == .openCLIP ? .openCLIP : .transformers }

  /// What an encoder's tensors are called.
  struct Names {
    let blocks, positions, lastNorm, projection: String
  }

  /// The names of the image encoder.
  var image: Names {
    switch self {
    case .openCLIP:
      Names(
        blocks: "visual.transformer.resblocks", positions: "visual.positional_embedding", lastNorm: "visual.ln_post",
        projection: "visual.proj")
    case .transformers:
      Names(
        blocks: "vision_model.encoder.layers", positions: "vision_model.embeddings.position_embedding.weight",
        lastNorm: "vision_model.post_layernorm", projection: "visual_projection.weight")
    }
  }

  /// The names of the text encoder; `prefix` is `text.` in open_clip's models with a text tower of its own.
  func text(prefix: String) -> Names {
    switch self {
    case .openCLIP:
      Names(
        blocks: "\(prefix)transformer.resblocks", positions: "\(prefix)positional_embedding",
        lastNorm: "\(prefix)ln_final", projection: "\(prefix)text_projection")
    case .transformers:
      Names(
        blocks: "text_model.encoder.layers", positions: "text_model.embeddings.position_embedding.weight",
        lastNorm: "text_model.final_layer_norm", projection: "text_projection.weight")
    }
  }

  /// What the tensors of a block are called.
  struct BlockNames {
    let attentionNorm, perceptronNorm, output, up, down: String
    /// Weights and biases of queries, keys and values: one pair for all three, or one for each.
    let projections: [(weight: String, bias: String)]
  }

  /// The names of a block within those of an encoder.
  func block(_ name: String) -> BlockNames {
    switch self {
    case .openCLIP:
      BlockNames(
        attentionNorm: "\(name).ln_1", perceptronNorm: "\(name).ln_2", output: "\(name).attn.out_proj",
        up: "\(name).mlp.c_fc", down: "\(name).mlp.c_proj",
        projections: [("\(name).attn.in_proj_weight", "\(name).attn.in_proj_bias")])
    case .transformers:
      BlockNames(
        attentionNorm: "\(name).layer_norm1", perceptronNorm: "\(name).layer_norm2",
        output: "\(name).self_attn.out_proj", up: "\(name).mlp.fc1", down: "\(name).mlp.fc2",
        projections: ["q", "k", "v"].map {
          ("\(name).self_attn.\($0)_proj.weight", "\(name).self_attn.\($0)_proj.bias")
        })
    }
  }

  var patch: String {
    self == .openCLIP ? "visual.conv1.weight" : "vision_model.embeddings.patch_embedding.weight"
  }
  var classToken: String {
    self == .openCLIP ? "visual.class_embedding" : "vision_model.embeddings.class_embedding"
  }
  var firstNorm: String { self == .openCLIP ? "visual.ln_pre" : "vision_model.pre_layrnorm" }
  var table: String {
    self == .openCLIP ? "token_embedding.weight" : "text_model.embeddings.token_embedding.weight"
  }
}
