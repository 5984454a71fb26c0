import Datasets
import Diagnostics
import Encoders
import Evaluation
import Recipes
import Training

/// What the networks, training and evaluation need of a data set, checked before any of them begins.
extension GMCExperiment {
  /// More modalities have too many subsets to evaluate.
  private static let mostModalities = 10

  /// The modalities that the settings name, else all.
  func chosenModalities(
    _ settings: GMCSettings, of dataset: MultimodalDataset
  ) throws(UserError) -> [Modality] {
    let known = dataset.modalities.map(\.name)
    let names = settings.data.modalities ?? known
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw missing("modality", unknown, in: dataset, known: known, at: "data.modalities")
    }
    guard known.count > 1 || settings.data.modalities != nil else {
      throw UserError(
        .data, "\(dataset.name) has no other modality than \(known.first ?? "none")",
        mend: "GMC contrasts two or more; give the data set another one")
    }
    guard names.count > 1, Set(names).count == names.count else {
      throw UserError(.data, "must name at least two different modalities", at: "data.modalities")
    }
    guard names.count <= Self.mostModalities else {
      throw UserError(
        .data, "\(names.count) modalities have too many subsets to evaluate", at: "data.modalities",
        mend: "name at most \(Self.mostModalities)")
    }
    let modalities = names.compactMap { name in dataset.modalities.first { $0.name == name } }
    for modality in modalities { try checkSize(of: modality, settings.model) }
    return modalities
  }

  /// The labellings that the settings name, else all; none where the data set has no labels.
  func labellings(_ settings: GMCSettings, of dataset: MultimodalDataset) throws(UserError) -> [String] {
    let known = dataset.classNames.keys.sorted()
    let names = settings.evaluation.labellings ?? known
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw missing("labelling", unknown, in: dataset, known: known, at: "evaluation.labellings")
    }
    guard !names.isEmpty || settings.evaluation.labellings == nil else {
      throw UserError(.data, "must name a labelling", at: "evaluation.labellings")
    }
    guard names.isEmpty else { return names }
    if settings.method.objective == .fusion {
      throw UserError(
        .data, "fusion learns classes, and \(dataset.name) has no labels", at: "method.objective", mend: "take gmc")
    }
    if settings.evaluation.retrieval == .label {
      throw UserError(
        .data, "hits by class need classes, and \(dataset.name) has no labels", at: "evaluation.retrieval",
        mend: "take observation")
    }
    return names
  }

  /// The training observations that have one of the model's modalities, and for the fusion baseline a class.
  ///
  /// - Throws: an error where they, or those of the reported side, are too few for training or for evaluation.
  func usableObservations(
    of dataset: MultimodalDataset, presence: ModalityPresence, model: GMCModel
  ) throws(UserError) -> [Int] {
    let classes = model.classifier == nil ? nil : model.labellings.first.flatMap { dataset.train.labels[$0] }
    let usable = (0..<presence.count).filter { row in
      (0..<presence.modalityCount).contains { presence[$0, row] } && classes.map { $0[row] >= 0 } ?? true
    }
    let batchSize = model.settings.training.batchSize
    // Fewer than two the trainer refuses itself.
    guard usable.count < 2 || usable.count >= batchSize else {
      throw UserError(
        .data, "\(dataset.name) has \(usable.count) training observations, too few for batches of \(batchSize)",
        at: "training.batchSize", mend: "make it at most \(usable.count)")
    }
    for (index, modality) in model.modalities.enumerated() {
      let count = presence.observations(having: [index]).count
      guard count > 1 || usable.count < 2 else {
        throw UserError(
          .data, "\(count == 0 ? "no" : "only one") training observation of \(dataset.name) has \(modality.name)",
          mend: "leave it out by data.modalities")
      }
    }
    let side = model.settings.evaluation.side == .test ? dataset.test : dataset.validation
    guard side.count > 0 else {
      throw UserError(
        .data, "\(dataset.name) has no \(side.name) observations", at: "evaluation.side",
        mend: "give the split a \(side.name) side, or evaluate the other one")
    }
    try checkClasses(of: dataset, presence: presence, model: model)
    return usable
  }

  /// The classifier on frozen representations needs complete observations of at least two classes.
  private func checkClasses(
    of dataset: MultimodalDataset, presence: ModalityPresence, model: GMCModel
  ) throws(UserError) {
    guard !model.labellings.isEmpty, presence.count > 1 else { return }
    let complete = presence.complete
    guard !complete.isEmpty else {
      throw UserError(
        .data,
        "no training observation of \(dataset.name) has all of \(model.modalities.map(\.name).joined(separator: ", ")), "
          + "which the classifier learns from", at: "data.modalities", mend: "name modalities that occur together")
    }
    for labelling in model.labellings {
      guard let labels = dataset.train.labels[labelling] else { continue }
      let classes = Set(complete.map { labels[$0] }.filter { $0 >= 0 })
      guard classes.count < 2 else { continue }
      throw UserError(
        .data,
        "labelling \(labelling) of \(dataset.name) has \(classes.count == 1 ? "a single class" : "no class") among "
          + "complete training observations, so there is nothing to tell apart",
        at: "evaluation.labellings", mend: "name another labelling, or remove it from the data set")
    }
  }

  private func checkSize(of modality: Modality, _ model: GMCSettings.ModelSettings) throws(UserError) {
    let least = 4
    switch modality.kind {
    case .image(let height, let width, _) where model.imageEncoder == .convolutional && min(height, width) < least:
      throw UserError(
        .data, "\(modality.name) of \(height) × \(width) pixels is too small to be halved twice",
        at: "model.imageEncoder", mend: "take resnet, or pictures of at least \(least) × \(least)")
    case .spectrogram(let frames, _) where frames < least:
      throw UserError(
        .data, "\(modality.name) of \(frames) frames is too short to be halved twice", at: "data.modalities",
        mend: "make it at least \(least) frames long")
    default: break
    }
  }

  private func missing(
    _ sort: String, _ name: String, in dataset: MultimodalDataset, known: [String], at place: String
  ) -> UserError {
    let near = nearestName(to: name, among: known).map { "did you mean \($0)?" }
    let all = known.isEmpty ? "it has none" : "it has \(known.joined(separator: ", "))"
    return UserError(.data, "\(dataset.name) has no \(sort) \"\(name)\"", at: place, mend: near ?? all)
  }
}
