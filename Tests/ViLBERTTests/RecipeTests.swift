import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import Kernels
import Methods
import Options
import Recipes
import Runs
import SampleFolders
import Testing
import Training
import ViLBERTPaper

/// Runs of ViLBERT's recipes on little data with small networks, in a folder that is removed in the end.
final class SmallRuns {
  static let catalogue = RecipeCatalogue([ViLBERTExperiment()])

  static let overrides = [
    "seeds=[0]", "training.epochs=1", "training.warmupSteps=0", "training.batchSize=8", "model.dimensions=8",
    "method.vilbert.text={dimensions: 16, layers: 2, heads: 2, hidden: 32}",
    "method.vilbert.vision={dimensions: 16, layers: 1, heads: 2, hidden: 16}",
    "method.vilbert.connection={dimensions: 16, layers: 1, heads: 2}", "method.vilbert.pooledDimensions=16",
    "evaluation.shownObservations=10",
  ]

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Trains and evaluates a recipe once on one thread.
  func run(
    _ name: String, on dataset: MultimodalDataset? = nil, overrides: [String] = []
  ) throws -> (folder: URL, result: SeedResult) {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let url = folder.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let recipe = try Self.catalogue.recipe("vilbert/\(name)", overrides: Self.overrides + overrides)
    let settings = try recipe.settings(as: AlignmentSettings.self)
    let context = SeedContext(
      folder: url, events: NullSink(), dataRoot: folder, cacheFolder: folder, checkpointSeconds: 0, threads: 1,
      stopRequested: { false })
    let experiment = ViLBERTExperiment()
    guard let dataset else { return (url, try experiment.run(seed: 0, settings: settings, context: context)) }
    return (url, try experiment.run(seed: 0, settings: settings, dataset: dataset, context: context))
  }
}

@Suite(.serialized) struct RecipeTests {
  private let runs: SmallRuns

  init() throws { runs = try SmallRuns() }

  private func value(_ result: SeedResult, _ evaluator: String, _ subject: String, _ metric: String) throws -> Double {
    try #require(
      result.scores.first { $0.evaluator == evaluator && $0.subject == subject && $0.metric == metric },
      "\(evaluator), \(subject), \(metric)"
    ).value
  }

  @Test func everyRecipeResolves() throws {
    let entries = try SmallRuns.catalogue.entries()
    #expect(
      entries.map(\.name).sorted() == ["vilbert/emoji", "vilbert/nlvr", "vilbert/nlvr-mismatched", "vilbert/nlvr-true"])
    for entry in entries {
      let full = try SmallRuns.catalogue.recipe(entry.name).settings(as: AlignmentSettings.self)
      let quick = try SmallRuns.catalogue.recipe(entry.name, profile: "quick").settings(as: AlignmentSettings.self)
      #expect(quick.training.epochs < full.training.epochs, "\(entry.name)")
      try ViLBERTExperiment().validate(full)
      try ViLBERTExperiment().validate(quick)
      #expect(full.method.name.rawValue == "vilbert")
    }
  }

  /// A sentence names a colour: it is true where an object of the picture has it.
  @Test func statementsAreLearnt() throws {
    try SampleScenes.write(to: runs.folder, train: 320, dev: 20, test: 80)
    let learnt = try runs.run(
      "nlvr",
      overrides: [
        "data.nlvrScenes.permutations=1", "data.nlvrScenes.regionSize=3", "data.nlvrScenes.imageHeight=8",
        "training.epochs=40", "training.batchSize=16", "training.learningRate=0.0007", "training.warmupSteps=20",
        "training.schedule=constant", "method.vilbert.dropout=0", "method.vilbert.wordWeight=0.1",
        "method.vilbert.regionWeight=0.1", "method.vilbert.text={dimensions: 32, layers: 2, heads: 2, hidden: 64}",
        "method.vilbert.vision={dimensions: 32, layers: 1, heads: 2, hidden: 32}",
        "method.vilbert.connection={dimensions: 32, layers: 1, heads: 2}", "method.vilbert.pooledDimensions=32",
      ])
    let accuracy = try value(learnt.result, "statements", "test", "accuracy")
    // Half of the sentences are true. Rates several times as great leave this network, whose norms stand behind the sums, where it
    // gives every sentence the same answer.
    #expect(try value(learnt.result, "statements", "test", "majority") == 0.5)
    #expect(accuracy > 0.9)
    #expect(try value(learnt.result, "statements", "train", "accuracy") > 0.9)
    #expect(try value(learnt.result, "pretext, last epoch", "alignment", "accuracy") > 0.8)
    #expect(try value(learnt.result, "pretext, last epoch", "alignment", "prior") == 0.5)
    let regions = try value(learnt.result, "pretext, last epoch", "masked regions", "accuracy")
    #expect(regions.isFinite)
    // The figures of three observations, with a row for each word.
    let files = try FileManager.default.contentsOfDirectory(atPath: learnt.folder.path).filter {
      $0.hasPrefix("examples-attention-")
    }
    #expect(files.count == 6)
    let found = try PictureGridFile.read(name: "attention-1", in: learnt.folder)
    #expect(
      found.shape == [5, 2, 8, 32, 3]
        && found.file.rows.map(\.name) == ["there", "is", "a", found.file.rows[3].name, "object"])
    #expect(found.file.caption.contains("people called"))
  }

  @Test func patchesOfEmojiLikePicturesTrain() throws {
    let result = try runs.run(
      "nlvr-true", on: try packed(),
      overrides: ["data.modalities=[image, caption]", "model.patchSize=4", "method.vilbert.patchSize=4"]
    ).result
    #expect(result.scores.allSatisfy { $0.value.isFinite })
    let pairs = try value(result, "pair retrieval", "image → caption", "pairs")
    #expect(pairs > 1)
    _ = try value(result, "pair retrieval", "caption → image", "R@10")
    #expect(result.notes.contains { $0.contains("only scores pairs") })
    #expect(result.scores.contains { $0.evaluator == "pretext, last epoch" && $0.metric == "explained variance" })
  }

  /// Scenes as pairs that all belong together.
  private func packed() throws -> MultimodalDataset {
    try SampleScenes.write(to: runs.folder, train: 60, dev: 12, test: 20)
    var options = NLVRScenes()
    (options.dataRoot, options.imageHeight, options.minimumPieceCount) = (runs.folder.path, 8, 1)
    return try options.dataset()
  }

  @Test func falsePairsAreRefusedByWhoTakesAllForTrue() throws {
    try SampleScenes.write(to: runs.folder, train: 40, dev: 12, test: 20)
    func message(_ overrides: String...) -> String? {
      let error = #expect(throws: UserError.self) { try runs.run("nlvr", overrides: overrides) }
      return error?.description
    }
    #expect(message("method.name=clip")?.contains("which clip would take for pairs") == true)
    #expect(message("evaluation.evaluators=[retrieval]")?.contains("which retrieval would take for pairs") == true)
    // Without them any method takes the regions.
    let result = try runs.run(
      "nlvr",
      overrides: ["method.name=clip", "data.nlvrScenes.statements=onlyTrue", "evaluation.evaluators=[retrieval]"]
    ).result
    _ = try value(result, "retrieval", "regions → caption", "R@1")
  }
}
