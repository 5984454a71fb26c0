import AlignmentExperiments
import ComparisonRecipes
import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import Methods
import Pretrained
import Recipes
import Runs
import SampleFolders
import SampleTensors
import Search
import Testing
import Training

/// Encoders that begin from a run or from an imported model.
@Suite(.serialized) struct StartTests {
  private let album: Album
  private let data: [String]

  init() throws {
    album = try Album()
    let folder = album.folder.appending(path: "own")
    try SampleFolder.writeShapes(to: folder, count: 60, size: 32)
    data = [
      "data.set=folder", "data.folder.path=\"\(folder.path)\"", "evaluation.evaluators=[retrieval]",
      "augmentation.isOn=false",
    ]
  }

  private func recipe(_ overrides: [String]) throws -> Recipe {
    try Album.catalogue.recipe("compare/clip", overrides: Album.overrides + data + overrides)
  }

  /// Trains a recipe once, with the files that a run leaves.
  private func run(_ overrides: [String]) throws -> (folder: RunFolder, result: SeedResult) {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let recipe = try recipe(overrides)
    let run = try RunFolder.create(in: album.folder, recipe: recipe, start: Date(timeIntervalSince1970: 0))
    try recipe.yamlWithOrigins.write(to: run.recipe, atomically: true, encoding: .utf8)
    let machine = Machine(commit: nil, processor: "", memory: 0)
    try run.write(
      Manifest(
        recipe: recipe, jobs: 1, threads: 1, dataRoot: nil, machine: machine, versions: [:],
        start: Date(timeIntervalSince1970: 0)))
    let runner = SeedRunner(
      folder: run, seed: 0, catalogue: Album.catalogue, dataRoot: nil, cacheFolder: album.folder, threads: 1)
    return (run, try runner.run(progress: NullSink()) { false })
  }

  private func arrays(_ run: RunFolder) throws -> [String: NumericArray] {
    try SafetensorsFile(readingFrom: run.seed(0).appending(path: Checkpoint.fileName)).arrays
  }

  private func refusal(_ overrides: [String]) -> String {
    do {
      _ = try run(overrides)
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  /// The largest change of any number under a prefix.
  private func change(_ prefix: String, _ first: [String: NumericArray], _ second: [String: NumericArray]) -> Float {
    var largest: Float = 0
    for (name, array) in first where name.hasPrefix(prefix) {
      let (own, other) = (array.floats ?? [], second[name]?.floats ?? [])
      guard own.count == other.count else { return .infinity }
      for (a, b) in zip(own, other) { largest = max(largest, abs(a - b)) }
    }
    return largest
  }

  @Test func encodersBeginFromARun() throws {
    let base = try run([])
    let before = try arrays(base.folder)
    let from = "init.from=\"\(base.folder.url.path)\""
    let still = ["training.learningRate=0.000000000001", "training.weightDecay=0"]
    // Encoders, projections and temperature are the run's.
    let copy = try arrays(run([from] + still).folder)
    for part in ["encoders.", "method.projections.", "method.objective."] {
      #expect(change(part, before, copy) < 1e-6, "\(part)")
    }
    let locked = try run([from, "init.freeze=image"])
    let after = try arrays(locked.folder)
    #expect(change("encoders.picture.", before, after) == 0)
    #expect(change("encoders.captions.", before, after) > 1e-4)
    #expect(change("method.projections.picture.", before, after) > 1e-4)
    let taken = try arrays(run([from, "init.take=image"] + still).folder)
    #expect(change("encoders.picture.", before, taken) < 1e-6)
    #expect(change("encoders.captions.", before, taken) > 1e-3)
    let counts = [base.result, locked.result].map { $0.parameterCount ?? 0 }
    let frozen = before.filter { $0.key.hasPrefix("encoders.picture.") }.reduce(0) {
      $0 + ($1.value.floats?.count ?? 0)
    }
    #expect(counts[0] - counts[1] == frozen)
    let checksums = locked.result.datasetChecksums
    #expect(checksums.count == 2 && checksums["init from \(base.folder.url.path)"]?.count == 64)
    #expect(locked.result.notes.contains { $0.contains("begin from") && $0.contains("image frozen") })
    // What does not fit is named, all of it.
    let wide = refusal([from, "model.imageDimensions=16", "model.textLayers=2", "model.imageHeads=4"])
    for key in ["model.imageDimensions is 8 there, 16 here", "model.imageHeads is 2", "model.textLayers is 1"] {
      #expect(wide.contains(key), "\(wide)")
    }
    #expect(refusal(["init.from=nowhere"]).contains("names no folder, nowhere"))
    #expect(refusal(["init.freeze=image"]).contains("needs `init.from`"))
    #expect(refusal([from, "init.take=image", "init.freeze=text"]).contains("leaves to random numbers"))
  }

  /// What is tested must not have been learnt from before, or the reader must know.
  @Test func anotherSplitOfTheSameDataIsNamed() throws {
    let base = try run(["data.folds=3", "data.fold=0"])
    let from = ["init.from=\"\(base.folder.url.path)\"", "init.take=image"]
    func remarks(_ overrides: [String]) throws -> [String] {
      try run(from + overrides).result.notes.filter { $0.contains("has learnt from") }
    }
    #expect(try remarks(["data.folds=3", "data.fold=0"]).isEmpty)
    // The seed 0 tests the fold 0 unless another is named.
    #expect(try remarks(["data.folds=3"]).isEmpty)
    let other = try remarks(["data.folds=3", "data.fold=2"])
    #expect(other.count == 1 && other[0].contains("another split of the data (fold 0, here 2)"), "\(other)")
    let more = try remarks(["data.folds=4", "data.fold=0"])
    #expect(more.count == 1 && more[0].contains("(folds 3, here 4)"), "\(more)")
  }

  @Test(arguments: ["lora", "tensorTrain"]) func adaptersAreTrainedAlone(kind: String) throws {
    let base = try run([])
    let before = try arrays(base.folder)
    let adapted = try run([
      "init.from=\"\(base.folder.url.path)\"", "init.adapter=\(kind)", "init.rank=2", "init.freeze=text",
    ])
    let after = try arrays(adapted.folder)
    let own = before.keys.filter { $0.hasPrefix("encoders.") }
    #expect(own.allSatisfy { before[$0]?.floats == after[$0]?.floats })
    let adapters = after.filter { $0.key.hasPrefix("encoders.picture.adapters.") }
    let parts = kind == "lora" ? 2 : 3
    #expect(adapters.count == 4 * parts)
    // What is zero at first has been trained.
    let last = kind == "lora" ? "up" : "2"
    #expect(
      adapters.filter { $0.key.hasSuffix(".\(last)") }.allSatisfy { $0.value.floats?.contains { $0 != 0 } ?? false })
    let numbers = adapters.values.reduce(0) { $0 + ($1.floats?.count ?? 0) }
    let others = after.filter { $0.key.hasPrefix("method.") }.values.reduce(0) { $0 + ($1.floats?.count ?? 0) }
    #expect(adapted.result.parameterCount == numbers + others)
    // Opened again, with adapters taken into the weights, the networks are those that the run has measured.
    let settings = try recipe([
      "init.from=\"\(base.folder.url.path)\"", "init.adapter=\(kind)", "init.rank=2", "init.freeze=text",
    ]).settings(as: AlignmentSettings.self)
    try FileManager.default.removeItem(at: base.folder.url)
    let context = SeedContext(
      folder: adapted.folder.seed(0), events: NullSink(), cacheFolder: album.folder, threads: 1)
    let embedder = try CompareExperiment().embedder(
      seed: 0, settings: settings, checkpoint: adapted.folder.seed(0).appending(path: Checkpoint.fileName),
      context: context, observations: false)
    let written = try NumpyArchive(readingFrom: adapted.folder.seed(0).appending(path: EmbeddingsFile.name)).arrays
    let expected = try #require(written["picture"])
    let side = try CompareExperiment().dataset(settings, seed: 0, context: context).test
    // A run writes down evenly spread observations.
    let rows = (0..<expected.shape[0]).map { $0 * side.count / expected.shape[0] }
    guard case .numbers(let pixels) = side.items(of: "picture", at: rows) else {
      Issue.record("no pictures")
      return
    }
    let images = try embedder.embed(pictures: pixels, count: rows.count)
    #expect(try distance(images.values, #require(expected.floats)) < 1e-5)
  }

  /// A vocabulary of all bytes, in the small model's 900 tokens.
  private static func vocabulary() -> String {
    var (symbols, next): ([String], UInt32) = ([], 0x100)
    for byte in UInt32(0)..<256 {
      let isPrinted = (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
      symbols.append(Unicode.Scalar(isPrinted ? byte : next).map { String(Character($0)) } ?? "")
      if !isPrinted { next += 1 }
    }
    var names = symbols + symbols.map { $0 + "</w>" }
    while names.count < 900 { names.append("unused\(names.count)") }
    // With a single merge, so that nobody takes it for WordPiece.
    names[512] = "ab</w>"
    (names[799], names[800]) = ("<|startoftext|>", "<|endoftext|>")
    let quoted = names.enumerated().map { number, name in
      "\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\": \(number)"
    }
    return "{\(quoted.joined(separator: ", "))}"
  }

  @Test func encodersBeginFromAnImportedModel() throws {
    let files = FileManager.default
    let tiny = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ParityTests/Pretrained/tiny-gelu")
    let fetched = album.folder.appending(path: "fetched")
    try files.createDirectory(at: fetched, withIntermediateDirectories: true)
    for name in ["config.json", "model.safetensors"] {
      try files.copyItem(at: tiny.appending(path: name), to: fetched.appending(path: name))
    }
    try Data(Self.vocabulary().utf8).write(to: fetched.appending(path: "vocab.json"))
    try Data("#version: 0.2\na b</w>\n".utf8).write(to: fetched.appending(path: "merges.txt"))
    #expect(refusal(["init.from=\"\(fetched.path)\""]).contains("concord import"))
    let folder = album.folder.appending(path: "model")
    _ = try PretrainedModel.importing(fetched, to: folder)
    let from = ["init.from=\"\(folder.path)\"", "model.dimensions=40"]
    #expect(refusal(from + ["data.modalities=[caption]"]) != "accepted")
    // Measured as it is, a model needs its own map; trained, a new one may take its place, and a note says so.
    #expect(refusal(from + ["training.epochs=0"]) == "accepted")
    let other = "init.from=\"\(folder.path)\""
    #expect(refusal([other, "model.dimensions=6", "training.epochs=0"]).contains("model.dimensions: is 6"))
    #expect(try run([other, "model.dimensions=6"]).result.notes.contains { $0.contains("into 40 dimensions") })

    let still = ["training.learningRate=0.000000000001", "training.weightDecay=0", "init.freeze=both"]
    let tuned = try run(from + still)
    #expect(tuned.result.datasetChecksums["init from \(folder.path)"]?.count == 64)
    let model = try PretrainedModel(folder: folder, side: 32)
    let settings = try recipe(from + still).settings(as: AlignmentSettings.self)
    // The run is opened without the model.
    let context = SeedContext(folder: tuned.folder.seed(0), events: NullSink(), cacheFolder: album.folder, threads: 1)
    let side = try CompareExperiment().dataset(settings, seed: 0, context: context).test
    try files.removeItem(at: folder)
    let embedder = try CompareExperiment().embedder(
      seed: 0, settings: settings, checkpoint: tuned.folder.seed(0).appending(path: Checkpoint.fileName),
      context: context, observations: false)
    guard case .numbers(let pixels) = side.items(of: "picture", at: [0, 1, 2]) else {
      Issue.record("no pictures")
      return
    }
    let form = model.description.configuration.picture
    let normalised = pixels.indices.map { (pixels[$0] - form.mean[$0 % 3]) / form.deviation[$0 % 3] }
    let own = try embedder.embed(pictures: pixels, count: 3)
    let expected = model.images(normalised, count: 3)
    #expect(zip(own.values, expected.values).allSatisfy { abs($0 - $1) < 1e-5 })
    let texts = ["a red disc", "파란 사각형", "red"]
    let words = try embedder.embed(texts: texts, caption: "caption")
    let expectedWords = try model.texts(texts)
    #expect(zip(words.values, expectedWords.values).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(abs(embedder.scale.value - Double(model.scale)) < 1e-3)
    // It trains, wholly or by adapters.
    _ = try PretrainedModel.importing(fetched, to: folder)
    let before = try run(from).result
    let adapted = try run(from + ["init.adapter=lora"]).result
    #expect((adapted.parameterCount ?? 0) * 2 < before.parameterCount ?? 0)
    #expect(refusal(from + ["init.take=image", "model.dimensions=6", "init.freeze=image"]) == "accepted")
    #expect(refusal(["init.from=\"\(folder.path)\"", "method.name=mct", "model.dimensions=40"]) == "accepted")
    #expect(refusal(["init.from=\"\(folder.path)\"", "method.name=gmc", "model.dimensions=40"]) == "accepted")
    #expect(refusal(["init.from=\"\(folder.path)\"", "method.name=fdt", "model.dimensions=40"]) == "accepted")
  }

  @Test func captionsBeginFromATextEncoder() throws {
    let tiny = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ParityTests/Pretrained/tiny-bert")
    let folder = album.folder.appending(path: "words")
    let encoder = try SentenceEncoder.importing(tiny, to: folder)
    let from = "init.from=\"\(folder.path)\""
    #expect(refusal([from]).contains("text encoder alone"))
    #expect(refusal([from, "init.take=text", "method.name=vae"]).contains("method.vae.decoder.texts: is sequence"))
    let tuned = try run([from, "init.take=text", "init.freeze=text"])
    let own = try arrays(tuned.folder)
    #expect(
      change("encoders.captions.", own, try arrays(run([from, "init.take=text", "init.freeze=text"]).folder)) == 0)
    let words = encoder.parameterCount
    #expect(
      own.filter { $0.key.hasPrefix("encoders.captions.") }.values.reduce(0) { $0 + ($1.floats?.count ?? 0) } == words)
    #expect(own["method.projections.captions.weight"]?.shape == [6, 12])
    #expect(refusal([from, "init.take=text", "init.adapter=lora"]) == "accepted")
  }

  /// Captions of a second language find pictures by what they have learnt from those of the first.
  @Test func aSecondLanguageLearnsWithoutPictures() throws {
    let folder = album.folder.appending(path: "two")
    try SampleFolder.writeShapes(
      to: folder, count: 120, length: 12, others: "other: { kind: text, column: other, length: 24 }")
    let table = try String(contentsOf: folder.appending(path: "captions.csv"), encoding: .utf8)
    let lines = table.split(whereSeparator: \.isNewline).map(String.init)
    // The second language says the same in reversed letters.
    let rows = lines.enumerated().map { number, line in
      guard number > 0, let caption = line.split(separator: "\"").dropFirst().first else { return line + ",other" }
      return line + ",\"" + String(caption.reversed()) + "\""
    }
    try rows.joined(separator: "\n").write(
      to: folder.appending(path: "captions.csv"), atomically: true, encoding: .utf8)
    let own = [
      "data.folder.path=\"\(folder.path)\"", "model.sharesTextEncoder=false", "training.epochs=12",
      "model.dimensions=12",
      "training.learningRate=0.01",
    ]
    let base = try run(own + ["data.modalities=[picture, caption]"])
    let distil =
      own + [
        "data.modalities=[picture, caption, other]", "init.from=\"\(base.folder.url.path)\"",
        "init.modalities=[picture, caption]", "init.freeze=both", "method.name=distil",
      ]
    let before = try run(distil + ["training.epochs=0"])
    let after = try run(distil)
    let kept = try arrays(base.folder)
    let learnt = try arrays(after.folder)
    #expect(change("encoders.picture.", kept, learnt) == 0 && change("encoders.caption.", kept, learnt) == 0)
    #expect(change("method.projections.picture.", kept, learnt) == 0)
    // What the second language says is where the first one says it.
    func likeness(_ run: RunFolder) throws -> Float {
      let written = try NumpyArchive(readingFrom: run.seed(0).appending(path: EmbeddingsFile.name)).arrays
      let (one, two) = (written["caption"]?.floats ?? [], written["other"]?.floats ?? [])
      #expect(one.count == two.count && !one.isEmpty)
      return zip(one, two).reduce(0) { $0 + $1.0 * $1.1 } / Float(max(one.count / 12, 1))
    }
    let (first, last) = (try likeness(before.folder), try likeness(after.folder))
    #expect(last > 0.7 && first < 0.6, "\(first) and \(last)")
    #expect(before.result.notes.contains { $0.contains("without training") })
    #expect(refusal(own + ["method.name=distil"]).contains("init.from"))
    #expect(refusal(["training.epochs=0"]).contains("training.epochs"))
  }

  /// A section that recipes of earlier versions did not have changes no digest while nothing of it is set.
  @Test func aRecipeWithoutItKeepsItsDigests() throws {
    let (plain, same, other) = (try recipe([]), try recipe(["init.rank=8"]), try recipe(["init.rank=4"]))
    #expect(plain.hash == same.hash && plain.hash != other.hash)
    #expect(Computation.configuration(of: plain) == Computation.configuration(of: same))
    #expect(Computation.configuration(of: plain) != Computation.configuration(of: other))
  }
}
