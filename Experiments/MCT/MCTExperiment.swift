import Datasets
import Diagnostics
import Foundation
import Layers
import Objectives
import Runs
import Training

/// Multimodal contrastive training (Yuan et al., CVPR 2021), with MoCo, SimCLR and CLIP as settings of it.
public struct MCTExperiment: Experiment {
  /// What a recipe can set.
  public typealias Settings = MCTSettings

  /// Creates the experiment.
  public init() {}

  /// The name that recipes are filed under.
  public var name: String { "mct" }
  /// One line with the paper.
  public var summary: String {
    "Multimodal contrastive training: contrast within and between images and captions, with tags (CVPR 2021)"
  }
  /// The folder of the recipes in the target's resources.
  public var recipeFolder: URL { Bundle.module.bundleURL.appending(path: "Recipes") }

  /// Checks what types cannot express.
  public func validate(_ settings: MCTSettings) throws(UserError) { try settings.validate() }

  /// Trains the networks, keeps those of the best epoch, freezes them, and evaluates.
  public func run(seed: Int, settings: MCTSettings, context: SeedContext) throws -> SeedResult {
    try run(seed: seed, settings: settings, dataset: try loadDataset(settings.data, context: context), context: context)
  }

  /// Trains and evaluates on a data set that is loaded already, whatever the settings name.
  public func run(
    seed: Int, settings: MCTSettings, dataset: MultimodalDataset, context: SeedContext
  ) throws -> SeedResult {
    let began = ContinuousClock.now
    let data = try MCTData(dataset, settings: settings, seed: seed)
    let warnings = try checkSizes(settings, data: data)
    for warning in warnings { try context.events.receive(.note(warning)) }
    let model = MCTModel(settings: settings, data: data, seed: seed)
    let selection = MCTSelection(
      model: model, context: context, metadata: ["experiment": name, "seed": "\(seed)"])
    try Trainer(settings.training, seed: seed, context: context).run(
      model.trained, count: data.train.count, state: model.state,
      loss: { batch, pass in model.loss(of: batch, pass: pass) },
      afterEpoch: { epoch in
        try selection.afterEpoch(epoch)
        // By the end the learning rate may be 0, and keys no longer age.
        if epoch == (settings.training.epochs + 1) / 2 {
          try MCTQueueAges(of: model, context: context)?.write(to: context.folder)
        }
      })
    let epoch = try selection.restore()
    let evaluation = MCTEvaluation(model: model, context: context)
    var scores = try evaluation.scores()
    if let accuracy = model.pretextAccuracy {
      scores.append(
        Score(evaluator: "pretext, last epoch", subject: "image intra", metric: "accuracy", value: accuracy))
    }
    scores.append(Score(evaluator: "chosen epoch", subject: "networks", metric: "count", value: Double(epoch)))
    return SeedResult(
      scores: scores, notes: evaluation.notes + warnings, datasetChecksums: [dataset.name: dataset.checksum],
      parameterCount: model.trained.parameterCount, wallSeconds: (.now - began).seconds)
  }

  /// The data set that the settings name, from the data root or the cache.
  public func loadDataset(_ data: MCTSettings.DataSettings, context: SeedContext) throws -> MultimodalDataset {
    switch data.set {
    case .emoji: return try EmojiDataset.load(data.emoji, cacheFolder: context.cacheFolder)
    case .cifar:
      var options = data.cifar
      options.dataRoot = options.dataRoot ?? context.dataRoot?.path
      return try CIFARDataset.load(options)
    case .folder: return try data.folder.load(modalities: data.modalities, cacheFolder: context.cacheFolder)
    }
  }

  /// Checks the settings' sizes against those of the data.
  ///
  /// - Returns: what a reader should be warned of.
  /// - Throws: where a batch has not two observations for each part of batch norm, or no class can choose the epoch.
  func checkSizes(_ settings: MCTSettings, data: MCTData) throws(UserError) -> [String] {
    guard 2 * settings.model.normalisationGroups <= data.train.count else {
      throw UserError(
        .data, "must leave 2 of the \(data.train.count) training observations in every part",
        at: "model.normalisationGroups")
    }
    let selection = settings.evaluation.selection
    guard ![.neighbours, .linearProbe, .probeAndRetrieval].contains(selection) || !data.labellings.isEmpty else {
      throw UserError(
        .data, "cannot be \(selection.rawValue), since \(data.dataset.name) has no labelling",
        at: "evaluation.selection",
        mend: "give retrieval or last")
    }
    guard !settings.method.keyHeads.isEmpty, settings.method.queueSize > data.train.count else { return [] }
    return [
      "A queue of \(settings.method.queueSize) keys is larger than the training set of \(data.train.count): it holds "
        + "several keys of an observation, also of the query's own, which count as negatives."
    ]
  }
}
