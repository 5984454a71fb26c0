import Autograd
import Datasets
import Diagnostics
import Evaluation
import Foundation
import Kernels
import Layers
import Objectives
import Runs
import Training

/// Geometric multimodal contrastive learning (Poklukar et al., ICML 2022) and its ablations.
public struct GMCExperiment: Experiment {
  /// What a recipe can set.
  public typealias Settings = GMCSettings

  /// Creates the experiment.
  public init() {}

  /// The name that recipes are filed under.
  public var name: String { "gmc" }
  /// One line with the paper.
  public var summary: String {
    "Geometric multimodal contrast: each modality is aligned with the joint representation (ICML 2022)"
  }
  /// The folder of the recipes in the target's resources.
  public var recipeFolder: URL { Bundle.module.bundleURL.appending(path: "Recipes") }

  /// Checks what types cannot express.
  public func validate(_ settings: GMCSettings) throws(UserError) { try settings.validate() }

  /// Trains the networks, freezes them, and evaluates by the paper's protocol.
  public func run(seed: Int, settings: GMCSettings, context: SeedContext) throws -> SeedResult {
    try run(seed: seed, settings: settings, dataset: try loadDataset(settings.data, context: context), context: context)
  }

  /// Trains and evaluates on a data set that is loaded already, whatever the settings name.
  public func run(
    seed: Int, settings: GMCSettings, dataset: MultimodalDataset, context: SeedContext
  ) throws -> SeedResult {
    let began = ContinuousClock.now
    let model = try model(settings: settings, dataset: dataset, seed: seed)
    let presence = ModalityPresence(of: dataset.train, modalities: model.modalities.map(\.name))
    let observations = try usableObservations(of: dataset, presence: presence, model: model)
    let state = TrainingState(seed: seed, data: dataset.checksum)
    try Trainer(settings.training, seed: seed, context: context).run(
      model, count: observations.count, state: state
    ) { batch, pass in
      model.loss(
        of: batch.map { observations[$0] }, in: dataset.train, presence: presence, pass: pass,
        absence: &state[stream: "modality dropout"])
    }
    try Checkpoint.write(
      model, metadata: ["experiment": name, "seed": "\(seed)"], to: context.folder.appending(path: Checkpoint.fileName))
    let evaluation = GMCEvaluation(model: model, dataset: dataset, settings: settings, seed: seed, context: context)
    let scores = try evaluation.scores()
    return SeedResult(
      scores: scores, notes: evaluation.notes, datasetChecksums: [dataset.name: dataset.checksum],
      parameterCount: model.parameterCount, wallSeconds: (.now - began).seconds)
  }

  /// The data set that the settings name, from the data root or the cache.
  public func loadDataset(_ data: GMCSettings.DataSettings, context: SeedContext) throws -> MultimodalDataset {
    switch data.set {
    case .emoji: return try EmojiDataset.load(data.emoji, cacheFolder: context.cacheFolder)
    case .digits:
      var options = data.digits
      options.dataRoot = options.dataRoot ?? context.dataRoot?.path
      return try DigitsDataset.load(options)
    case .folder: return try data.folder.load(modalities: data.modalities, cacheFolder: context.cacheFolder)
    }
  }

  /// How many numbers the networks of some settings have for a data set.
  ///
  /// - Throws: `UserError` where the settings name modalities or labellings that the data set has not.
  public func parameterCount(settings: GMCSettings, dataset: MultimodalDataset) throws(UserError) -> Int {
    try model(settings: settings, dataset: dataset, seed: 0).parameterCount
  }

  func model(
    settings: GMCSettings, dataset: MultimodalDataset, seed: Int
  ) throws(UserError) -> GMCModel {
    var initial = RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "init")
    return GMCModel(
      modalities: try chosenModalities(settings, of: dataset), settings: settings, dataset: dataset,
      labellings: try labellings(settings, of: dataset), stream: &initial)
  }
}
