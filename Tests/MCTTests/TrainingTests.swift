import Datasets
import Diagnostics
import Foundation
import Harness
import Interchange
import Kernels
import MCT
import Synchronization
import Testing

private let names = (try? SmallRuns.catalogue.names()) ?? []

/// What `neighbours.json` and `retrieval.json` hold.
private struct Example: Decodable {
  struct Hit: Decodable {
    let identifier: String
    let caption: String?
    let similarity: Double
  }

  let identifier: String
  let caption: String?
  let nearest: [Hit]
  let rank: Double?
}

@Suite(.serialized) struct TrainingTests {
  private let runs: SmallRuns

  init() throws { runs = try SmallRuns() }

  private func events(_ run: (folder: RunFolder, result: SeedResult)) throws -> [TrainingEvent] {
    try MetricsLog.events(in: run.folder.metrics(ofSeed: 0))
  }

  private func file(_ name: String, of run: (folder: RunFolder, result: SeedResult)) -> URL {
    run.folder.seed(0).appending(path: name)
  }

  private func examples(_ name: String, of run: (folder: RunFolder, result: SeedResult)) throws -> [Example] {
    try JSONDecoder().decode([Example].self, from: try Data(contentsOf: file(name, of: run)))
  }

  /// What every run must give: two steps, finite scores, files that fit.
  private func expectWhole(
    _ run: (folder: RunFolder, result: SeedResult), labellings: [String], hasCommonSpace: Bool, terms: [String]
  ) throws {
    let events = try events(run)
    let steps = events.compactMap { if case .step(let record) = $0 { record } else { nil } }
    #expect(steps.count == 2)
    for step in steps {
      #expect((step.gradientNorm ?? 0) > 0)
      #expect(step.terms.first?.name == "total" && Set(step.terms.map(\.name)) == Set(["total"] + terms))
    }
    #expect(events.last == .finished)
    let scores = run.result.scores
    #expect(scores.allSatisfy { $0.value.isFinite })
    for evaluator in ["linear probe", "nearest neighbours"] {
      let own = scores.filter { $0.evaluator == evaluator }
      #expect(own.map(\.metric) == labellings && own.allSatisfy { (0...1).contains($0.value) })
    }
    #expect(scores.count { $0.evaluator == "retrieval" } == (hasCommonSpace ? 8 : 0))
    #expect(scores.count { $0.evaluator == "zero-shot by class name" } == (hasCommonSpace ? labellings.count : 0))
    #expect(scores.count { $0.evaluator == "geometry" } == (hasCommonSpace ? 3 : 0))
    #expect(scores.count { $0.evaluator == "uniformity" } == (hasCommonSpace ? 3 : 1))
    #expect(scores.last?.evaluator == "chosen epoch" && scores.last?.value == 1)

    let checkpoint = try SafetensorsFile(readingFrom: file(Checkpoint.fileName, of: run))
    #expect(checkpoint.metadata["epoch"] == "1")
    #expect(checkpoint.arrays["channelMean"]?.shape == [3])
    #expect(checkpoint.arrays.keys.allSatisfy { $0.hasPrefix("query.") || $0.hasPrefix("channel") })
    let embeddings = try NumpyArchive(readingFrom: file(EmbeddingsFile.name, of: run)).arrays
    #expect(embeddings["image features"]?.shape == [10, 4])
    #expect(embeddings["image"]?.shape == (hasCommonSpace ? [10, 8] : nil))
    let neighbours = try examples("neighbours.json", of: run)
    #expect(neighbours.count == 3 && neighbours.allSatisfy { $0.nearest.count == 5 && $0.rank == nil })
    for example in neighbours {
      let similarities = example.nearest.map(\.similarity)
      #expect(similarities == similarities.sorted(by: >))
      #expect(!example.nearest.contains { $0.identifier == example.identifier })
    }
  }

  @Test(
    .enabled(if: SmallRuns.hasEmoji, "the Debian packages with the emoji are not installed"))
  func emojiRecipesTrain() throws {
    let all = ["image intra", "tags", "caption intra", "image → caption", "caption → image"]
    let terms: [String: [String]] = [
      "mct/inter-only": Array(all[3...]), "mct/clip": ["clip"],
      "mct/intra-inter": ["image intra"] + all[2...], "mct/no-caption-intra": Array(all[..<2] + all[3...]),
      "mct/one-direction": Array(all[..<4]),
    ]
    let full: Set = ["mct/emoji", "mct/shuffled-tags", "mct/hinge", "mct/hinge-hardest"]
    let dataset = try runs.emoji()
    for name in names where name != "mct/cifar-moco" && name != "mct/folder" {
      let run = try runs.run(name, dataset: dataset)
      let own = full.contains(name) ? all : terms[name] ?? ["image intra"]
      try expectWhole(
        run, labellings: ["subgroup", "group"], hasCommonSpace: own.contains { $0.contains("→") || $0 == "clip" },
        terms: own)
      #expect(run.result.scores.contains { $0.evaluator == "tags" })
      let hasQueue = !["mct/simclr", "mct/clip", "mct/inter-only"].contains(name)
      #expect(run.result.scores.contains { $0.evaluator == "pretext, last epoch" } == hasQueue, "\(name)")
      // The small training set has 300 emoji.
      let isLarge = name.contains("queue-2") || name.contains("queue-4")
      #expect(run.result.notes.contains { $0.contains("larger than the training set") } == isLarge, "\(name)")
      #expect(
        try events(run).contains { if case .note = $0 { true } else { false } } == isLarge, "\(name)")
    }
  }

  @Test(
    .enabled(if: SmallRuns.hasEmoji, "the Debian packages with the emoji are not installed"))
  func aSeedDecidesEverythingAndTheBestEpochIsKept() throws {
    let overrides = ["training.epochs=3", "training.learningRate=0.01"]
    let dataset = try runs.emoji()
    let first = try runs.run("mct/emoji", overrides: overrides, dataset: dataset)
    let second = try runs.run("mct/emoji", overrides: overrides, dataset: dataset)
    #expect(first.result.scores == second.result.scores)
    let files = try [first, second].map { try Data(contentsOf: file(Checkpoint.fileName, of: $0)) }
    #expect(files[0] == files[1])
    #expect(
      try runs.run("mct/emoji", seed: 1, overrides: overrides, dataset: dataset).result.scores != first.result.scores)

    let looks = try events(first).compactMap { event -> Double? in
      guard case .evaluated(let scores) = event, scores.first?.evaluator == "validation" else { return nil }
      return scores[0].value
    }
    #expect(looks.count == 3)
    let best = try #require(looks.firstIndex(of: looks.max() ?? 0)) + 1
    #expect(first.result.scores.last?.value == Double(best))
    let chosen = try SafetensorsFile(readingFrom: file(Checkpoint.fileName, of: first))
    #expect(chosen.metadata["epoch"] == "\(best)")
    let last = try runs.run("mct/emoji", overrides: overrides + ["evaluation.selection=last"], dataset: dataset)
    #expect(last.result.scores.last?.value == 3)
    // What is not looked at on the way does not change the way.
    let lastFile = try SafetensorsFile(readingFrom: file(Checkpoint.fileName, of: last))
    let isSame: Bool = lastFile.arrays == chosen.arrays
    #expect(isSame == (best == 3))
    let retrieval = try runs.run(
      "mct/emoji", overrides: overrides + ["evaluation.selection=retrieval"], dataset: dataset)
    #expect(retrieval.result.notes.contains { $0.contains("mean R@10") })

    let found = try examples("retrieval.json", of: first)
    #expect(found.count == 3 && found.allSatisfy { ($0.rank ?? 0) >= 1 && $0.caption?.isEmpty == false })
    for example in found where example.rank == 1 { #expect(example.nearest[0].identifier == example.identifier) }
  }

  @Test(
    .enabled(if: SmallRuns.hasEmoji, "the Debian packages with the emoji are not installed"))
  func whatTheDataSetHasNotIsNamed() throws {
    let dataset = try runs.emoji()
    let all = "it has image, caption-en, caption-ko, tags"
    for (override, message) in [
      ("data.image=picture", "data.image: emoji has no modality `picture`; \(all)"),
      ("data.image=tags", "data.image: `tags` is no modality of images with one or three channels"),
      ("data.captions=[image]", "data.captions: `image` is no modality of captions"),
      ("data.tags=keywords", "data.tags: emoji has no modality `keywords`; \(all)"),
      ("augmentation.neverFlipped=[Flag]", "augmentation.neverFlipped: emoji has no class `Flag`"),
      ("evaluation.labellings=[hue]", "evaluation.labellings: emoji has no labelling `hue`; it has subgroup, group"),
    ] {
      let error = #expect(throws: UserError.self) {
        try runs.run("mct/emoji", overrides: [override], dataset: dataset)
      }
      #expect(error?.description == message)
    }
  }

  @Test func photographsTrain() throws {
    try runs.writePhotographs()
    let run = try runs.run("mct/cifar-moco")
    try expectWhole(run, labellings: ["class"], hasCommonSpace: false, terms: ["image intra"])
    #expect(run.result.datasetChecksums["cifar"]?.count == 64)
  }

  /// Pictures of noise with captions and tags, some absent, and without any labelling.
  private func album(lacking modality: String?) -> MultimodalDataset {
    func split(_ name: String, _ count: Int) -> MultimodalSplit {
      var stream = RandomStream(seed: 1, name: name)
      func column(_ name: String, _ kind: ModalityKind, _ items: ModalityItems) -> ModalityColumn {
        let rows = (0..<count).map { name == modality && $0 % 3 == 1 ? ModalityColumn.absent : Int32($0) }
        return ModalityColumn(modality: Modality(name: name, kind: kind), items: items, rows: rows)
      }
      let captions = (0..<Int32(count)).flatMap { number -> [Int32] in
        [WordTokeniser.begin, 4 + number % 7, 11 + number / 7, WordTokeniser.end, 0, 0]
      }
      return MultimodalSplit(
        name: name,
        columns: [
          column(
            "photo", .image(height: 8, width: 8, channels: 1), .numbers((0..<count * 64).map { _ in stream.uniform() })),
          column("text", .tokens(length: 6, vocabulary: 20), .tokens(captions)),
          column("synonym", .tokens(length: 6, vocabulary: 20), .tokens(captions)),
          column("words", .tags(count: 2), .numbers((0..<count * 2).map { Float($0 % 2) })),
        ], labels: [:])
    }
    return MultimodalDataset(
      name: "album", train: split("train", 40), validation: split("validation", 9), test: split("test", 9),
      classNames: [:], checksum: "none")
  }

  /// Asks to stop after some steps.
  private final class Stopper: EventSink {
    private let left: Mutex<Int>
    init(steps: Int) { left = Mutex(steps) }
    var shouldStop: Bool { left.withLock { $0 <= 0 } }
    func receive(_ event: TrainingEvent) throws(UserError) {
      if case .step = event { left.withLock { $0 -= 1 } }
    }
  }

  private func run(
    _ dataset: MultimodalDataset, in place: URL? = nil, steps: Int = .max, overrides: [String]
  ) throws -> SeedResult {
    let small = SmallRuns.overrides(of: "mct/folder", seed: 0).filter { !$0.hasPrefix("data.emoji") }
    let recipe = try SmallRuns.catalogue.recipe(
      "mct/folder",
      overrides: small + [
        "training.batchSize=20", "data.image=photo", "data.captions=[text, synonym]", "data.tags=words",
      ] + overrides)
    let stopper = Stopper(steps: steps)
    let folder = place ?? runs.folder
    let context = SeedContext(
      folder: folder, events: stopper, cacheFolder: folder, checkpointSeconds: place == nil ? nil : 0, threads: 1,
      stopRequested: { stopper.shouldStop })
    let threads = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = threads }
    return try MCTExperiment().run(
      seed: 0, settings: try recipe.settings(as: MCTSettings.self), dataset: dataset, context: context)
  }

  @Test(arguments: [nil, "synonym", "words"]) func anAlbumOfOnesOwnTrains(lacking modality: String?) throws {
    let result = try run(album(lacking: modality), overrides: ["evaluation.selection=retrieval"])
    #expect(result.scores.allSatisfy { $0.value.isFinite })
    #expect(result.scores.contains { $0.evaluator == "retrieval" && $0.subject == "text → image" })
    #expect(result.scores.contains { $0.evaluator == "tags" })
    #expect(!result.scores.contains { $0.evaluator == "linear probe" })
    let names = try Data(contentsOf: runs.folder.appending(path: EmbeddingsFile.classNames))
    #expect(String(decoding: names, as: UTF8.self) == #"["all"]"#)
  }

  @Test(arguments: [[3], [1, 4]]) func aTrainingThatWasStoppedGoesOnExactly(stops: [Int]) throws {
    let overrides = [
      "training.epochs=4", "training.learningRate=0.01", "evaluation.selection=retrieval", "model.textDropout=0.2",
    ]
    func place(_ name: String) throws -> URL {
      let url = runs.folder.appending(path: name)
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      return url
    }
    let (whole, broken) = (try place("whole"), try place("broken"))
    let undisturbed = try run(album(lacking: nil), in: whole, overrides: overrides)
    for steps in stops {
      #expect(throws: Interruption()) {
        try run(album(lacking: nil), in: broken, steps: steps, overrides: overrides)
      }
    }
    let resumed = try run(album(lacking: nil), in: broken, overrides: overrides)
    #expect(resumed.scores == undisturbed.scores)
    // Networks, twin, queues with their positions, moments: all of them to the last bit.
    for name in [Checkpoint.fileName, "training-state.safetensors"] {
      let files = try [whole, broken].map { try SafetensorsFile(readingFrom: $0.appending(path: name)) }
      #expect(files[0].arrays == files[1].arrays, "\(name)")
      guard name != Checkpoint.fileName else { continue }
      #expect(files[0].arrays["model.method.queue.imageIntra.progress"]?.floats == [20, 70])
      #expect(files[0].arrays["key.image.stem.weight"] != nil)
    }
  }

  @Test func whatAnAlbumLacksIsNamed() {
    let absent = #expect(throws: UserError.self) {
      try run(album(lacking: "text"), overrides: ["evaluation.selection=last"])
    }
    #expect(
      absent?.description
        == "data: 13 observations of the train side have no text; set data.folder.missing=omitted")
    let unlabelled = #expect(throws: UserError.self) {
      try run(album(lacking: nil), overrides: ["evaluation.selection=neighbours"])
    }
    #expect(
      unlabelled?.description
        == "evaluation.selection: cannot be neighbours, since album has no labelling; give retrieval or last")
    #expect(
      runs.error("mct/folder", overrides: [])?.description
        == "data.folder.path: names no folder; add data.folder.path=FOLDER, a folder with dataset.yaml")
  }

  @Test func photographsThatAreMissingAreNamed() {
    let error = runs.error("mct/cifar-moco", overrides: [])
    #expect(error?.kind == .data)
    #expect(error?.what.hasPrefix("data_batch_1.bin of CIFAR-10 is missing in ") == true)
  }
}
