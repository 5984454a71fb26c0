import Datasets
import Diagnostics
import Encoders
import Layers
import Methods
import Training

/// What `training.chunks` asks of method, encoders and data: that a row's representation is the same in a chunk as in the
/// whole batch.
struct ChunkNeeds {
  private let settings: AlignmentSettings
  private let data: AlignedData
  private let method: any AlignmentMethod

  init(_ settings: AlignmentSettings, _ data: AlignedData, _ method: any AlignmentMethod) {
    (self.settings, self.data, self.method) = (settings, data, method)
  }

  /// Refuses what cannot be divided.
  ///
  /// - Throws: an error whose place is the key.
  func check() throws(UserError) {
    let chunks = settings.training.chunks
    guard chunks > 1 else { return }
    guard data.presence(.train).isWhole else {
      throw UserError(
        .data, "must be 1, since not every training observation of \(data.dataset.name) has every modality",
        at: "training.chunks", mend: "set it to 1, or name modalities that all observations have")
    }
    for (name, module) in method.rowNetworks {
      guard let found = module.batchNorms.first(where: { $0.norm.groups % chunks != 0 }) else { continue }
      let norm = "batch norm of \(name).\(found.path)"
      guard isOfPictures(found.path), settings.model.imageEncoder.isResidual else {
        throw UserError(
          .data, "must be 1, since \(norm) has the statistics of the whole batch", at: "training.chunks",
          mend: "set it to 1, or take networks without batch norm, see `concord help memory`")
      }
      throw UserError(
        .data,
        "must be a multiple of training.chunks (\(chunks)), since \(norm) has the statistics of a part of the batch by itself",
        at: "model.normalisationGroups", mend: "set it so, or training.chunks=1")
    }
  }

  /// Whether a network sees pictures, or frames of videos.
  private func isOfPictures(_ path: String) -> Bool {
    let words = path.split(separator: ".")
    return data.modalities.contains { modality in
      switch modality.kind {
      case .image, .video: words.contains(Substring(modality.name))
      default: false
      }
    }
  }
}

extension Module {
  /// The batch norms within, by their paths.
  fileprivate var batchNorms: [(path: String, norm: BatchNorm)] {
    parts.flatMap { part -> [(path: String, norm: BatchNorm)] in
      guard case .module(let name, let module) = part else { return [] }
      // A frozen encoder uses what training collected, whatever the batch.
      if module.isFrozenEncoder { return [] }
      if let norm = module as? BatchNorm { return [(name, norm)] }
      return module.batchNorms.map { ("\(name).\($0.path)", $0.norm) }
    }
  }
}
