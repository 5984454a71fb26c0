import Autograd
import Datasets
import Diagnostics
import Foundation
import Kernels
import Layers
import Objectives
import Recipes
import Search
import Training

extension MCTExperiment: SearchableExperiment {
  /// Opens the networks of a seed, those of its best epoch.
  ///
  /// - Throws: `UserError` where the data are missing or the checkpoint is another model's.
  public func embedder(
    seed: Int, settings: MCTSettings, checkpoint: URL, context: SeedContext
  ) throws -> any Embedder {
    let dataset = try loadDataset(settings.data, context: context)
    let model = MCTModel(settings: settings, data: try MCTData(dataset, settings: settings, seed: seed), seed: seed)
    try Checkpoint.read(model.deployed, from: checkpoint)
    return try MCTEmbedder(model)
  }
}

/// MCT's networks as search needs them: the space that images and captions share, or, where a run has trained none, the
/// features of images alone.
struct MCTEmbedder: Embedder {
  let data: SearchableData
  private let model: MCTModel
  /// What is added to the numbers of each modality's words: those of a language follow those of the one before.
  private let offsets: [String: Int32]

  init(_ model: MCTModel) throws(UserError) {
    self.model = model
    let (settings, data) = (model.settings, model.data)
    let side = settings.evaluation.side == .test ? data.test : data.validation
    self.data = try SearchableData(
      data.dataset, side: side.split, image: settings.data.image,
      captions: settings.method.hasInterTerm ? settings.data.captions : [])
    var offset: Int32 = 0
    var offsets: [String: Int32] = [:]
    for name in settings.data.captions {
      offsets[name] = offset
      offset += Int32((data.dataset.tokenisers[name]?.vocabulary.count ?? 4) - 4)
    }
    self.offsets = offsets
  }

  var scale: SimilarityScale {
    let method = model.settings.method
    let isLearnt = method.inter == .clip
    return SimilarityScale(
      temperature: method.interTemperature,
      origin: "method.interTemperature" + (isLearnt ? ", its first value: what was learnt is not kept" : ""))
  }

  func embed(pictures pixels: [Float], count: Int) -> Matrix {
    let features = model.network.features(images: model.standardised(pixels), in: .evaluation)
    let projections = model.network.projections(features, ofImages: true, heads: [.imageCommon])
    let values = (projections[.imageCommon] ?? features).values
    return Matrix(rows: count, columns: values.count / max(1, count), values: values)
  }

  func embed(texts: [String], caption: String) -> Matrix {
    guard let tokeniser = data.captions.first(where: { $0.name == caption })?.tokeniser,
      let offset = offsets[caption]
    else { preconditionFailure("MCTEmbedder: no captions \(caption)") }
    let tokens = texts.flatMap { tokeniser.encode($0, length: model.data.captionLength) }
    return MCTFeatures.common(
      captions: tokens.map { $0 < 4 ? $0 : $0 + offset }, count: texts.count, by: model.network)
  }
}
