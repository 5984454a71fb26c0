import AlignmentExperiments
import ComparisonRecipes
import Datasets
import Diagnostics
import Foundation
import Kernels
import Recipes
import Runs
import Synchronization
import Training

/// Small data sets of noise, and runs of the comparison's recipes on them.
final class Album {
  static let catalogue = RecipeCatalogue([CompareExperiment()])

  /// Small networks; two epochs of two steps.
  static let overrides = [
    "seeds=[0]", "data.modalities=null", "training.epochs=2", "training.batchSize=10", "training.warmupSteps=0",
    "model.imageDimensions=8", "model.imageLayers=1", "model.imageHeads=2", "model.textDimensions=8",
    "model.textLayers=1", "model.textHeads=2", "model.vectorDimensions=[8]", "model.dimensions=6",
    "evaluation.accuracy.epochs=1", "evaluation.accuracy.hidden=[8]", "evaluation.shownObservations=10",
    "evaluation.labellings=null",
    "method.declip.codebook.codes=16", "method.declip.queueSize=15", "method.declip.projectorDimensions=8",
    "method.declip.predictorDimensions=4", "method.fdt.codes=16", "method.moco.queueSize=15", "method.mct.queueSize=15",
    "method.blip.queueSize=15",
    "method.moco.headDimensions=8",
    "method.mct.headDimensions=8", "method.simclr.headDimensions=8", "method.gmc.headDimensions=[8]",
    "method.fusion.hidden=[8]", "method.fusion.superEpoch=1",
  ]

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Pictures with captions in two languages and tags, in two labellings.
  static let pictures = illustrated(isUneven: false)

  /// The same, where every third caption has one word and the others two.
  static let unevenPictures = illustrated(isUneven: true)

  private static func illustrated(isUneven: Bool) -> MultimodalDataset {
    let words = ["red", "green", "blue", "round", "long", "small"]
    let tokenisers = ["one", "two"].map { name in
      (name, SubwordTokeniser(texts: words.map { name + $0 } + words.map { name + $0 }, minimumCount: 1))
    }
    func split(_ name: String, _ count: Int) -> MultimodalSplit {
      var stream = RandomStream(seed: 1, name: name)
      func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in stream.uniform() } }
      let rows = (0..<Int32(count)).map { $0 }
      var columns = [
        ModalityColumn(
          modality: Modality(name: "picture", kind: .image(height: 8, width: 8, channels: 3)),
          items: .numbers(numbers(count * 192)), rows: rows)
      ]
      for (language, tokeniser) in tokenisers {
        let texts = (0..<count).map { row in
          let first = "\(language)\(words[row % 6])"
          return isUneven && row % 3 == 0 ? first : "\(first) \(language)\(words[row / 2 % 6])"
        }
        columns.append(
          ModalityColumn(
            modality: Modality(
              name: language, kind: .tokens(length: 6, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(texts.flatMap { tokeniser.encode($0, length: 6) }), rows: rows))
      }
      columns.append(
        ModalityColumn(
          modality: Modality(name: "tags", kind: .tags(count: 3)),
          items: .numbers((0..<count).flatMap { row in (0..<3).map { row % 3 == $0 ? 1 : 0 } }), rows: rows))
      return MultimodalSplit(
        name: name, columns: columns,
        labels: ["colour": rows.map { $0 % 6 }, "form": rows.map { $0 / 2 % 2 }])
    }
    return MultimodalDataset(
      name: "album", train: split("train", 23), validation: split("validation", 12), test: split("test", 14),
      classNames: ["colour": words.map { "one\($0)" }, "form": ["oneround", "onelong"]], checksum: "album",
      tokenisers: Dictionary(uniqueKeysWithValues: tokenisers), tagNames: ["tags": ["a", "b", "c"]])
  }

  /// Sound, strokes and pictures, paired by class.
  static let sounds: MultimodalDataset = {
    func split(_ name: String, _ count: Int) -> MultimodalSplit {
      var stream = RandomStream(seed: 2, name: name)
      let rows = (0..<Int32(count)).map { $0 }
      let kinds: [(String, ModalityKind)] = [
        ("sound", .spectrogram(frames: 8, bands: 4)), ("strokes", .vector(count: 5)),
        ("picture", .image(height: 8, width: 8, channels: 1)),
      ]
      return MultimodalSplit(
        name: name,
        columns: kinds.map { name, kind in
          ModalityColumn(
            modality: Modality(name: name, kind: kind),
            items: .numbers((0..<count * kind.elementCount).map { _ in stream.uniform() }), rows: rows)
        }, labels: ["digit": rows.map { $0 % 4 }])
    }
    return MultimodalDataset(
      name: "sounds", train: split("train", 23), validation: split("validation", 12), test: split("test", 14),
      classNames: ["digit": ["0", "1", "2", "3"]], checksum: "sounds")
  }()

  /// Trains and evaluates a recipe once on one thread, in a folder of its own.
  ///
  /// - Parameter steps: stops the training before so many steps and one more are done; nil for never.
  @discardableResult func run(
    _ name: String, on dataset: MultimodalDataset = Album.pictures, in place: String = UUID().uuidString,
    steps: Int? = nil, overrides: [String] = []
  ) throws -> (folder: URL, result: SeedResult) {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let url = folder.appending(path: place)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let recipe = try Self.catalogue.recipe("compare/\(name)", overrides: Self.overrides + overrides)
    let counter = StepCounter(limit: steps)
    let context = SeedContext(
      folder: url, events: counter, cacheFolder: folder, checkpointSeconds: 0, threads: 1,
      stopRequested: { counter.isFull })
    return (
      url,
      try CompareExperiment().run(
        seed: 0, settings: try recipe.settings(as: AlignmentSettings.self), dataset: dataset, context: context)
    )
  }
}

/// Counts the steps of a training.
private final class StepCounter: EventSink {
  private let left: Mutex<Int>

  init(limit: Int?) { left = Mutex(limit ?? .max) }

  var isFull: Bool { left.withLock { $0 <= 0 } }

  func receive(_ event: TrainingEvent) throws(UserError) {
    if case .step = event { left.withLock { $0 -= 1 } }
  }
}
