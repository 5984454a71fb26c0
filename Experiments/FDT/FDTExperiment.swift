import Datasets
import Diagnostics
import Evaluation
import Foundation
import Kernels
import Layers
import Objectives
import Runs
import Training

/// Finite discrete tokens (Chen et al., CVPR 2023), CLIP without them, and their ablations.
public struct FDTExperiment: Experiment {
  /// What a recipe can set.
  public typealias Settings = FDTSettings

  /// Creates the experiment.
  public init() {}

  /// The name that recipes are filed under.
  public var name: String { "fdt" }
  /// One line with the paper.
  public var summary: String {
    "Finite discrete tokens: image patches and words are grounded in one shared codebook (CVPR 2023)"
  }
  /// The folder of the recipes in the target's resources.
  public var recipeFolder: URL { Bundle.module.bundleURL.appending(path: "Recipes") }

  /// Checks what types cannot express.
  public func validate(_ settings: FDTSettings) throws(UserError) { try settings.validate() }

  /// Trains the networks and measures them.
  public func run(seed: Int, settings: FDTSettings, context: SeedContext) throws -> SeedResult {
    let began = ContinuousClock.now
    let data = try FDTData.load(settings, context: context)
    let model = try model(settings: settings, data: data, seed: seed)
    let use = CodeUse(codes: settings.method.head == .codebook ? settings.method.codes : 0)
    let state = TrainingState(seed: seed, data: data.checksum)
    state.include(use, as: "use")
    func evaluation() -> FDTEvaluation {
      FDTEvaluation(model: model, data: data, settings: settings, step: state.step, seed: seed, context: context)
    }
    try Trainer(settings.training, seed: seed, context: context).run(
      model, count: data.training.count, state: state,
      loss: { batch, pass in
        let (images, texts) = try data.training.batch(batch, using: &state[stream: "augmentation"])
        return model.loss(images: images, texts: texts, step: state.step, use: use, in: pass)
      },
      afterEpoch: { _ in
        model.clampScale()
        guard settings.evaluation.trackedObservations > 0 else { return }
        try context.events.receive(.evaluated(try evaluation().trackedScores(use: use)))
      })
    try Checkpoint.write(
      model, metadata: ["experiment": name, "seed": "\(seed)"], to: context.folder.appending(path: Checkpoint.fileName))
    let scores = try evaluation().scores(use: use)
    return SeedResult(
      scores: scores, notes: evaluation().notes, datasetChecksums: [data.name: data.checksum],
      parameterCount: model.trainedParameterCount, wallSeconds: (.now - began).seconds)
  }

  /// How many numbers are trained by some settings.
  ///
  /// - Throws: `UserError` where the settings do not fit the data.
  public func parameterCount(settings: FDTSettings, context: SeedContext) throws -> Int {
    try model(settings: settings, data: try FDTData.load(settings, context: context), seed: 0)
      .trainedParameterCount
  }

  func model(settings: FDTSettings, data: FDTData, seed: Int) throws(UserError) -> FDTModel {
    if settings.model.imageEncoder == .vit, case .image(let height, let width, _) = data.image,
      height % settings.model.patchSize != 0 || width % settings.model.patchSize != 0
    {
      throw UserError(
        .data, "patches of \(settings.model.patchSize) do not fill images of \(height) × \(width)",
        at: "model.patchSize", mend: "give a number that divides both")
    }
    var initial = RandomStream(seed: UInt64(bitPattern: Int64(seed)), name: "init")
    return FDTModel(settings: settings, image: data.image, vocabulary: data.vocabulary, stream: &initial)
  }
}
