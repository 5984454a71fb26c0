import Datasets
import Diagnostics
import Evaluation
import Foundation
import Interchange
import Kernels
import Recipes
import Runs
import Training

/// GMC's protocol: a classifier trained on frozen complete representations, tested with every subset of modalities;
/// retrieval between modalities; and the geometry of the representations.
///
/// An observation counts for what it has: for the subsets, pairs of modalities and classes that it has all of.
struct GMCEvaluation {
  let model: GMCModel
  let dataset: MultimodalDataset
  let settings: GMCSettings
  let seed: Int
  let context: SeedContext

  var side: MultimodalSplit { settings.evaluation.side == .test ? dataset.test : dataset.validation }
  private var subsets: [ModalitySubset] { ModalitySubset.all(of: model.modalities.map(\.name)) }

  /// All scores, and the files for the figures.
  func scores() throws -> [Score] {
    let reported = try GMCRepresentations(of: side, by: model, context: context)
    try writeEmbeddings(reported)
    var scores = try accuracies(reported)
    try context.checkInterruption()
    scores += retrieval(reported)
    scores += geometry(reported)
    scores += try components(reported)
    return scores
  }

  private func accuracies(_ reported: GMCRepresentations) throws -> [Score] {
    guard !model.labellings.isEmpty else { return [] }
    let training = try GMCRepresentations(of: dataset.train, by: model, context: context)
    var probes: [(labelling: String, truths: [Int32], probe: PerceptronProbe)] = []
    for labelling in model.labellings {
      guard let labels = dataset.train.labels[labelling], let truths = side.labels[labelling],
        let classes = dataset.classNames[labelling]?.count
      else { continue }
      let rows = training.presence.complete.filter { labels[$0] >= 0 }
      let probe = try PerceptronProbe(
        training: training.complete.gathering(rows), labels: rows.map { labels[$0] }, classes: classes,
        options: settings.evaluation.probe, seed: UInt64(bitPattern: Int64(seed)),
        interruption: { try context.checkInterruption() })
      probes.append((labelling, truths, probe))
    }
    return try subsets.flatMap { subset in
      let representations = try reported.partial(subset)
      let present = reported.presence.observations(having: subset.members)
      return probes.compactMap { labelling, truths, probe in
        let rows = present.filter { truths[$0] >= 0 }
        return accuracy(
          of: probe.predictions(for: representations.gathering(rows)), against: rows.map { Int(truths[$0]) }
        ).map { Score(evaluator: "accuracy", subject: subset.name, metric: labelling, value: $0) }
      }
    }
  }

  private func retrieval(_ reported: GMCRepresentations) -> [Score] {
    let views = reported.views(of: model.modalities)
    let labels = settings.evaluation.retrieval == .label ? model.labellings.first.flatMap { side.labels[$0] } : nil
    var scores: [Score] = []
    for from in views {
      for to in views.dropFirst() where from.name != to.name {
        let pair = reported.common(from, to)
        let result: Retrieval
        if let labels {
          let own = reported.presence.observations(having: Set(from.members + to.members)).map { Int(labels[$0]) }
          let known = own.indices.filter { own[$0] >= 0 }
          let classes = known.map { own[$0] }
          result = Retrieval(
            queries: pair[0].gathering(known), labelled: classes, candidates: pair[1].gathering(known),
            labelled: classes)
        } else {
          result = Retrieval(queries: pair[0], candidates: pair[1])
        }
        let metrics: [(String, Double?)] = [
          ("R@1", result.recall(at: 1)), ("R@5", result.recall(at: 5)), ("R@10", result.recall(at: 10)),
          ("median rank", result.medianRank),
        ]
        scores += metrics.compactMap { metric, value in
          value.map {
            Score(
              evaluator: labels == nil ? "retrieval" : "retrieval by class", subject: "\(from.name) → \(to.name)",
              metric: metric, value: $0)
          }
        }
      }
    }
    return scores
  }

  private func geometry(_ reported: GMCRepresentations) -> [Score] {
    let views = reported.views(of: model.modalities)
    var scores: [Score] = []
    for (index, first) in views.enumerated() {
      for second in views[(index + 1)...] {
        let pair = reported.common(first, second)
        let metrics: [(String, Double?)] = [
          ("cosine", Geometry.matchedCosine(pair[0], pair[1])),
          ("alignment", Geometry.alignment(pair[0], pair[1])),
          ("modality gap", Geometry.modalityGap(pair[0], pair[1])),
        ]
        scores += metrics.compactMap { metric, value in
          value.map {
            Score(evaluator: "geometry", subject: "\(first.name) – \(second.name)", metric: metric, value: $0)
          }
        }
      }
    }
    for view in views {
      if let value = Geometry.uniformity(reported.common(view)[0]) {
        scores.append(Score(evaluator: "uniformity", subject: view.name, metric: "uniformity", value: value))
      }
    }
    return scores
  }

  /// Writes representations and classes of evenly spread complete observations for the figures.
  private func writeEmbeddings(_ reported: GMCRepresentations) throws {
    let labelling = model.labellings.first
    let labels = labelling.flatMap { side.labels[$0] }
    let complete = reported.presence.complete
    let known = labels.map { labels in complete.filter { labels[$0] >= 0 } } ?? complete
    let rows = known.evenlySpread(settings.evaluation.shownObservations)
    guard !rows.isEmpty else { return }
    // Without classes all observations are of one, so that figures have no need to know.
    var arrays: [String: NumericArray] = [
      EmbeddingsFile.labels: NumericArray(rows.map { labels?[$0] ?? 0 }, shape: [rows.count])
    ]
    for view in reported.views(of: model.modalities) {
      arrays[view.name] = NumericArray(view.values.gathering(rows).values, shape: [rows.count, view.values.columns])
    }
    try NumpyArchive(arrays: arrays).write(to: context.folder.appending(path: EmbeddingsFile.name))
    let names = labelling.flatMap { dataset.classNames[$0] } ?? ["observations"]
    try AtomicFile.write(
      try JSONEncoder().encode(names), to: context.folder.appending(path: EmbeddingsFile.classNames))
  }
}

extension Array {
  /// At most so many elements, evenly spread over the array, in their order.
  func evenlySpread(_ most: Int) -> [Element] {
    count <= most ? self : (0..<most).map { self[$0 * count / most] }
  }
}
