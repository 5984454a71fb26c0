import Datasets
import Recipes

extension GMCEvaluation {
  /// What a reader of the scores must know.
  var notes: [String] {
    let name = settings.evaluation.side.rawValue
    let missing =
      model.classifier == nil
      ? "incomplete observations are the mean of their modalities' representations"
      : "missing modalities are zeros for the joint encoder"
    let joint =
      model.network.hasJointEncoder
      ? "complete observations go through the joint encoder"
      : "complete observations are that mean too: there is no joint encoder"
    let hit =
      settings.evaluation.retrieval == .observation
      ? "Retrieval counts the one item of the same observation among those of the side that have both modalities."
      : "Retrieval counts any item of the same class as a hit, since items are paired by class."
    var notes = ["Scores are of the \(name) side: \(side.count) observations; training has \(dataset.train.count)."]
    if model.labellings.isEmpty {
      notes.append("The networks are frozen after the last epoch; without classes there is no accuracy.")
      notes.append("Representations: \(missing); \(joint).")
    } else {
      notes.append(
        "The networks are frozen after the last epoch; a classifier learns from complete training representations only."
      )
      notes.append("Accuracy: \(missing); \(joint).")
    }
    notes.append(hit)
    if settings.evaluation.delaunay.enabled { notes.append(componentsNote) }
    return notes + incompletenessNotes + folderNotes + classNotes
  }

  /// How many observations lack something, where some do.
  private var incompletenessNotes: [String] {
    let names = model.modalities.map(\.name)
    let sides = [dataset.train, side].map { (split: $0, presence: ModalityPresence(of: $0, modalities: names)) }
    guard sides.contains(where: { !$0.presence.isWhole }) else { return [] }
    let counts = sides.map { split, presence in
      let each = names.indices.map { "\(names[$0]) \(presence.observations(having: [$0]).count)" }
      return "\(split.name): \(presence.complete.count) of \(split.count) complete, \(each.joined(separator: ", "))"
    }
    return [
      "Not every observation has every modality (\(counts.joined(separator: "; "))).",
      "In training a modality is contrasted on the observations that have it, and the joint encoder sees zeros for what "
        + "is missing; an observation is scored only for subsets and pairs of modalities that it has.",
    ]
  }

  /// What was left out of a folder of one's own, and what else its reading found.
  private var folderNotes: [String] {
    guard settings.data.set == .folder else { return [] }
    let left = dataset.provenance.omissions.map { "Left out of the folder: \($0.count) \($0.reason)." }
    return left + dataset.provenance.notes.map { "Folder: \($0)." }
  }

  /// The classes that the classifier cannot know.
  private var classNotes: [String] {
    let complete = ModalityPresence(of: dataset.train, modalities: model.modalities.map(\.name)).complete
    return model.labellings.compactMap { labelling in
      guard let labels = dataset.train.labels[labelling], let truths = side.labels[labelling],
        let names = dataset.classNames[labelling]
      else { return nil }
      let known = Set(complete.map { labels[$0] })
      let strange = truths.filter { $0 >= 0 && !known.contains($0) }
      guard !strange.isEmpty else { return nil }
      let list = Set(strange).sorted().map { names[Int($0)] }
      let shown = list.prefix(5).joined(separator: ", ") + (list.count > 5 ? ", …" : "")
      return "\(strange.count) observations are of a \(labelling) without a complete training observation (\(shown)); "
        + "the classifier gets them wrong."
    }
  }
}
