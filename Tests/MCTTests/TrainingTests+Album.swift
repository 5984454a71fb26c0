import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import MCTPaper
import Recipes
import Runs
import Synchronization
import Testing
import Training

/// Training on an album of one's own; within the suite, since its tests share the number of threads.
extension TrainingTests {
  /// Pictures of noise with captions and tags, some absent, and without any labelling.
  private func album(lacking modality: String?) -> MultimodalDataset {
    let words = (0..<16).map { "w\(["a", "e", "i", "o"][$0 % 4])\(["b", "d", "g", "k"][$0 / 4])" }
    let tokeniser = SubwordTokeniser(texts: words, minimumCount: 1)
    func split(_ name: String, _ count: Int) -> MultimodalSplit {
      var stream = RandomStream(seed: 1, name: name)
      func column(_ name: String, _ kind: ModalityKind, _ items: ModalityItems) -> ModalityColumn {
        let rows = (0..<count).map { name == modality && $0 % 3 == 1 ? ModalityColumn.absent : Int32($0) }
        return ModalityColumn(modality: Modality(name: name, kind: kind), items: items, rows: rows)
      }
      let captions = tokeniser.encode((0..<count).map { "\(words[$0 % 7]) \(words[7 + $0 / 7])" }, length: 6)
      return MultimodalSplit(
        name: name,
        columns: [
          column(
            "photo", .image(height: 8, width: 8, channels: 1), .numbers((0..<count * 64).map { _ in stream.uniform() })),
          column("text", .tokens(length: 6, vocabulary: tokeniser.vocabularyCount), .tokens(captions)),
          column("synonym", .tokens(length: 6, vocabulary: tokeniser.vocabularyCount), .tokens(captions)),
          column("words", .tags(count: 2), .numbers((0..<count * 2).map { Float($0 % 2) })),
        ], labels: [:])
    }
    return MultimodalDataset(
      name: "album", train: split("train", 40), validation: split("validation", 9), test: split("test", 9),
      classNames: [:], checksum: "none", tokenisers: ["text": tokeniser, "synonym": tokeniser])
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
        "training.batchSize=20", "data.modalities=[photo, text, synonym]", "data.tags=words",
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
      seed: 0, settings: try recipe.settings(as: AlignmentSettings.self), dataset: dataset, context: context)
  }

  @Test(arguments: [nil, "synonym", "words"]) func anAlbumOfOnesOwnTrains(lacking modality: String?) throws {
    let result = try run(album(lacking: modality), overrides: ["evaluation.selection=retrieval"])
    #expect(result.scores.allSatisfy { $0.value.isFinite })
    #expect(result.scores.contains { $0.evaluator == "retrieval" && $0.subject == "text → photo" })
    #expect(result.scores.contains { $0.evaluator == "linear probe" && $0.metric == "words mAP" })
    #expect(!result.scores.contains { $0.evaluator == "linear probe" && $0.metric != "words mAP" })
    let names = try Data(contentsOf: runs.folder.appending(path: EmbeddingsFile.classNames))
    #expect(String(decoding: names, as: UTF8.self) == #"["observations"]"#)
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
    #expect(
      try LineChartFile.read(name: "queue-age", in: whole) == LineChartFile.read(name: "queue-age", in: broken))
    for name in [Checkpoint.fileName, "training-state.safetensors"] {
      let files = try [whole, broken].map { try SafetensorsFile(readingFrom: $0.appending(path: name)) }
      let different = files[0].arrays.filter { files[1].arrays[$0.key] != $0.value }.keys.sorted()
      #expect(different.isEmpty && files[0].arrays.keys == files[1].arrays.keys, "\(name): \(different)")
      guard name != Checkpoint.fileName else { continue }
      #expect(files[0].arrays["queues.queue.imageIntra.progress"]?.floats == [20, 70])
      #expect(files[0].arrays.keys.contains { $0.hasPrefix("twin.") && $0.hasSuffix("stem.weight") })
      #expect(files[0].arrays["observer.observations"]?.shape == [4, 20])
    }
  }

  @Test func keysThatTheTwinGivesAgainAreThoseInTheQueue() throws {
    let overrides = ["training.learningRate=0.01", "evaluation.selection=last", "model.textDropout=0.2"]
    func chart(_ more: [String]) throws -> LineChartFile {
      _ = try run(album(lacking: nil), overrides: overrides + more)
      return try LineChartFile.read(name: "queue-age", in: runs.folder)
    }
    // A twin that never moves gives every key again: same views, same batch, same order, same dropout.
    let still = try chart(["training.epochs=8", "method.mct.momentum=1"])
    #expect(still.lines.map(\.name) == ["image intra", "caption intra", "image common", "caption common"])
    for line in still.lines {
      // Of the fourth batch behind the last the queue still holds ten.
      #expect(line.x == [0, 1, 2, 3])
      #expect(line.y.allSatisfy { abs($0 - 1) < 1e-5 }, "\(line)")
    }
    let moving = try chart(["training.epochs=8", "method.mct.momentum=0.5"])
    for line in moving.lines {
      #expect(line.x == [0, 1, 2, 3] && abs(line.y[0] - 1) < 1e-5)
      #expect(line.y[3] < 0.9999 && line.y.allSatisfy { $0 >= -1 }, "\(line)")
    }
    #expect(moving.caption.contains("different observations have mean cosine image intra "))
    // Of 35 steps every second is remembered, of 40 made the last even one is number 38.
    let spaced = try chart([
      "training.epochs=4", "training.batchSize=2", "model.normalisationGroups=1", "method.mct.momentum=1",
    ])
    let odd = stride(from: 1.0, through: 33, by: 2)
    for line in spaced.lines {
      #expect(line.x == Array(odd))
      #expect(line.y.allSatisfy { abs($0 - 1) < 1e-5 }, "\(line)")
    }
    // Fewer steps than the queue has room for.
    let short = try chart(["training.epochs=1", "method.mct.momentum=1"])
    #expect(short.lines.allSatisfy { $0.x == [0, 1] })
  }

  @Test func queuesThatNoMachineHoldsAreRefusedBeforeTraining() throws {
    let error = #expect(throws: UserError.self) {
      try run(
        album(lacking: nil),
        overrides: ["evaluation.selection=last", "method.mct.queueSize=16777215", "model.dimensions=65536"])
    }
    let message = error?.description ?? ""
    #expect(message.hasPrefix("method.mct.queueSize: 4 queues of 16777215 × 65536 take 16 TiB, and this machine has "))
    #expect(message.hasSuffix("; make it smaller") && !message.contains("\n"))
    #expect(try !FileManager.default.contentsOfDirectory(atPath: runs.folder.path).contains(Checkpoint.fileName))
  }

  @Test func whatAnAlbumLacksIsNamed() {
    let absent = #expect(throws: UserError.self) {
      try run(album(lacking: "text"), overrides: ["evaluation.selection=last"])
    }
    #expect(
      absent?.description
        == "data.folder.missing: 13 train observations of album lack text; set data.folder.missing=omitted, or name other "
        + "modalities")
    let apart = #expect(throws: UserError.self) {
      try run(
        album(lacking: nil),
        overrides: [
          "evaluation.selection=retrieval", "method.mct.weights.imageToCaption=0",
          "method.mct.weights.captionToImage=0",
        ])
    }
    #expect(
      apart?.description
        == "evaluation.selection: cannot be retrieval, since mct brings no two modalities into one space; give "
        + "linearProbe, neighbours or last")
    for selection in ["neighbours", "linearProbe", "probeAndRetrieval"] {
      let unlabelled = #expect(throws: UserError.self) {
        try run(album(lacking: nil), overrides: ["evaluation.selection=\(selection)"])
      }
      #expect(
        unlabelled?.description
          == "evaluation.selection: cannot be \(selection), since album has no labelling; give retrieval or last")
    }
    #expect(
      runs.error("mct/folder", overrides: [])?.description
        == "data.folder.path: names no folder; add data.folder.path=FOLDER, a folder with dataset.yaml")
  }
}
