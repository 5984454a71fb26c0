import Datasets
import Diagnostics
import Evaluators
import Foundation
import Kernels
import Layers
import Methods
import Options
import Recipes
import Runs
import Search
import Training

/// An experiment that trains encoders by a method and measures them: what all papers here have in common. A paper's own
/// target adds its name, its recipes, and what only this paper looks at.
public protocol AlignmentExperiment: SearchableExperiment where Settings == AlignmentSettings {
  /// The name that recipes are filed under, a line of words, and the bundle of the recipes.
  var paper: Paper { get }

  /// How initial values are drawn.
  var initialisation: AlignmentModel.Initialisation { get }

  /// What the experiment itself remembers of a training and says of it; nil for nothing.
  func observer(of course: AlignmentCourse) throws -> (any TrainingObserver)?
}

/// What a paper's experiment looks at while training goes on.
public protocol TrainingObserver {
  /// What it remembers, for checkpoints; nil for nothing.
  var module: (any Module)? { get }

  /// Told of every step, with the random state as the step began, and where dropout stood before the keys.
  func step(_ batch: TrainingBatch, streams: [String: RandomStream], dropoutBeforeKeys: RandomStream)

  /// Told of every epoch's end.
  func epoch(_ number: Int) throws

  /// Scores and remarks in the end.
  func conclusion() throws -> (scores: [Score], notes: [String])
}

/// What an experiment is called, where its recipes are, and what their keys were called before.
public struct Paper: Sendable {
  let name: String
  let summary: String
  let recipeFolder: URL
  let formerKeys: [String: String]

  /// Keys that every experiment had.
  static let commonFormerKeys = [
    "method.clip.sparesRepeatedTexts": "data.sparesEqualItems",
    "method.fdt.sparesRepeatedTexts": "data.sparesEqualItems", "evaluation.retrieval.mergesEqualTexts": "",
  ]

  /// Names an experiment.
  ///
  /// - Parameters:
  ///   - recipes: the bundle with the folder `Recipes`.
  ///   - formerKeys: keys of earlier versions with what they are called now; nothing for what is always done now.
  public init(_ name: String, _ summary: String, recipes: Bundle, formerKeys: [String: String] = [:]) {
    (self.name, self.summary, self.formerKeys) = (name, summary, formerKeys)
    recipeFolder = recipes.bundleURL.appending(path: "Recipes")
  }
}

extension AlignmentExperiment {
  /// The name that recipes are filed under.
  public var name: String { paper.name }
  /// One line with the paper.
  public var summary: String { paper.summary }
  /// The folder of the recipes in the target's resources.
  public var recipeFolder: URL { paper.recipeFolder }

  /// Keys of earlier versions with what they are called now.
  public var formerKeys: [String: String] {
    var keys = paper.formerKeys.merging(Paper.commonFormerKeys) { own, _ in own }
    for set in ["emoji", "nlvr", "shards"] { keys["data.\(set).minimumWordCount"] = "data.\(set).minimumPieceCount" }
    keys["data.emoji.minimumHangulWordCount"] = "data.emoji.minimumPieceCount"
    return keys
  }

  /// One stream.
  public var initialisation: AlignmentModel.Initialisation { .chained }

  /// Nothing more is looked at.
  public func observer(of course: AlignmentCourse) throws -> (any TrainingObserver)? { nil }

  /// Checks what can be checked without data.
  public func validate(_ settings: AlignmentSettings) throws(UserError) { try settings.validate() }

  /// Loads the data, trains, and measures.
  public func run(seed: Int, settings: AlignmentSettings, context: SeedContext) throws -> SeedResult {
    try run(seed: seed, settings: settings, dataset: try dataset(settings, context: context), context: context)
  }

  /// Trains and measures on a data set that is loaded already, whatever the settings name.
  public func run(
    seed: Int, settings: AlignmentSettings, dataset: MultimodalDataset, context: SeedContext
  ) throws -> SeedResult {
    let course = try AlignmentCourse(
      settings, dataset: dataset, seed: seed, context: context, experiment: name, initialisation: initialisation)
    return try course.run(observer: try observer(of: course))
  }

  /// How many numbers are trained by some settings.
  ///
  /// - Throws: `UserError` where the settings do not fit the data.
  public func parameterCount(settings: AlignmentSettings, dataset: MultimodalDataset) throws -> Int {
    let data = try AlignmentCourse.data(settings, dataset: dataset, seed: 0)
    return AlignmentModel(settings, data: data, seed: 0, initialisation: initialisation).trainedParameterCount
  }

  /// Opens the networks of a seed.
  ///
  /// - Throws: `UserError` where the data are missing, the checkpoint is another model's, or no modality is of pictures.
  public func embedder(
    seed: Int, settings: AlignmentSettings, checkpoint: URL, context: SeedContext
  ) throws -> any Embedder {
    let data = try AlignmentCourse.data(settings, dataset: try dataset(settings, context: context), seed: seed)
    let model = AlignmentModel(settings, data: data, seed: seed, initialisation: initialisation)
    try Checkpoint.read(model, from: checkpoint)
    return try ModelEmbedder(
      model.frozen(data, side: settings.evaluation.side.ofData),
      prompts: settings.evaluation.options[ZeroShotEvaluator.self].prompts)
  }

  /// The data set that the settings name, from the data root or the cache.
  public func dataset(_ settings: AlignmentSettings, context: SeedContext) throws(UserError) -> MultimodalDataset {
    try settings.data.load(
      DataRequest(
        dataRoot: context.dataRoot, cacheFolder: context.cacheFolder,
        wantsCompleteObservations: !type(of: settings.method.chosen).acceptsIncompleteObservations))
  }
}
