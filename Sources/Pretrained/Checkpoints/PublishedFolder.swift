import Datasets
import Diagnostics
import Foundation
import Interchange

/// The files of a published model in the layout of transformers or open_clip.
struct PublishedFolder {
  private let url: URL
  private let names: [String]

  /// Lists a folder.
  ///
  /// - Throws: `UserError` where there is none, or it holds another kind of model.
  init(_ url: URL) throws(UserError) {
    self.url = url
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: url.path) else {
      throw UserError(.inputOutput, "there is no such folder", at: url.relativePath, mend: "name the model's folder")
    }
    self.names = names.sorted()
    if names.contains("model_index.json") {
      throw UserError(
        .data, "this is a pipeline of diffusers that makes pictures, not a CLIP", at: url.relativePath,
        mend: "take a model that compares pictures with texts, such as CLIP ViT-B/32")
    }
  }

  /// The description of the model, its weights and their layout.
  ///
  /// - Parameter side: the side of pictures, where it is to be another than the configuration's.
  /// - Throws: `UserError` where a file is missing, damaged, or of another architecture.
  func open(
    side: Int? = nil
  ) throws(UserError) -> (description: PretrainedDescription, weights: SafetensorsFile, layout: CheckpointLayout) {
    let weightsName = try weights()
    let file = url.appending(path: weightsName)
    let data = try RegularFile.contents(of: file, place: file.relativePath)
    let content = try SafetensorsFile(data: data, name: file.relativePath)
    guard let layout = CheckpointLayout(names: content.arrays.keys) else { throw unknownLayout(content, file) }
    let configurationName = layout == .openCLIP ? "open_clip_config.json" : "config.json"
    guard names.contains(configurationName) else {
      throw UserError(
        .data, "there is no \(configurationName), which says what the weights do not: heads, activation, end token",
        at: url.relativePath, mend: "fetch it from where the weights are from")
    }
    let configurationFile = url.appending(path: configurationName)
    var configuration =
      try layout == .openCLIP
      ? CLIPConfiguration(openCLIP: configurationFile) : CLIPConfiguration(transformers: configurationFile)
    let storedSide = configuration.picture.side
    if let side {
      guard (1...1 << 13).contains(side), side % configuration.patchSize == 0 else {
        throw UserError(
          .usage, "patches of \(configuration.patchSize) do not fill pictures of \(side)",
          mend: "name a multiple of \(configuration.patchSize)")
      }
      configuration.picture.side = side
    }
    var hash = SHA256()
    data.withUnsafeBytes { hash.update($0) }
    let description = PretrainedDescription(
      source: url.relativePath, weights: weightsName, checksum: hash.hexDigest, licence: licence,
      storedSide: storedSide, configuration: configuration)
    return (description, content, layout)
  }

  /// The file of weights.
  func weights() throws(UserError) -> String {
    for name in ["open_clip_model.safetensors", "model.safetensors"] where names.contains(name) {
      let configuration = name.hasPrefix("open_clip") ? "open_clip_config.json" : "config.json"
      if names.contains(configuration) || !names.contains("model.safetensors") || name == "model.safetensors" {
        return name
      }
    }
    if names.contains("model.safetensors.index.json") {
      throw UserError(
        .data, "the weights are in several files", at: url.relativePath,
        mend: "save them as one model.safetensors by Python's safetensors")
    }
    let endings = [".bin", ".pt", ".pth", ".ckpt"]
    if let pickle = names.first(where: { name in endings.contains { name.hasSuffix($0) } }) {
      throw UserError(
        .data, "\(pickle) is a Python pickle, which can run any code when it is read, and is not read",
        at: url.relativePath,
        mend:
          "convert it: python -c \"import torch, safetensors.torch as s; s.save_file({k: v.contiguous() for k, v in "
          + "torch.load('\(pickle)', weights_only=True).items()}, 'model.safetensors')\"")
    }
    throw UserError(
      .data, "there is no model.safetensors and no open_clip_model.safetensors", at: url.relativePath,
      mend: "name the folder of a CLIP in the layout of transformers or open_clip")
  }

  private func unknownLayout(_ content: SafetensorsFile, _ file: URL) -> UserError {
    let names = content.arrays.keys.sorted()
    func has(_ start: String) -> Bool { names.contains { $0.hasPrefix(start) } }
    let kind =
      if has("model.diffusion_model.") || has("down_blocks.") {
        "a diffusion model that makes pictures"
      } else if has("visual.layer1.") || has("visual.attnpool.") {
        "CLIP's ResNet"
      } else if has("visual.trunk.") {
        "a CLIP with an image encoder of timm"
      } else if has("blocks.0.") {
        "an image encoder alone, as timm has it"
      } else if has("bert.") || has("embeddings.word_embeddings") {
        "BERT, a text encoder alone, whose config.json is missing"
      } else {
        "no CLIP that is known, its first tensor being \(names.first ?? "none")"
      }
    return UserError(
      .data, "holds \(kind)", at: file.relativePath,
      mend: "take a CLIP with a vision transformer in the layout of transformers or open_clip")
  }

  /// The licence in the front matter of the model's card.
  var licence: String? {
    guard let card = try? String(contentsOf: url.appending(path: "README.md"), encoding: .utf8) else { return nil }
    let lines = card.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.first == "---" else { return nil }
    let front = lines.dropFirst().prefix { $0 != "---" }
    return front.first { $0.hasPrefix("license:") }.map {
      $0.dropFirst("license:".count).trimmingCharacters(in: .whitespaces)
    }
  }
}
