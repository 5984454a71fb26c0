import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import GMCPaper
import Kernels
import Methods
import Options
import Recipes
import Runs
import Testing
import Training

extension AlignmentSettings {
  var gmc: GMCOptions {
    get { method.options[GMCOptions.self] }
    set { method.options[GMCOptions.self] = newValue }
  }
  var fusion: FusionOptions {
    get { method.options[FusionOptions.self] }
    set { method.options[FusionOptions.self] = newValue }
  }
  var digits: DigitsDataset.Options { data.sources[DigitsDataset.Options.self] }
}

/// Runs of GMC's recipes on little data with small networks, each in a folder that is removed in the end.
final class SmallRuns {
  static let catalogue = RecipeCatalogue([GMCExperiment()])

  /// Whether the Debian packages with the emoji are there.
  static let hasEmoji: Bool = {
    let options = EmojiDataset.Options()
    return [options.fontFile, options.emojiTestFile, options.annotationsRoot].allSatisfy {
      FileManager.default.fileExists(atPath: $0)
    }
  }()

  /// Small networks and little data for the recipes on digits and on emoji; training has two steps.
  static func overrides(of name: String, seed: Int) -> [String] {
    let common = [
      "seeds=[\(seed)]", "training.epochs=1", "training.warmupSteps=0", "evaluation.accuracy.epochs=1",
      "evaluation.accuracy.hidden=[8]", "evaluation.shownObservations=10",
      "evaluation.delaunay.observations=20", "evaluation.delaunay.rays=20", "evaluation.delaunay.smallest=3",
      "method.gmc.commonDimensions=16", "model.dimensions=8", "method.gmc.headDimensions=[16]",
      "method.fusion.hidden=[8, 16]",
    ]
    if name.hasPrefix("gmc/digits") {
      return common + [
        "data.digits.source=generated", "data.digits.trainingPairs=40", "data.digits.validationPairs=10",
        "data.digits.testPairs=20", "training.batchSize=20", "model.vectorDimensions=[16]",
      ]
    }
    if name == "gmc/mhd" { return common + ["training.batchSize=20", "model.vectorDimensions=[16]"] }
    if name.hasPrefix("gmc/pendulum") {
      return [
        "seeds=[\(seed)]", "data.pendulum.observations=40", "data.pendulum.testObservations=12",
        "data.pendulum.pictureSide=30", "model.stridedWidths=[2, 3]", "model.vectorDimensions=[6]",
        "method.gmc.commonDimensions=8", "method.gmc.headDimensions=[8]", "method.fusion.hidden=[8]",
        "training.batchSize=18", "training.epochs=1", "evaluation.shownObservations=10", "evaluation.policy.frames=40",
        "evaluation.policy.warmup=20", "evaluation.policy.everyFrames=20", "evaluation.policy.episodeLength=9",
        "evaluation.policy.episodes=3", "evaluation.policy.trackedEpisodes=2", "evaluation.policy.ddpg.hidden=[8, 8]",
        "evaluation.policy.ddpg.batchSize=8", "evaluation.policy.ddpg.replayCapacity=32",
      ]
    }
    if name.hasPrefix("gmc/mos") || name.hasPrefix("gmc/sentiment") {
      return common.filter { !$0.hasPrefix("method.gmc.headDimensions") } + [
        "data.sentiment.source=generated", "data.sentiment.trainingCount=20", "data.sentiment.validationCount=4",
        "data.sentiment.testCount=20", "training.batchSize=10", "model.seriesDimensions=5",
        "model.seriesHeads=5", "method.gmc.crossModal.dimensions=5", "method.gmc.crossModal.layers=1",
      ]
    }
    let small = [
      "model.imageWidths=[4]", "model.textDimensions=8", "model.textLayers=1", "model.textHeads=2",
      "model.tagDimensions=[8]",
    ]
    if name == "gmc/folder" { return common + small + ["training.batchSize=10", "model.vectorDimensions=[16]"] }
    return common + small + [
      "data.emoji.imageSize=16", "data.folds=1", "data.emoji.validationFraction=0.85", "data.emoji.testFraction=0.05",
      "training.batchSize=150",
    ]
  }

  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// A folder inside, not yet made.
  func subfolder(_ name: String) -> URL { folder.appending(path: name) }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Trains and evaluates a recipe once, as the process of a seed does.
  ///
  /// - Parameter threads: more than one would only wait for those of the tests beside.
  func run(
    _ name: String, seed: Int = 0, overrides: [String] = [], threads: Int = 1
  ) throws -> (folder: RunFolder, result: SeedResult) {
    let before = Parallel.threads
    Parallel.threads = threads
    defer { Parallel.threads = before }
    let recipe = try Self.catalogue.recipe(name, overrides: Self.overrides(of: name, seed: seed) + overrides)
    let run = try RunFolder.create(in: folder, recipe: recipe, start: Date(timeIntervalSince1970: 0))
    try recipe.yamlWithOrigins.write(to: run.recipe, atomically: true, encoding: .utf8)
    let runner = SeedRunner(
      folder: run, seed: seed, catalogue: Self.catalogue, dataRoot: nil, cacheFolder: folder, threads: threads)
    return (run, try runner.run(progress: NullSink()) { false })
  }

  /// Trains and evaluates once on a data set in memory, by the settings of a recipe.
  func run(
    _ name: String, on dataset: MultimodalDataset, overrides: [String] = []
  ) throws -> (folder: URL, result: SeedResult) {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let recipe = try Self.catalogue.recipe(name, overrides: Self.overrides(of: name, seed: 0) + overrides)
    let seed = folder.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: seed, withIntermediateDirectories: true)
    let context = SeedContext(folder: seed, events: NullSink(), cacheFolder: folder, threads: 1)
    let result = try GMCExperiment().run(
      seed: 0, settings: try recipe.settings(as: AlignmentSettings.self), dataset: dataset, context: context)
    return (seed, result)
  }

  /// The log of a seed without what depends on the clock.
  static func log(of folder: RunFolder, seed: Int) throws -> String {
    try String(contentsOf: folder.metrics(ofSeed: seed), encoding: .utf8).replacing(/"time":\{[^}]*\}/, with: "")
  }

  /// The error that a recipe's small run must end with.
  func error(_ name: String, overrides: [String]) -> UserError? {
    #expect(throws: UserError.self) { try run(name, overrides: overrides) }
  }
}
