import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluation
import Foundation
import Kernels
import Layers
import Objectives
import Search
import Training

extension FDTExperiment: SearchableExperiment {
  /// Opens the networks of a seed with the codebook's temperature after its last step.
  ///
  /// - Throws: `UserError` where the data are missing or the checkpoint is another model's.
  public func embedder(
    seed: Int, settings: FDTSettings, checkpoint: URL, context: SeedContext
  ) throws -> any Embedder {
    let data = try FDTData.load(settings, context: context)
    let model = try model(settings: settings, data: data, seed: seed)
    try Checkpoint.read(model, from: checkpoint)
    let batch = max(1, min(settings.training.batchSize, data.training.count))
    let steps = data.training.count / batch * settings.training.epochs
    return try FDTEmbedder(
      FDTEvaluation(model: model, data: data, settings: settings, step: steps, seed: seed, context: context))
  }
}

/// FDT's networks as search needs them: the features of images and of captions.
struct FDTEmbedder: Embedder {
  let data: SearchableData
  private let evaluation: FDTEvaluation
  private var model: FDTModel { evaluation.model }

  init(_ evaluation: FDTEvaluation) throws(UserError) {
    self.evaluation = evaluation
    let data = evaluation.data
    guard let form = data.form else { throw SearchableData.cannotRead(data.imageName, of: data.name) }
    self.data = SearchableData(
      name: data.name, checksum: data.checksum, imageName: data.imageName, form: form, side: evaluation.side,
      captions: evaluation.model.vocabulary.captions.map { .init(name: $0.name, tokeniser: $0.tokeniser) },
      classNames: data.classNames)
  }

  var scale: SimilarityScale {
    SimilarityScale(exp(Double(model.encoder.logScale.value.scalar)), origin: "the scale that the run has learnt")
  }

  func embed(pictures pixels: [Float], count: Int) -> Matrix {
    let images = Tensor(pixels, shape: [count, data.form.height, data.form.width, data.form.channels])
    let found = model.encoder.encode(
      images: FDTModel.centred(images), temperature: evaluation.temperature, in: .evaluation)
    return Matrix(rows: count, columns: model.settings.model.dimensions, values: found.feature.values)
  }

  func embed(texts: [String], caption: String) throws -> Matrix {
    let caption = captionVocabulary(caption)
    return try FDTFeatures.vectors(
      of: model.vocabulary.texts(texts, of: caption), by: model, temperature: evaluation.temperature,
      withWeights: false, context: evaluation.context
    ).features
  }

  /// The mean of each class's prompts, where the data set has prompts for all of a labelling's classes.
  func embeddings(ofClasses labelling: String, caption: String?) throws -> Matrix? {
    guard let names = evaluation.data.classNames[labelling] else { return nil }
    let prompts = try ZeroShotPrompts.load(evaluation.settings.evaluation.prompts, dataset: data.name)
    let caption = caption.map(captionVocabulary) ?? model.vocabulary.captions[0]
    return try evaluation.prototypes(of: labelling, names: names, caption: caption, prompts: prompts)?.features
      .prototypes
  }

  private func captionVocabulary(_ name: String) -> CaptionVocabulary.Caption {
    guard let caption = model.vocabulary.captions.first(where: { $0.name == name }) else {
      preconditionFailure("FDTEmbedder: no captions \(name)")
    }
    return caption
  }
}
