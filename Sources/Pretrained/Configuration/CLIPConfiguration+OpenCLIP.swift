import Datasets
import Diagnostics
import Foundation
import Layers

extension CLIPConfiguration {
  private static let known: [String: Set<String>] = [
    "model_cfg": ["embed_dim", "quick_gelu", "vision_cfg", "text_cfg", "init_logit_scale", "init_logit_bias"],
    "vision_cfg": ["image_size", "layers", "width", "head_width", "mlp_ratio", "patch_size", "patch_dropout"],
    "text_cfg": ["context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio"],
  ]
  /// What keys that change the network must have so that they do not.
  private static let plain: [String: JSONTree] = [
    "pool_type": .text("tok"), "text_cfg.pool_type": .text("argmax"), "pos_embed_type": .text("learnable"),
    "proj_type": .text("linear"), "pad_id": .number(0),
  ]

  /// Reads `open_clip_config.json`, where what is absent means GELU and heads of 64.
  ///
  /// - Throws: `UserError` for a network that is not CLIP's with vision transformers, or a value that is impossible.
  init(openCLIP file: URL) throws(UserError) {
    let whole = try ConfigurationSection(file: file)
    guard let model = try whole.section("model_cfg"), let vision = try model.section("vision_cfg"),
      let words = try model.section("text_cfg")
    else {
      throw UserError(
        .data, "there is no model_cfg with vision_cfg and text_cfg", at: file.relativePath,
        mend: "take the configuration of the model itself")
    }
    if case .list = vision.members["layers"] {
      throw UserError(
        .data, "its image encoder is CLIP's ResNet, which is not read", at: vision.place,
        mend: "take a model with a vision transformer, such as ViT-B-32")
    }
    for (name, section) in [("model_cfg", model), ("vision_cfg", vision), ("text_cfg", words)] {
      for (key, value) in section.members.sorted(by: { $0.key < $1.key }) {
        let plain = Self.plain["\(name).\(key)"] ?? Self.plain[key]
        guard Self.known[name]?.contains(key) == true || value.isOff || value == plain else {
          throw UserError(
            .data, "`\(key)` makes another network of it, which is not read", at: section.place,
            mend: "take a model with plain towers, such as ViT-B-32")
        }
      }
    }
    let isQuick: Bool
    switch model.members["quick_gelu"] {
    case nil, .null: isQuick = false
    case .boolean(let value): isQuick = value
    default: throw model.fault("quick_gelu", "true or false")
    }
    let activation: Activation = isQuick ? .quickGELU : .gelu
    let width = try vision.count("width", atMost: 1 << 14)
    let headWidth = try vision.count("head_width", default: 64, atMost: 1 << 12)
    guard width % headWidth == 0 else { throw vision.fault("head_width", "a divisor of the width \(width)") }
    let textWidth = try words.count("width", atMost: 1 << 14)
    func hidden(_ width: Int, _ section: ConfigurationSection) throws(UserError) -> Int {
      Int(Double(width) * min(64, try section.number("mlp_ratio", default: 4)))
    }
    var picture = PretrainedPictureForm(side: try vision.count("image_size", atMost: 1 << 13))
    if let preparation = try whole.section("preprocess_cfg") {
      guard try preparation.text("interpolation", default: "bicubic") == "bicubic" else {
        throw preparation.fault("interpolation", "bicubic")
      }
      guard try preparation.text("resize_mode", default: "shortest") == "shortest" else {
        throw preparation.fault("resize_mode", "shortest")
      }
      picture.mean = try preparation.triple("mean") ?? picture.mean
      picture.deviation = try preparation.triple("std") ?? picture.deviation
    }
    self.init(
      image: Tower(
        width: width, layers: try vision.count("layers", atMost: 256), heads: width / headWidth,
        hidden: try hidden(width, vision), activation: activation, epsilon: 1e-5),
      patchSize: try vision.count("patch_size", atMost: 1 << 10), picture: picture,
      text: Tower(
        width: textWidth, layers: try words.count("layers", atMost: 256),
        heads: try words.count("heads", atMost: 1 << 10), hidden: try hidden(textWidth, words), activation: activation,
        epsilon: 1e-5),
      vocabulary: try words.count("vocab_size", default: 49_408),
      length: try words.count("context_length", default: 77, atMost: 1 << 14), readout: .largest,
      dimensions: try model.count("embed_dim", atMost: 1 << 14))
    try check(at: file.relativePath)
  }
}
