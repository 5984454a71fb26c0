import AlignmentExperiments
import Autograd
import Datasets
import Diagnostics
import Encoders
import Foundation
import GraphInterpretation
import Graphs
import Interchange
import Kernels
import Layers
import Methods
import Objectives
import Options
import Pretrained
import Search
import StrictYAML
import Testing

/// Whether a Python with some packages is there; `CONCORD_PYTHON` names it, else it is `python3`.
private let python = ProcessInfo.processInfo.environment["CONCORD_PYTHON"] ?? "python3"

private func run(_ arguments: [String]) -> (status: Int32, output: String)? {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [python] + arguments
  var environment = ProcessInfo.processInfo.environment
  environment["OPENBLAS_CORETYPE"] = nil
  process.environment = environment
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return nil }
  let data = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

private func has(_ packages: String...) -> Bool {
  run(["-c", "import \(packages.joined(separator: ", "))"])?.status == 0
}
private let hasChecker = has("onnx")
private let hasRuntime = has("onnxruntime", "numpy")
private let hasQuantiser = hasChecker && hasRuntime && has("onnxruntime.quantization")

@Suite struct PortableNetworkTests {
  private static let modalities: [Modality] = [
    Modality(name: "picture", kind: .image(height: 8, width: 16, channels: 3)),
    Modality(name: "caption", kind: .tokens(length: 6, vocabulary: 300)),
    Modality(name: "path", kind: .series(length: 7, channels: 3)),
    Modality(name: "boxes", kind: .regions(count: 3, features: 4, classes: 2)),
    Modality(name: "sound", kind: .spectrogram(frames: 8, bands: 5)),
    Modality(name: "strokes", kind: .vector(count: 4)), Modality(name: "tags", kind: .tags(count: 5)),
    Modality(name: "kind", kind: .label(count: 3)),
  ]

  private static func data(_ modalities: [Modality] = modalities) throws -> AlignedData {
    let tokeniser = SubwordTokeniser(texts: ["a b c"], minimumCount: 1)
    let other = SubwordTokeniser(texts: ["가 나"], minimumCount: 1)
    func split(_ name: String) -> MultimodalSplit {
      MultimodalSplit(
        name: name,
        columns: modalities.map { modality in
          let size = 2 * modality.kind.elementCount
          let items: ModalityItems
          if case .tokens = modality.kind {
            items = .tokens([Int32](repeating: 1, count: size))
          } else {
            items = .numbers([Float](repeating: 0.5, count: size))
          }
          return ModalityColumn(modality: modality, items: items, rows: [0, 1])
        }, labels: ["kind": [0, 1]])
    }
    var options = DataOptions()
    options.modalities = modalities.map(\.name)
    return try AlignedData(
      MultimodalDataset(
        name: "all", train: split("train"), validation: split("validation"), test: split("test"),
        classNames: ["kind": ["a", "b", "c"]], checksum: "all",
        tokenisers: ["caption": tokeniser, "caption-ko": other],
        tagNames: ["tags": ["1", "2", "3", "4", "5"]]), options: options)
  }

  /// The networks of small settings whose every number is drawn, also those of norms.
  private static func networks(
    _ prefix: String, of modalities: [Modality] = modalities, start: EncoderStart? = nil,
    _ change: (inout AlignmentSettings) -> Void
  ) throws -> [PortableNetwork] {
    var settings = AlignmentSettings()
    (settings.model.imageDimensions, settings.model.imageLayers, settings.model.imageHeads) = (8, 2, 2)
    (settings.model.textDimensions, settings.model.textLayers, settings.model.textHeads) = (8, 2, 2)
    (settings.model.seriesDimensions, settings.model.seriesLayers, settings.model.seriesHeads) = (8, 2, 2)
    (settings.model.imageWidths, settings.model.stridedWidths) = ([4, 6], [4, 6])
    (settings.model.vectorDimensions, settings.model.tagDimensions, settings.model.dimensions) = ([8], [8], 6)
    change(&settings)
    let data = try data(modalities)
    let model = AlignmentModel(settings, data: data, seed: 0, initialisation: .chained, start: start)
    var stream = RandomStream(seed: 3, name: "numbers")
    for (path, parameter) in model.parameters where path.hasSuffix("gain") || path.hasSuffix("bias") {
      parameter.assign(Tensor((0..<parameter.count).map { _ in 0.5 + stream.uniform() }, shape: parameter.shape))
    }
    for (path, buffer) in model.buffers where path.contains("running") {
      buffer.value = Tensor((0..<buffer.value.count).map { _ in 0.2 + stream.uniform() }, shape: buffer.value.shape)
    }
    return model.networks(data, form: DatasetForm(data.dataset)).map { network in
      PortableNetwork(
        name: "\(prefix)-\(network.name)", kind: network.kind, preparation: network.preparation, graph: network.graph,
        example: network.example)
    }
  }

  /// Every encoder and every way of reading one, one encoder for each; the first networks have all kinds of modalities.
  private static func everyEncoder() throws -> [PortableNetwork] {
    var found: [PortableNetwork] = []
    for encoder in EncoderOptions.ImageEncoder.allCases {
      let all = found.isEmpty ? modalities : Array(modalities[...1])
      found += try networks("image-\(encoder)", of: all) { $0.model.imageEncoder = encoder }.prefix(
        all.count == 2 ? 1 : 9)
    }
    for encoder in EncoderOptions.TextEncoder.allCases {
      for readout in TextTransformer.Readout.allCases {
        found += try networks("text-\(encoder)-\(readout)", of: Array(modalities[...1])) {
          ($0.model.textEncoder, $0.model.textReadout) = (encoder, readout)
          $0.model.causalText = readout == .last
        }.suffix(1)
      }
    }
    for encoder in EncoderOptions.SeriesEncoder.allCases {
      for readout in EncoderOptions.SeriesReadout.allCases {
        found += try networks("series-\(encoder)-\(readout)", of: Array(modalities[1...2])) {
          ($0.model.seriesEncoder, $0.model.seriesReadout) = (encoder, readout)
        }.suffix(1)
      }
    }
    return found
  }

  /// Every method, FDT with each pooling, normalisation and treatment of padding.
  private static func everyMethod() throws -> (networks: [PortableNetwork], names: Set<String>) {
    var (found, names): ([PortableNetwork], Set<String>) = ([], [])
    let pairs = Array(modalities[...1])
    for section in MethodCatalogue.all {
      guard let method = section as? any MethodOptions.Type else { continue }
      names.insert(method.key)
      found += try networks(method.key, of: pairs) { settings in
        settings.method.name = EntryName(method)
        settings.method.options[FDTOptions.self].codes = 16
        settings.method.options[FDTOptions.self].codeTemperature.start = 0.5
      }
    }
    for pooling in FiniteDiscreteTokens.Pooling.allCases {
      for attention in FiniteDiscreteTokens.Attention.allCases {
        for padding in TokenPadding.allCases {
          found += try networks("fdt-\(pooling)-\(attention)-\(padding)", of: pairs) { settings in
            settings.method.name = EntryName(FDTOptions.self)
            settings.method.options[FDTOptions.self].codes = 16
            settings.method.options[FDTOptions.self].codeTemperature.start = 0.5
            settings.method.options[FDTOptions.self].pooling = pooling
            settings.method.options[FDTOptions.self].attention = attention
            settings.method.options[FDTOptions.self].padding = padding
          }.suffix(1)
        }
      }
    }
    for objective in VAEOptions.Objective.allCases {
      found += try networks("vae-\(objective)", of: pairs) { settings in
        settings.method.name = EntryName(VAEOptions.self)
        settings.method.options[VAEOptions.self].objective = objective
      }
    }
    for codebook in VectorQuantisedOptions.Codes.allCases {
      found += try networks("vq-\(codebook)", of: pairs) { settings in
        settings.method.name = EntryName(VectorQuantisedOptions.self)
        settings.method.options[VectorQuantisedOptions.self].codebook = codebook
        settings.method.options[VectorQuantisedOptions.self].codes = 16
      }
    }
    found += try networks("fdt-control", of: pairs) { settings in
      settings.method.name = EntryName(FDTOptions.self)
      settings.method.options[FDTOptions.self].codes = 16
      settings.method.options[FDTOptions.self].isControl = true
    }
    return (found, names)
  }

  /// Encoders that begin from imported models, under methods that read vectors and parts.
  private static func importedEncoders() throws -> [PortableNetwork] {
    let pretrained = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ParityTests/Pretrained")
    var options = StartOptions()
    options.from = "models/tiny"
    let clip = EncoderStart(
      options, source: ImportedSource(try PretrainedModel(folder: pretrained.appending(path: "tiny-gelu"))))
    // Captions that the data's own tokenisers do not read keep the vocabulary that they are given.
    func pairs(vocabulary: Int) -> [Modality] {
      [
        Modality(name: "picture", kind: .image(height: 48, width: 48, channels: 3)),
        Modality(name: "words", kind: .tokens(length: 9, vocabulary: vocabulary)),
      ]
    }
    func use(_ method: any MethodOptions.Type) -> (inout AlignmentSettings) -> Void {
      { settings in
        settings.method.name = EntryName(method)
        settings.method.options[FDTOptions.self].codes = 16
        settings.method.options[FDTOptions.self].codeTemperature.start = 0.5
      }
    }
    var found = try networks("imported", of: pairs(vocabulary: 900), start: clip, use(CLIPOptions.self))
    found += try networks("imported-fdt", of: pairs(vocabulary: 900), start: clip, use(FDTOptions.self))
    options.take = .text
    let bert = EncoderStart(
      options, source: SentenceSource(try SentenceEncoder(folder: pretrained.appending(path: "tiny-bert"))))
    found += try networks("sentences", of: pairs(vocabulary: 16), start: bert, use(CLIPOptions.self)).suffix(1)
    found += try networks("sentences-fdt", of: pairs(vocabulary: 16), start: bert, use(FDTOptions.self)).suffix(1)
    return found
  }

  private static func model(_ networks: [PortableNetwork]) -> PortableModel {
    PortableModel(name: "sample", stem: "sample", origin: [.init("seed", .integer(0))], networks: networks, files: [])
  }

  private func withExport(_ export: ModelExport, _ body: ([URL]) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "concord-export-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(try export.write(to: folder, overwriting: false))
  }

  @Test func everyEncoderIsWritten() throws {
    let networks = try Self.everyEncoder()
    // Eight kinds of modalities, four more encoders of pictures, six of texts and nine of series.
    #expect(networks.count == 27 && Set(networks.map(\.name)).count == 27)
    for network in networks {
      let graph = try network.graph()
      #expect(graph.fault == nil, "\(network.name)")
      #expect(graph.inputs.count == 1 && graph.outputs.map(\.shape) == [[6]], "\(network.name)")
      let file = ONNXFile(graph: graph)
      #expect(try ONNXFile(data: file.encoded()) == file, "\(network.name)")
      let quantised = graph.dynamicallyQuantised()
      #expect(quantised.fault == nil, "\(network.name)")
      #expect(quantised.nodes.contains { $0.operation == "MatMulInteger" }, "\(network.name)")
    }
  }

  private func array(_ input: NumericArray) -> GraphArray {
    GraphArray(input.doubles ?? input.integers?.map { Double($0) } ?? [], input.shape)
  }

  @Test func graphsComputeWhatEncodersDo() throws {
    let refused: Set = [
      "caption-text", "fusion-image", "fusion-text", "moco-text", "prefix-text", "simclr-text", "vilbert-image",
      "vilbert-text",
    ]
    let networks = try Self.everyEncoder() + Self.everyMethod().networks + Self.importedEncoders()
    for network in networks where !refused.contains(network.name) {
      let graph = try network.graph()
      let example = try network.example(3)
      let found = try GraphInterpreter.run(graph, array(example.input))
      #expect(found.shape == [3, example.expected.columns], "\(network.name)")
      #expect(
        zip(found.values, example.expected.values).allSatisfy { abs($0 - Double($1)) < 1e-5 }, "\(network.name)")
      let coarse = try GraphInterpreter.run(graph.dynamicallyQuantised(), array(example.input))
      let cosines = (0..<3).map { row -> Double in
        let width = example.expected.columns
        let (one, other) = (
          coarse.values[row * width..<(row + 1) * width], found.values[row * width..<(row + 1) * width]
        )
        func product(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
          zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        return product(one, other) / (product(one, one) * product(other, other)).squareRoot()
      }
      #expect(cosines.allSatisfy { $0 > 0.98 }, "\(network.name): \(cosines)")
    }
  }

  @Test func everyMethodIsWrittenOrRefusedByName() throws {
    let (networks, names) = try Self.everyMethod()
    let export = try ModelExport(Self.model(networks))
    for part in export.parts { #expect(part.file.graph.fault == nil, "\(part.fileName)") }
    // A method of pictures alone has no captions, one that writes captions or answers does not encode them, and fusion and
    // ViLBERT have no representation of one modality.
    #expect(
      export.refusals.map(\.name).sorted() == [
        "caption-text", "fusion-image", "fusion-text", "moco-text", "prefix-text", "simclr-text", "vilbert-image",
        "vilbert-text",
      ])
    for refusal in export.refusals { #expect(refusal.error.kind == .data && refusal.error.mend != nil) }
    let written = Set(export.parts.map { String($0.network.name.prefix { $0 != "-" }) })
    #expect(written.union(["fusion", "vilbert"]) == names)
  }

  private struct Mystery: Layer {
    var parts: [ModulePart] { [] }
    func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { input }
  }

  @Test func aLayerThatDoesNotSayWhatItDoesIsRefusedByName() throws {
    let builder = GraphBuilder()
    let output = Sequential(Activation.relu, Mystery()).described(builder.input("x", shape: [2]))
    let error = #expect(throws: UserError.self) {
      try builder.graph(named: "image", outputs: [(.init("y", shape: [2]), output)])
    }
    #expect(error?.what == "Mystery is not written as operators of ONNX" && error?.place == "image")
  }

  @Test func textsSayWhatTheirTokensMean() throws {
    var modalities = Array(Self.modalities[...1])
    modalities.append(Modality(name: "caption-ko", kind: .tokens(length: 9, vocabulary: 300)))
    let networks = try Self.networks("x", of: modalities) { _ in }
    #expect(networks.map(\.name) == ["x-image", "x-caption", "x-caption-ko"])
    let (own, other) = (networks[1].preparation, networks[2].preparation)
    guard case .list(let pieces) = own["pieces"], case .list(let others) = other["pieces"] else {
      Issue.record("there are no pieces")
      return
    }
    #expect(pieces.count > 1 && others.count > 1)
    #expect(own["firstPiece"] == .integer(262) && other["firstPiece"] == .integer(262 + pieces.count))
    #expect(own["longest"] == .integer(6) && own["length"] == .integer(9) && other["length"] == .integer(9))
    #expect(own["vocabularySize"] == .integer(262 + pieces.count + others.count) && own["begin"] == .integer(1))
  }

  @Test func partsAreChosenByName() throws {
    let model = Self.model(
      try Self.networks("x") { _ in }.map {
        PortableNetwork(
          name: String($0.name.dropFirst(2)), kind: $0.kind, preparation: $0.preparation, graph: $0.graph,
          example: $0.example)
      })
    #expect(try ModelExport(model, part: "image").parts.map(\.fileName) == ["image.onnx"])
    #expect(try ModelExport(model, part: "text", isQuantised: true).parts.map(\.fileName) == ["text.int8.onnx"])
    #expect(try ModelExport(model, part: "path").parts.map(\.fileName) == ["path.onnx"])
    let error = #expect(throws: UserError.self) { try ModelExport(model, part: "video") }
    #expect(error?.kind == .usage && error?.mend == "it has image, text, path, boxes, sound, strokes, tags, kind")
    let export = try ModelExport(model, part: "image")
    try withExport(export) { files in
      let folder = files[0].deletingLastPathComponent()
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(names == ["image.json", "image.onnx"])
      let again = #expect(throws: UserError.self) { try export.write(to: folder, overwriting: false) }
      #expect(again?.kind == .inputOutput)
      let file = try ONNXFile(readingFrom: files[0])
      #expect(file.metadata["model"] == "sample" && file.metadata["seed"] == "0")
      #expect(file.graph.inputs == [.init("pixel_values", shape: [3, 8, 16])])
      #expect(file.graph.outputs == [.init("image_embeds", shape: [6])])
    }
  }

  @Test(.enabled(if: hasChecker, "python3 has no package onnx: apt-get install python3-onnx, or set CONCORD_PYTHON"))
  func theCheckerOfONNXPassesEveryFile() throws {
    let networks = try Self.everyEncoder() + Self.everyMethod().networks
    for isQuantised in [false, true] {
      try withExport(ModelExport(Self.model(networks), isQuantised: isQuantised)) { files in
        let program = """
          import sys, onnx
          for path in sys.argv[1:]:
              onnx.checker.check_model(onnx.load(path), full_check=True)
          print(len(sys.argv) - 1)
          """
        #expect(run(["-c", program] + files.map(\.path))?.output == "\(files.count)\n")
      }
    }
  }

  @Test(.enabled(if: hasRuntime, "python3 has no package onnxruntime: set CONCORD_PYTHON to one that has"))
  func onnxruntimeComputesTheSame() throws {
    let export = try ModelExport(Self.model(try Self.everyEncoder() + Self.everyMethod().networks))
    try withExport(export) { files in
      guard case .checked(let checks) = try export.check(files, python: python) else {
        Issue.record("onnxruntime was not asked")
        return
      }
      #expect(checks.count == export.parts.count)
      for (part, check) in zip(export.parts, checks) {
        #expect(check.batches.map(\.count) == [1, 2, 7])
        #expect(check.difference < 1e-5, "\(part.fileName)")
      }
    }
  }

  @Test(.enabled(if: hasQuantiser, "python3 has no packages onnx and onnxruntime: set CONCORD_PYTHON to one that has"))
  func quantisedFilesAreThoseOfOnnxruntime() throws {
    let model = Self.model(try Self.everyEncoder())
    try withExport(ModelExport(model)) { floats in
      try withExport(ModelExport(model, isQuantised: true)) { ours in
        let program = """
          import sys, os, tempfile, logging
          import numpy as np, onnx
          from onnx import numpy_helper
          from onnxruntime.quantization import quantize_dynamic, QuantType
          logging.disable(logging.CRITICAL)
          def constants(model):
              return {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
          equal = 0
          with tempfile.TemporaryDirectory() as folder:
              for float_path, path in zip(sys.argv[1::2], sys.argv[2::2]):
                  theirs = os.path.join(folder, "theirs.onnx")
                  quantize_dynamic(float_path, theirs, per_channel=True, weight_type=QuantType.QInt8,
                                   op_types_to_quantize=["MatMul"])
                  a, b = constants(onnx.load(path)), constants(onnx.load(theirs))
                  if a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a): equal += 1
                  else: print(path, sorted(set(a) ^ set(b)), [k for k in a if k in b and not np.array_equal(a[k], b[k])])
          print(equal)
          """
        let pairs = zip(floats, ours).flatMap { [$0.path, $1.path] }
        #expect(run(["-c", program] + pairs)?.output == "\(ours.count)\n")
      }
    }
  }
}
