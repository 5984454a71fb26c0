import Autograd
import Datasets
import Diagnostics
import Encoders
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
public protocol AlignmentExperiment: PortableExperiment where Settings == AlignmentSettings {
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

  /// Each rank must have as many chunks of a batch.
  public func check(ranks: Int, settings: AlignmentSettings) throws(UserError) {
    guard ranks < 2 || !settings.asksForCapFilt else {
      throw UserError(
        .data, "trains in stages, which are not divided among ranks", at: "method.blip.capFilt",
        mend: "leave --ranks out")
    }
    guard settings.training.chunks % ranks != 0 else { return }
    if let reason = settings.method.chosen.indivisibility {
      throw UserError(
        .data, "must be 1 for \(settings.method.name.rawValue), whose step is not divided: \(reason)",
        at: "training.chunks", mend: "leave --ranks out")
    }
    throw UserError(
      .data, "must be a multiple of --ranks (\(ranks)), not \(settings.training.chunks)", at: "training.chunks",
      mend: "set it so; it must divide training.batchSize (\(settings.training.batchSize)), too")
  }

  /// Loads the data, trains, and measures.
  public func run(seed: Int, settings: AlignmentSettings, context: SeedContext) throws -> SeedResult {
    let loaded = try context.stopwatch.measure("data") {
      try self.dataset(settings, seed: seed, context: context)
    }
    return try run(seed: seed, settings: settings, dataset: loaded, context: context)
  }

  /// Trains and measures on a data set that is loaded already, whatever the settings name.
  public func run(
    seed: Int, settings: AlignmentSettings, dataset: MultimodalDataset, context: SeedContext
  ) throws -> SeedResult {
    try trained(seed: seed, settings: settings, dataset: dataset, context: context).result
  }

  /// Trains and measures, after captions were filtered and written where the settings ask for it.
  func trained(
    seed: Int, settings: AlignmentSettings, dataset: MultimodalDataset, context: SeedContext
  ) throws -> (result: SeedResult, model: AlignmentModel) {
    let stages = CapFiltStages(
      settings, dataset: dataset, seed: seed, context: context, experiment: name, initialisation: initialisation)
    let bootstrapped = try stages?.run()
    let course = try AlignmentCourse(
      bootstrapped?.settings ?? settings, dataset: bootstrapped?.dataset ?? dataset, seed: seed, context: context,
      experiment: name, initialisation: initialisation)
    let result = try course.run(observer: try observer(of: course))
    return (try bootstrapped?.adding(to: result, course) ?? result, course.model)
  }

  /// How many numbers are trained by some settings.
  ///
  /// - Throws: `UserError` where the settings do not fit the data.
  public func parameterCount(settings: AlignmentSettings, dataset: MultimodalDataset) throws -> Int {
    let start = try ModelStart.open(settings, dataset: dataset, seed: 0)
    let data = try AlignmentCourse.data(settings, dataset: dataset, seed: 0, start: start)
    return AlignmentModel(settings, data: data, seed: 0, initialisation: initialisation, start: start?.encoders)
      .trainedParameterCount
  }

  /// The steps of a training by some settings, counted on the data.
  ///
  /// - Throws: `UserError` where the data are missing, or the settings do not fit them.
  public func schedule(of settings: AlignmentSettings, request: DataRequest) throws(UserError) -> TrainingSchedule {
    var request = request
    request.wantsCompleteObservations = !type(of: settings.method.chosen).acceptsIncompleteObservations
    let dataset = try settings.data.load(request)
    let data = try AlignmentCourse.data(
      settings, dataset: dataset, seed: 0, start: try ModelStart.open(settings, dataset: dataset, seed: 0))
    return TrainingSchedule(settings, observations: try Requirements(settings, data).usableObservations().count)
  }

  /// Opens the networks of a seed, with what its folder keeps of the data.
  ///
  /// - Throws: `UserError` where the seed keeps nothing of its data, the checkpoint is another model's, no modality is of
  ///   pictures, or observations are wanted and cannot be loaded.
  public func embedder(
    seed: Int, settings: AlignmentSettings, checkpoint: URL, context: SeedContext, observations: Bool,
    precision: InferencePrecision
  ) throws -> any Embedder {
    let (model, data, form) = try opened(seed: seed, settings: settings, checkpoint: checkpoint, context: context)
    let side = settings.evaluation.side.ofData
    return try ModelEmbedder(
      model.frozen(data, side: side, precision: precision),
      zeroShot: settings.evaluation.options[ZeroShotEvaluator.self],
      decoding: settings.evaluation.options[CaptioningEvaluator.self].decoding,
      answers: settings.evaluation.options[QuestionsEvaluator.self].decoding,
      own: observations ? try own(side, of: form, settings, seed: seed, context) : nil)
  }

  /// The trained model of a seed, and what its folder keeps of the data.
  func opened(
    seed: Int, settings: AlignmentSettings, checkpoint: URL, context: SeedContext
  ) throws -> (model: AlignmentModel, data: AlignedData, form: DatasetForm) {
    let form = try DatasetForm(contentsOf: context.folder.appending(path: RunFolder.dataForm))
    let start = try ModelStart.reopen(settings, dataset: form.dataset, seedFolder: context.folder)
    let data = try AlignedData(
      form.dataset, options: settings.data, augmentation: settings.augmentation,
      labellings: settings.evaluation.labellings, sharesVocabulary: settings.model.sharesTextEncoder,
      imported: start?.imported, seed: seed)
    let model = AlignmentModel(
      settings, data: data, seed: seed, initialisation: initialisation, start: start?.encoders)
    try Checkpoint.read(model, from: checkpoint)
    model.mergeAdapters()
    return (model, data, form)
  }

  /// The observations of a side of the run's data as they are now.
  private func own(
    _ side: AlignedData.Side, of form: DatasetForm, _ settings: AlignmentSettings, seed: Int, _ context: SeedContext
  ) throws(UserError) -> (split: MultimodalSplit, checksum: String) {
    let mend = "give --folder FOLDER, or put the data back"
    let dataset: MultimodalDataset
    do {
      dataset = try self.dataset(settings, seed: seed, context: context)
    } catch {
      throw UserError(
        error.kind, "the observations of the run's data cannot be looked through: \(error.what)", at: error.place,
        mend: mend)
    }
    for modality in form.modalities {
      guard case .image = modality.kind, !dataset.modalities.contains(modality) else { continue }
      throw UserError(
        .data,
        "\(dataset.name) has other pictures than when the run was made, so its observations cannot be looked through",
        at: "data.modalities", mend: mend)
    }
    let split = side == .validation ? dataset.validation : dataset.test
    // Classes may have other numbers by now.
    let isSame = dataset.checksum == form.checksum
    return (
      MultimodalSplit(
        name: split.name, columns: split.columns, labels: isSame ? split.labels : [:], identifiers: split.identifiers,
        texts: split.texts), dataset.checksum
    )
  }

  /// The data set that the settings name, from the data root or the cache, divided as the seed has it.
  public func dataset(
    _ settings: AlignmentSettings, seed: Int, context: SeedContext
  ) throws(UserError) -> MultimodalDataset {
    try settings.data.load(
      DataRequest(
        dataRoot: context.dataRoot, cacheFolder: context.cacheFolder,
        wantsCompleteObservations: !type(of: settings.method.chosen).acceptsIncompleteObservations, seed: seed))
  }

  /// What the data set that the settings name is now.
  public func dataIdentity(settings: AlignmentSettings, context: SeedContext) throws(UserError) -> DataIdentity? {
    let identity = try settings.data.identity(
      DataRequest(dataRoot: context.dataRoot, cacheFolder: context.cacheFolder))
    guard settings.start.from != nil else { return identity }
    return identity.beginning(from: try ModelStart.checksums(settings.start))
  }
}
