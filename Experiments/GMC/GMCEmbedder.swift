import Autograd
import Datasets
import Diagnostics
import Encoders
import Foundation
import Kernels
import Layers
import Recipes
import Search
import Training

extension GMCExperiment: SearchableExperiment {
  /// Opens the networks of a seed.
  ///
  /// - Throws: `UserError` where the data are missing, the checkpoint is another model's, or no modality is of pictures.
  public func embedder(
    seed: Int, settings: GMCSettings, checkpoint: URL, context: SeedContext
  ) throws -> any Embedder {
    let dataset = try loadDataset(settings.data, context: context)
    let model = try model(settings: settings, dataset: dataset, seed: seed)
    let side = settings.evaluation.side == .test ? dataset.test : dataset.validation
    let embedder = try GMCEmbedder(model, dataset: dataset, side: side)
    try Checkpoint.read(model, from: checkpoint)
    return embedder
  }
}

/// GMC's networks as search needs them: the representation of one modality by itself; for the fusion baseline the joint
/// one with the others missing.
struct GMCEmbedder: Embedder {
  let data: SearchableData
  private let model: GMCModel

  init(_ model: GMCModel, dataset: MultimodalDataset, side: MultimodalSplit) throws(UserError) {
    self.model = model
    let modalities = model.modalities
    guard let image = modalities.first(where: { if case .image = $0.kind { true } else { false } }) else {
      throw UserError(
        .data, "the run has no modality of pictures, only \(modalities.map(\.name).joined(separator: ", "))",
        at: dataset.name, mend: "only runs with pictures can be searched")
    }
    data = try SearchableData(
      dataset, side: side, image: image.name,
      captions: modalities.filter { if case .tokens = $0.kind { true } else { false } }.map(\.name))
  }

  var scale: SimilarityScale {
    SimilarityScale(
      temperature: model.settings.method.temperature,
      origin: "method.temperature" + (model.classifier == nil ? "" : ", which the fusion baseline is not trained with"))
  }

  func embed(pictures pixels: [Float], count: Int) -> Matrix {
    represent(.numbers(pixels), of: data.imageName, count: count)
  }

  func embed(texts: [String], caption: String) -> Matrix {
    guard let tokeniser = data.captions.first(where: { $0.name == caption })?.tokeniser,
      case .tokens(let length, _)? = model.modalities.first(where: { $0.name == caption })?.kind
    else { preconditionFailure("GMCEmbedder: no captions \(caption)") }
    return represent(
      .tokens(texts.flatMap { tokeniser.encode($0, length: length) }), of: caption, count: texts.count)
  }

  /// Where the classes themselves are a modality, its representations.
  func embeddings(ofClasses labelling: String, caption: String?) -> Matrix? {
    guard caption == nil, let classes = data.labellings.first(where: { $0.name == labelling })?.classes,
      let modality = model.modalities.first(where: { modality in
        modality.kind == .label(count: classes.count) && (modality.name == labelling || data.labellings.count == 1)
      })
    else { return nil }
    let hot = classes.indices.flatMap { row in classes.indices.map { $0 == row ? Float(1) : 0 } }
    return represent(.numbers(hot), of: modality.name, count: classes.count)
  }

  private func represent(_ items: ModalityItems, of name: String, count: Int) -> Matrix {
    guard let index = model.modalities.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("GMCEmbedder: no modality \(name)")
    }
    let representation: Tensor
    if model.classifier == nil {
      let input = ModalityInput(items, kind: model.modalities[index].kind)
      representation = model.network.representation(of: index, input, in: .evaluation)
    } else {
      let inputs = model.modalities.enumerated().map { place, modality in
        ModalityInput(place == index ? items : modality.kind.missing(count), kind: modality.kind)
      }
      guard let joint = model.network.jointRepresentation(inputs, in: .evaluation) else {
        preconditionFailure("GMCEmbedder: fusion without a joint encoder")
      }
      representation = joint
    }
    return Matrix(rows: count, columns: model.settings.model.latentDimensions, values: representation.values)
  }
}

extension ModalityKind {
  /// What stands for missing items: zeros, or empty texts.
  fileprivate func missing(_ count: Int) -> ModalityItems {
    if case .tokens = self { return .tokens([Int32](repeating: 0, count: count * elementCount)) }
    return .numbers([Float](repeating: 0, count: count * elementCount))
  }
}
