import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import Kernels
import MCTPaper
import Methods
import Options
import Recipes
import Runs
import Testing
import Training

extension AlignmentSettings {
  var mct: MCTOptions {
    get { method.options[MCTOptions.self] }
    set { method.options[MCTOptions.self] = newValue }
  }
  var emoji: EmojiDataset.Options { data.sources[EmojiDataset.Options.self] }
}

/// Runs of MCT's recipes on little data with small networks, each in a folder that is removed in the end.
final class SmallRuns {
  static let catalogue = RecipeCatalogue([MCTExperiment()])

  /// Whether the Debian packages with the emoji are there.
  static let hasEmoji: Bool = {
    let options = EmojiDataset.Options()
    return [options.fontFile, options.emojiTestFile, options.annotationsRoot].allSatisfy {
      FileManager.default.fileExists(atPath: $0)
    }
  }()

  /// Small networks and little data; training has two steps.
  static func overrides(of name: String, seed: Int) -> [String] {
    let common = [
      "seeds=[\(seed)]", "training.epochs=1", "training.warmupSteps=0", "evaluation.everyEpochs=1",
      "evaluation.selection=probeAndRetrieval",
      "evaluation.shownObservations=10", "evaluation.examples.count=3", "evaluation.linearProbe.penalties=[0.001, 0.1]",
      "model.imageWidths=[4]", "model.imageBlocks=1", "method.mct.headDimensions=8", "model.dimensions=8",
    ]
    if name == "mct/cifar-moco" {
      return common + [
        "data.cifar.imagesPerFile=20", "training.batchSize=45", "evaluation.neighbours.count=5",
        "method.mct.queueSize=70",
      ]
    }
    return common + [
      "data.emoji.imageSize=16", "data.folds=1", "data.emoji.validationFraction=0.85", "data.emoji.testFraction=0.05",
      "training.batchSize=150", "model.textDimensions=8", "model.textLayers=1", "model.textHeads=2",
    ] + (name.contains("queue") ? [] : ["method.mct.queueSize=70"])
  }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes files like CIFAR-10's with 20 images of noise each.
  func writePhotographs() throws {
    let folder = folder.appending(path: "cifar-10-batches-bin")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in (1...5).map({ "data_batch_\($0).bin" }) + ["test_batch.bin"] {
      var stream = RandomStream(seed: 0, name: name)
      let bytes = (0..<20).flatMap { image in
        [UInt8(image % 10)] + (0..<3072).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
      }
      try Data(bytes).write(to: folder.appending(path: name))
    }
  }

  /// Small emoji, few of each side.
  func emoji() throws -> MultimodalDataset {
    let recipe = try Self.catalogue.recipe("mct/emoji", overrides: Self.overrides(of: "mct/emoji", seed: 0))
    let all = try EmojiDataset.load(recipe.settings(as: AlignmentSettings.self).emoji, cacheFolder: folder)
    return MultimodalDataset(
      name: all.name, train: Self.spread(all.train, 300), validation: Self.spread(all.validation, 120),
      test: Self.spread(all.test, 80), classNames: all.classNames, checksum: all.checksum, tokenisers: all.tokenisers,
      tagNames: all.tagNames)
  }

  /// Some observations, evenly spread over a side.
  private static func spread(_ split: MultimodalSplit, _ count: Int) -> MultimodalSplit {
    let kept = (0..<count).map { $0 * split.count / count }
    return MultimodalSplit(
      name: split.name,
      columns: split.columns.map { column in column.with(rows: kept.map { column.rows[$0] }) },
      labels: split.labels.mapValues { labels in kept.map { labels[$0] } },
      identifiers: kept.map { split.identifiers[$0] },
      texts: split.texts.mapValues { texts in kept.map { texts[$0] } })
  }

  /// Trains and evaluates a recipe once, as the process of a seed does, on one thread.
  ///
  /// - Parameter dataset: used in place of the one that the recipe names, which is then not loaded.
  @discardableResult func run(
    _ name: String, seed: Int = 0, overrides: [String] = [], dataset: MultimodalDataset? = nil
  ) throws -> (folder: RunFolder, result: SeedResult) {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let recipe = try Self.catalogue.recipe(name, overrides: Self.overrides(of: name, seed: seed) + overrides)
    let run = try RunFolder.create(in: folder, recipe: recipe, start: Date(timeIntervalSince1970: 0))
    if let dataset {
      let log = try MetricsLog(appendingTo: run.metrics(ofSeed: seed))
      let context = SeedContext(folder: run.seed(seed), events: log, cacheFolder: folder, threads: 1)
      let result = try MCTExperiment().run(
        seed: seed, settings: try recipe.settings(as: AlignmentSettings.self), dataset: dataset, context: context)
      try log.receive(.finished)
      return (run, result)
    }
    try recipe.yamlWithOrigins.write(to: run.recipe, atomically: true, encoding: .utf8)
    let runner = SeedRunner(
      folder: run, seed: seed, catalogue: Self.catalogue, dataRoot: folder, cacheFolder: folder, threads: 1)
    return (run, try runner.run(progress: NullSink()) { false })
  }

  /// The error that a recipe's small run must end with.
  func error(_ name: String, overrides: [String]) -> UserError? {
    #expect(throws: UserError.self) { try run(name, overrides: overrides) }
  }
}
