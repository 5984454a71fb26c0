import Autograd
import Diagnostics
import FileMutation
import Foundation
import Interchange
import Kernels
import Parity
import Pretrained
import Testing

/// Published models: their files are read, or refused with one line, and their embeddings are those of their libraries.
@Suite struct PretrainedModelTests {
  private static let fixtures = Bundle.module.bundleURL.appending(path: "Pretrained")
  private static let tiny = fixtures.appending(path: "tiny-gelu")
  private static let shared: URL? = {
    let named = ProcessInfo.processInfo.environment["CONCORD_REFERENCE"].map { URL(filePath: $0) }
    return named?.appending(path: "pretrained")
  }()

  /// A folder with the configuration of the small model, other files, and weights that a test may change.
  private func folder(
    configuration: (name: String, text: String)? = nil, files: [String: Data] = [:],
    weights: (name: String, change: (inout [String: NumericArray]) -> Void)? = nil
  ) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let standard = try String(contentsOf: Self.tiny.appending(path: "config.json"), encoding: .utf8)
    let (name, text) = configuration ?? ("config.json", standard)
    try Data(text.utf8).write(to: folder.appending(path: name))
    if let weights {
      var file = try SafetensorsFile(readingFrom: Self.tiny.appending(path: "model.safetensors"))
      weights.change(&file.arrays)
      try file.write(to: folder.appending(path: weights.name))
    }
    for (name, data) in files { try data.write(to: folder.appending(path: name)) }
    return folder
  }

  private func message(_ folder: URL) -> String {
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      _ = try PretrainedModel(folder: folder)
      return "accepted"
    } catch {
      return error.description
    }
  }

  @Test func embeddingsAreThoseOfTransformers() throws {
    let result = try ParityCheck.run(Self.tiny.appending(path: "reference.safetensors"), model: Self.tiny)
    #expect(result.errors.count == 7)
    // GELU by tanh instead of the error function would be 5e-5 off.
    #expect(result.largestError < 1e-5, "\(result.worst) is off by \(result.largestError)")
  }

  @Test(arguments: ["tiny-hf", "tiny-hf-gelu", "tiny-openclip", "tiny-zeroshot"])
  func embeddingsOfEveryLayoutAreTheLibraries(name: String) throws {
    guard let folder = Self.shared?.appending(path: name), FileManager.default.fileExists(atPath: folder.path) else {
      return
    }
    let result = try ParityCheck.run(folder.appending(path: "reference.safetensors"), model: folder)
    #expect(result.largestError < 1e-5, "\(result.worst) is off by \(result.largestError)")
  }

  private func product(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
    zip(a, b).reduce(0) { (sum: Float, pair: (Float, Float)) -> Float in sum + pair.0 * pair.1 }
  }

  @Test func integersComeNearToFloats() throws {
    let exact = try PretrainedModel(folder: Self.tiny)
    var quantised = exact
    quantised.reduce(to: .int8)
    let pixels: [Float] = (0..<3 * 48 * 48 * 3).map { (number: Int) -> Float in Float(number % 17) / 17 - 0.5 }
    let tokens: [[Int32]] = [[799, 5, 6, 800, 899], [799, 7, 8, 9, 800]]
    for (own, float) in [
      (quantised.images(pixels, count: 3), exact.images(pixels, count: 3)),
      (quantised.texts(tokens), exact.texts(tokens)),
    ] {
      let cosines = (0..<own.rows).map { product(own[row: $0], float[row: $0]) }
      #expect(own.values != float.values && cosines.allSatisfy { $0 > 0.99 }, "\(cosines)")
    }
    // A row does not depend on the others of its batch.
    #expect(quantised.texts([tokens[1]]).values == Array(quantised.texts(tokens)[row: 1]))
    #expect(exact.agreement == nil)
    #expect(quantised.agreement?.hasPrefix("int8: the cosine to float32 of 8 representations is 0.99") == true)
  }

  /// ONNX Runtime has one scale for all rows of a batch; otherwise its numbers are ours.
  @Test func integersComeNearToThoseOfONNXRuntime() throws {
    guard let shared = Self.shared, FileManager.default.fileExists(atPath: shared.appending(path: "onnx").path) else {
      return
    }
    let folder = shared.appending(path: "tiny-openclip")
    let inputs = try SafetensorsFile(readingFrom: folder.appending(path: "reference.safetensors")).arrays
    let outputs = try SafetensorsFile(readingFrom: shared.appending(path: "onnx/int8.safetensors")).arrays
    var model = try PretrainedModel(folder: folder)
    model.reduce(to: .int8)
    let pictures = try #require(inputs["in.pixel_values.7"])
    let (values, area) = (try #require(pictures.floats), pictures.shape[2] * pictures.shape[3])
    let pixels = (0..<values.count).map { (place: Int) -> Float in
      let (picture, pixel, channel) = (place / (3 * area), place / 3 % area, place % 3)
      return values[(picture * 3 + channel) * area + pixel]
    }
    let ids = try #require(inputs["in.input_ids.padded"])
    let tokens = try #require(ids.integers).map { Int32($0) }
    let texts = (0..<ids.shape[0]).map { Array(tokens[$0 * ids.shape[1]..<($0 + 1) * ids.shape[1]]) }
    for (own, key) in [
      (model.images(pixels, count: pictures.shape[0]), "out.image_embeds.per_channel"),
      (model.texts(texts), "out.text_embeds.per_channel"),
    ] {
      let expected = try #require(outputs[key]?.floats)
      let cosines = (0..<own.rows).map { row in
        product(own[row: row], expected[row * own.columns..<(row + 1) * own.columns])
      }
      #expect(expected.count == own.values.count && cosines.allSatisfy { $0 > 0.99 }, "\(key) \(cosines)")
    }
  }

  @Test func positionsAreResizedAsBothLibrariesDo() throws {
    let result = try ParityCheck.run(Self.fixtures.appending(path: "positions.safetensors"), model: Self.tiny)
    #expect(result.errors.count == 6)
    #expect(result.largestError < 1e-5, "\(result.worst) is off by \(result.largestError)")
  }

  @Test func picturesArePreparedAsPillowDoesIt() throws {
    let result = try ParityCheck.run(Self.fixtures.appending(path: "preprocessing.safetensors"))
    #expect(result.errors.count == 11)
    #expect(result.largestError < 1e-3, "\(result.worst) is off by \(result.largestError)")
  }

  /// The small model's sizes as open_clip has them.
  private static let openCLIP = """
    {"model_cfg": {"embed_dim": 40, "vision_cfg": {"image_size": 48, "layers": 2, "width": 48, "head_width": 8,
    "mlp_ratio": 3.3333333333333335, "patch_size": 16}, "text_cfg": {"context_length": 77, "vocab_size": 900,
    "width": 40, "heads": 4, "layers": 3, "mlp_ratio": 2.5}}}
    """

  /// The small model in open_clip's names: blocks in one layer for q, k and v, projections transposed.
  @Test func bothLayoutsGiveTheSameModel() throws {
    let configuration = Self.openCLIP
    let other = try folder(
      configuration: ("open_clip_config.json", configuration), weights: ("model.safetensors", Self.rename))
    defer { try? FileManager.default.removeItem(at: other) }
    let count = 2 * 48 * 48 * 3
    let pixels: [Float] = (0..<count).map { (number: Int) -> Float in Float(number % 17) / 17 }
    let (own, same) = (try PretrainedModel(folder: Self.tiny), try PretrainedModel(folder: other))
    #expect(own.images(pixels, count: 2).values == same.images(pixels, count: 2).values)
    let tokens: [[Int32]] = [[799, 5, 6, 800, 899], [799, 7, 8, 9, 800]]
    let (texts, others) = (own.texts(tokens), same.texts(tokens))
    // The end of the first text is its largest token there, the first 800 here.
    #expect(texts[row: 0] != others[row: 0])
    #expect(zip(texts[row: 1], others[row: 1]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  private static let renamings: [(String, String)] = [
    ("vision_model.encoder.layers", "visual.transformer.resblocks"),
    ("text_model.encoder.layers", "transformer.resblocks"), ("text_model.final_layer_norm", "ln_final"),
    ("layer_norm", "ln_"), ("mlp.fc1", "mlp.c_fc"),
    ("mlp.fc2", "mlp.c_proj"), ("vision_model.embeddings.patch_embedding", "visual.conv1"),
    ("vision_model.embeddings.class_embedding", "visual.class_embedding"),
    ("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"),
    ("vision_model.pre_layrnorm", "visual.ln_pre"), ("vision_model.post_layernorm", "visual.ln_post"),
    ("text_model.embeddings.token_embedding", "token_embedding"),
    ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
  ]

  private static func rename(_ arrays: inout [String: NumericArray]) {
    var renamed: [String: NumericArray] = [:]
    func transposed(_ array: NumericArray) -> NumericArray {
      let (rows, columns, values) = (array.shape[0], array.shape[1], array.floats ?? [])
      var result: [Float] = []
      for column in 0..<columns {
        for row in 0..<rows { result.append(values[row * columns + column]) }
      }
      return NumericArray(result, shape: [columns, rows])
    }
    for (name, array) in arrays where !name.contains("position_ids") && !name.contains("_proj.") {
      var new = name
      for (old, other) in Self.renamings { new = new.replacing(old, with: other) }
      switch name {
      case "visual_projection.weight": renamed["visual.proj"] = transposed(array)
      case "text_projection.weight": renamed["text_projection"] = transposed(array)
      default: renamed[new] = array
      }
    }
    for name in arrays.keys where name.hasSuffix("self_attn.q_proj.weight") {
      let block = String(name.dropLast("self_attn.q_proj.weight".count))
      let target = block.replacing("vision_model.encoder.layers", with: "visual.transformer.resblocks")
        .replacing("text_model.encoder.layers", with: "transformer.resblocks")
      for kind in ["weight", "bias"] {
        let parts = ["q", "k", "v"].compactMap { arrays["\(block)self_attn.\($0)_proj.\(kind)"] }
        renamed["\(target)attn.in_proj_\(kind)"] = NumericArray(
          parts.flatMap { $0.floats ?? [] }, shape: [parts[0].shape[0] * 3] + parts[0].shape.dropFirst())
        renamed["\(target)attn.out_proj.\(kind)"] = arrays["\(block)self_attn.out_proj.\(kind)"]
      }
    }
    arrays = renamed
  }

  @Test func aBiasBelongsToTheLogits() throws {
    let biased = try folder(
      weights: ("model.safetensors", { $0["logit_bias"] = NumericArray([-10] as [Float]) }))
    defer { try? FileManager.default.removeItem(at: biased) }
    #expect(try PretrainedModel(folder: biased).model.logitBias == -10)
    #expect(try PretrainedModel(folder: Self.tiny).model.logitBias == nil)
    var reference = try SafetensorsFile(readingFrom: Self.tiny.appending(path: "reference.safetensors"))
    for (key, array) in reference.arrays where key.hasPrefix("out.logits_per_image") {
      reference.arrays[key] = NumericArray((array.floats ?? []).map { $0 - 10 }, shape: array.shape)
    }
    let file = biased.appending(path: "reference.safetensors")
    try reference.write(to: file)
    let result = try ParityCheck.run(file, model: biased)
    #expect(result.errors.keys.contains { $0.hasPrefix("out.logits_per_image") })
    #expect(result.largestError < 1e-5, "\(result.worst) is off by \(result.largestError)")
  }

  @Test func everyTensorThatDoesNotFitIsNamedAtOnce() throws {
    let bad = try folder(
      weights: (
        "model.safetensors",
        {
          $0["visual_projection.weight"] = nil
          $0["logit_scale"] = NumericArray([1, 2] as [Float])
          $0["extra"] = NumericArray([1] as [Float])
        }
      ))
    let told = message(bad)
    #expect(told.contains("3 tensors") && told.contains("visual_projection.weight is missing"))
    #expect(told.contains("logit_scale has the shape [2]") && told.contains("extra is unknown"))
  }

  @Test func whatIsNoCLIPIsRefusedByName() throws {
    let pickle = try folder(files: ["pytorch_model.bin": Data([0x80, 2])])
    let told = message(pickle)
    #expect(told.contains("pickle") && told.contains("save_file"))
    let pipeline = try folder(files: ["model_index.json": Data("{}".utf8)])
    #expect(message(pipeline).contains("diffusers"))
    let resNet = try folder(
      weights: ("model.safetensors", { $0 = ["visual.layer1.0.conv1.weight": NumericArray([1] as [Float])] }))
    #expect(message(resNet).contains("ResNet"))
    let other = try folder(
      configuration: ("config.json", #"{"model_type": "siglip"}"#), weights: ("model.safetensors", { _ in }))
    #expect(message(other).contains("siglip"))
    let bare = try folder(configuration: ("notes.json", "{}"), weights: ("model.safetensors", { _ in }))
    #expect(message(bare).contains("config.json"))
    let foreign = try folder(files: [
      "model.safetensors": try Data(contentsOf: Self.tiny.appending(path: "model.safetensors")),
      "vocab.txt": Data("[CLS]\n[SEP]\n[UNK]\n".utf8),
    ])
    #expect(message(foreign).contains("3 tokens, the model 900"))
  }

  @Test func anImportedModelIsTheSameModel() throws {
    let target = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: target) }
    let imported = try PretrainedModel.importing(Self.tiny, to: target)
    #expect(PretrainedModel.isImported(target) && imported.description.checksum.count == 64)
    let opened = try PretrainedModel(folder: target)
    #expect(opened.description == imported.description)
    let tokens: [[Int32]] = [[799, 5, 6, 800]]
    #expect(opened.texts(tokens).values == imported.texts(tokens).values)
    #expect(throws: UserError.self) { try PretrainedModel.importing(Self.tiny, to: target) }
    let larger = target.appending(path: "larger")
    let resized = try PretrainedModel.importing(Self.tiny, to: larger, side: 64)
    #expect(resized.images([Float](repeating: 0, count: 64 * 64 * 3), count: 1).rows == 1)
    #expect(try PretrainedModel(folder: larger).description.configuration.grid == 4)
  }

  /// Damaged descriptions of imported models, open_clip's configurations and headers of weights.
  @Test(arguments: ["pretrained.json", "open_clip_config.json", "model.safetensors"])
  func hostileFiles(name: String) throws {
    let target = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: target) }
    var corpus: [UInt8]
    switch name {
    case "pretrained.json":
      _ = try PretrainedModel.importing(Self.tiny, to: target)
      corpus = [UInt8](try Data(contentsOf: target.appending(path: name)))
    case "open_clip_config.json":
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      var weights = try SafetensorsFile(readingFrom: Self.tiny.appending(path: "model.safetensors"))
      Self.rename(&weights.arrays)
      try weights.write(to: target.appending(path: "model.safetensors"))
      corpus = [UInt8](Self.openCLIP.utf8)
    default:
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      let configuration = Self.tiny.appending(path: "config.json")
      try FileManager.default.copyItem(at: configuration, to: target.appending(path: "config.json"))
      // Its header, with a few of its numbers.
      let bytes = [UInt8](try Data(contentsOf: Self.tiny.appending(path: "model.safetensors")))
      let header = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
      corpus = Array(bytes.prefix(8 + header + 64))
    }
    let file = target.appending(path: name)
    let words = [
      "width", "layers", "null", "0", "-1", "1e9", "F16", "I64", "data_offsets", "shape", "[1]", "true", "{}",
    ]
    let fuzz = FuzzRun(name, corpus: [corpus], vocabulary: words, count: name == "pretrained.json" ? 60 : 150)
    let outcome = try fuzz(place: target.relativePath, seesTruncation: false) { bytes in
      try Data(bytes).write(to: file)
      _ = try PretrainedModel(folder: target)
    }
    #expect(outcome.failures.isEmpty, "\(outcome.failures)")
  }

  @Test func aDiffusionModelInOneFileIsNamed() throws {
    let single = try folder(
      weights: (
        "model.safetensors",
        {
          $0 = [
            "model.diffusion_model.input_blocks.0.0.weight": NumericArray([1] as [Float]),
            "first_stage_model.decoder.conv_in.weight": NumericArray([1] as [Float]),
            "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": NumericArray(
              [1] as [Float]),
          ]
        }
      ))
    #expect(message(single).contains("holds a diffusion model that makes pictures"))
  }

  /// Damaged configurations and weights are read or refused, never the end of the program.
  @Test func hostileConfigurations() throws {
    let standard = [UInt8](try Data(contentsOf: Self.tiny.appending(path: "config.json")))
    let words = ["hidden_size", "null", "0", "-1", "1e9", "768", "quick_gelu", "eos_token_id", "true", "{}"]
    let target = try folder(
      weights: ("model.safetensors", { $0 = $0.filter { $0.key.contains("patch_embedding") } }))
    defer { try? FileManager.default.removeItem(at: target) }
    let fuzz = FuzzRun("config.json", corpus: [standard], vocabulary: words, count: 200)
    let outcome = try fuzz(place: target.relativePath, seesTruncation: false) { bytes in
      try Data(bytes).write(to: target.appending(path: "config.json"))
      _ = try PretrainedModel(folder: target)
    }
    #expect(outcome.failures.isEmpty, "\(outcome.failures)")
  }
}
