import Datasets
import Diagnostics
import Foundation
import Kernels
import Layers
import Objectives
import Recipes
import Runs
import Training

/// Every alignment method on the same data, with the same encoders, budget and evaluations.
public struct CompareExperiment: Experiment {
  /// What a recipe can set.
  public typealias Settings = CompareSettings

  /// Creates the experiment.
  public init() {}

  /// The name that recipes are filed under.
  public var name: String { "compare" }
  /// One line.
  public var summary: String { "Alignment methods side by side: the same data, encoders, budget and evaluations" }
  /// The folder of the recipes in the target's resources.
  public var recipeFolder: URL { Bundle.module.bundleURL.appending(path: "Recipes") }

  /// Checks what types cannot express.
  public func validate(_ settings: CompareSettings) throws(UserError) { try settings.validate() }

  /// Trains encoders by the method and measures them.
  public func run(seed: Int, settings: CompareSettings, context: SeedContext) throws -> SeedResult {
    try run(seed: seed, settings: settings, dataset: try loadDataset(settings.data, context: context), context: context)
  }

  /// Trains and measures on a data set that is loaded already, whatever the settings name.
  public func run(
    seed: Int, settings: CompareSettings, dataset: MultimodalDataset, context: SeedContext
  ) throws -> SeedResult {
    let began = ContinuousClock.now
    let data = try CompareData(dataset, settings)
    try check(settings, data)
    let model = CompareModel(settings: settings, data: data, seed: seed)
    let state = TrainingState(seed: seed, data: data.dataset.checksum)
    for (name, module) in model.method.companions { state.include(module, as: name) }
    let training = ComparedTraining(data: data, state: state, context: context)
    try Trainer(settings.training, seed: seed, context: context).run(
      model, count: data.train.count, state: state,
      loss: { batch, pass in
        model.method.loss(of: ComparedBatch(rows: batch, data: data, state: state), in: pass)
      },
      afterEpoch: { try model.method.endEpoch($0, of: training) })
    try Checkpoint.write(
      model, metadata: ["experiment": name, "seed": "\(seed)"], to: context.folder.appending(path: Checkpoint.fileName))
    let evaluation = CompareEvaluation(model: model, data: data, settings: settings, seed: seed, context: context)
    return SeedResult(
      scores: try evaluation.scores(), notes: evaluation.notes,
      datasetChecksums: [data.dataset.name: data.dataset.checksum], parameterCount: model.trainedParameterCount,
      wallSeconds: (.now - began).seconds)
  }

  /// The data set that the settings name, from the data root or the cache.
  public func loadDataset(_ data: CompareSettings.DataSettings, context: SeedContext) throws -> MultimodalDataset {
    switch data.set {
    case .emoji: return try EmojiDataset.load(data.emoji, cacheFolder: context.cacheFolder)
    case .digits:
      var options = data.digits
      options.dataRoot = options.dataRoot ?? context.dataRoot?.path
      return try DigitsDataset.load(options)
    case .folder:
      var folder = data.folder
      // An observation is aligned with all of its modalities.
      folder.missing = folder.missing ?? .omitted
      return try folder.load(modalities: data.modalities, cacheFolder: context.cacheFolder)
    }
  }

  /// Checks that the data set has what method and encoders need.
  private func check(_ settings: CompareSettings, _ data: CompareData) throws(UserError) {
    let method = settings.method.name
    let set = data.dataset.name
    func need(_ holds: Bool, _ what: String) throws(UserError) {
      guard holds else {
        throw UserError(
          .data, "\(method.rawValue) needs \(what), and \(set) has none", at: "method.name", mend: "take another method"
        )
      }
    }
    switch method {
    case .simclr, .moco: try need(data.image != nil, "images")
    case .mct:
      try need(data.image != nil, "images")
      try need(data.firstCaption != nil, "captions")
      if let other = data.modalities.indices.first(where: { $0 != data.image && !data.isCaption($0) }) {
        throw UserError(
          .data, "mct knows images and captions only, not \(data.modalities[other].name)", at: "data.modalities",
          mend: "name images and captions, or take another method")
      }
    case .fusion:
      try need(!data.labellings.isEmpty, "classes")
      if let labelling = settings.method.fusion.labelling, !data.labellings.contains(labelling) {
        throw UserError(
          .data, "\(set) has no labelling \"\(labelling)\"", at: "method.fusion.labelling",
          mend: "it has \(data.labellings.joined(separator: ", "))")
      }
    default: break
    }
    for modality in data.modalities {
      guard case .image(let height, let width, let channels) = modality.kind else { continue }
      let size = settings.model.patchSize
      if settings.model.imageEncoder == .vit, height % size != 0 || width % size != 0 {
        throw UserError(
          .data, "patches of \(size) do not fill images of \(height) × \(width)", at: "model.patchSize",
          mend: "give a number that divides both")
      }
      if settings.model.imageEncoder == .convolutional, min(height, width) < 4 {
        throw UserError(
          .data, "images of \(height) × \(width) are too small for the convolutions", at: "model.imageEncoder")
      }
      guard [1, 3].contains(channels) else {
        throw UserError(.data, "\(modality.name) has \(channels) channels, not 1 or 3", at: "data.modalities")
      }
    }
    if settings.evaluation.retrieval == .label, data.labellings.isEmpty {
      throw UserError(
        .data, "hits by class need classes, and \(set) has none", at: "evaluation.retrieval", mend: "take observation")
    }
  }
}
