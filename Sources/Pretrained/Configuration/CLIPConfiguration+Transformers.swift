import Datasets
import Diagnostics
import Foundation
import Layers

extension CLIPConfiguration {
  /// Reads `config.json` of transformers, whose absent keys have that library's defaults, and `preprocessor_config.json`
  /// where it is there.
  ///
  /// - Throws: `UserError` for another architecture, or a value that is impossible.
  init(transformers file: URL) throws(UserError) {
    let config = try ConfigurationSection(file: file)
    let kind = try config.text("model_type", default: "")
    guard kind == "clip" else {
      throw UserError(
        .data, "a model of the type \"\(kind)\" is not read", at: file.relativePath,
        mend: "CLIP with vision transformers is, and BERT as a text encoder")
    }
    var absent: [String] = []
    func tower(
      _ name: String, _ standard: (width: Int, hidden: Int, heads: Int)
    ) throws(UserError) -> (Tower, ConfigurationSection) {
      guard let section = try config.section(name) else { throw config.fault(name, "a section") }
      let wanted = ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "hidden_act"]
      absent += wanted.filter { section.members[$0] == nil }.map { "\(name).\($0)" }
      let activation: Activation
      switch try section.text("hidden_act", default: "quick_gelu") {
      case "quick_gelu": activation = .quickGELU
      case "gelu": activation = .gelu
      case let other:
        throw UserError(
          .data, "the activation \"\(other)\" is not known", at: section.place, mend: "known are quick_gelu and gelu")
      }
      let tower = Tower(
        width: try section.count("hidden_size", default: standard.width, atMost: 1 << 14),
        layers: try section.count("num_hidden_layers", default: 12, atMost: 256),
        heads: try section.count("num_attention_heads", default: standard.heads, atMost: 1 << 10),
        hidden: try section.count("intermediate_size", default: standard.hidden, atMost: 1 << 16),
        activation: activation, epsilon: Float(try section.number("layer_norm_eps", default: 1e-5)))
      return (tower, section)
    }
    let (image, vision) = try tower("vision_config", (768, 3072, 12))
    let (text, words) = try tower("text_config", (512, 2048, 8))
    guard try vision.count("num_channels", default: 3) == 3 else { throw vision.fault("num_channels", "3") }
    let end = try words.count("eos_token_id", default: 49_407)
    let side = try vision.count("image_size", default: 224, atMost: 1 << 13)
    let processor = file.deletingLastPathComponent().appending(path: "preprocessor_config.json")
    var picture = PretrainedPictureForm(side: side)
    if FileManager.default.fileExists(atPath: processor.path) {
      let section = try ConfigurationSection(file: processor)
      guard try section.count("resample", default: 3) == 3 else { throw section.fault("resample", "3, bicubic") }
      picture.mean = try section.triple("image_mean") ?? picture.mean
      picture.deviation = try section.triple("image_std") ?? picture.deviation
    }
    self.init(
      image: image, patchSize: try vision.count("patch_size", default: 32, atMost: 1 << 10), picture: picture,
      text: text, vocabulary: try words.count("vocab_size", default: 49_408),
      length: try words.count("max_position_embeddings", default: 77, atMost: 1 << 14),
      readout: end == 2 ? .largest : .token(Int32(end)),
      dimensions: try config.count("projection_dim", default: 512, atMost: 1 << 14))
    if !absent.isEmpty { notes = ["transformers' defaults for \(absent.joined(separator: ", "))"] }
    try check(at: file.relativePath)
  }
}
