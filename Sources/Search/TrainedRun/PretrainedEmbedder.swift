import Autograd
import Datasets
import Diagnostics
import Foundation
import Kernels
import Methods
import Pretrained

/// A published model as search, zero-shot classification and matching need it.
struct PretrainedEmbedder: Embedder {
  let data: SearchableData
  let scale: SimilarityScale
  var agreement: String? { model.agreement }
  private let model: PretrainedModel

  /// Takes a model.
  ///
  /// - Parameter precision: what layers multiply.
  init(_ model: PretrainedModel, name: String, precision: InferencePrecision) {
    var model = model
    model.reduce(to: precision)
    self.model = model
    let form = model.description.configuration.picture
    let image = Modality(name: "image", kind: .image(height: form.side, width: form.side, channels: 3))
    let none = MultimodalSplit(
      name: "own", columns: [ModalityColumn(modality: image, items: .numbers([]), rows: [])], labels: [:])
    data = SearchableData(
      name: name, checksum: model.description.checksum, imageName: image.name, form: PictureForm(pretrained: form),
      side: none, captions: model.tokeniser.map { [.init(name: "text", pretrained: $0)] } ?? [], classNames: [:])
    scale = SimilarityScale(Double(model.scale), bias: model.model.logitBias.map(Double.init), origin: "learnt")
  }

  func embed(pictures pixels: [Float], count: Int) throws -> Matrix {
    let form = model.description.configuration.picture
    let normalised = pixels.indices.map { (pixels[$0] - form.mean[$0 % 3]) / form.deviation[$0 % 3] }
    return model.images(normalised, count: count)
  }

  func embed(texts: [String], caption: String) throws -> Matrix { try model.texts(texts) }
}
