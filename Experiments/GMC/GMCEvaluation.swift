import Datasets
import Diagnostics
import Evaluation
import Foundation
import Harness
import Interchange
import Kernels

/// GMC's protocol: a classifier trained on frozen complete representations, tested with every subset of modalities;
/// retrieval between modalities; and the geometry of the representations.
struct GMCEvaluation {
  let model: GMCModel
  let dataset: MultimodalDataset
  let settings: GMCSettings
  let seed: Int
  let context: SeedContext

  private var side: MultimodalSplit { settings.evaluation.side == .test ? dataset.test : dataset.validation }
  private var subsets: [ModalitySubset] { ModalitySubset.all(of: model.modalities.map(\.name)) }

  /// What a reader of the scores must know.
  var notes: [String] {
    let side = settings.evaluation.side.rawValue
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
      ? "Retrieval counts the one item of the same observation among the \(self.side.count) of the side."
      : "Retrieval counts any item of the same class as a hit, since items are paired by class."
    return [
      "Scores are of the \(side) side: \(self.side.count) observations; training has \(dataset.train.count).",
      "The networks are frozen after the last epoch; a classifier learns from complete training representations only.",
      "Accuracy: \(missing); \(joint).", hit,
    ]
  }

  /// All scores, and the files for the figures.
  func scores() throws -> [Score] {
    let training = try GMCRepresentations(of: dataset.train, by: model, context: context)
    let reported = try GMCRepresentations(of: side, by: model, context: context)
    try writeEmbeddings(reported)
    var scores = try accuracies(training: training.complete, reported: reported)
    try context.checkInterruption()
    scores += retrieval(reported)
    scores += geometry(reported)
    return scores
  }

  private func accuracies(training: Matrix, reported: GMCRepresentations) throws -> [Score] {
    var probes: [(labelling: String, labels: [Int], probe: PerceptronProbe)] = []
    for labelling in model.labellings {
      guard let labels = dataset.train.labels[labelling], let truths = side.labels[labelling],
        let classes = dataset.classNames[labelling]?.count
      else { continue }
      let probe = try PerceptronProbe(
        training: training, labels: labels, classes: classes, options: settings.evaluation.probe,
        seed: UInt64(bitPattern: Int64(seed)), interruption: { try context.checkInterruption() })
      probes.append((labelling, truths.map(Int.init), probe))
    }
    return try subsets.flatMap { subset in
      let representations = try reported.partial(subset)
      return probes.compactMap { labelling, truths, probe in
        accuracy(of: probe.predictions(for: representations), against: truths).map {
          Score(evaluator: "accuracy", subject: subset.name, metric: labelling, value: $0)
        }
      }
    }
  }

  private func retrieval(_ reported: GMCRepresentations) -> [Score] {
    let byClass = settings.evaluation.retrieval == .label
    let labels = side.labels[model.labellings[0]]?.map(Int.init) ?? []
    let sources = zip(["complete"] + model.modalities.map(\.name), [reported.complete] + reported.single)
    var scores: [Score] = []
    for (from, queries) in sources {
      for (to, candidates) in zip(model.modalities.map(\.name), reported.single) where from != to {
        let result =
          byClass
          ? Retrieval(queries: queries, labelled: labels, candidates: candidates, labelled: labels)
          : Retrieval(queries: queries, candidates: candidates)
        let metrics: [(String, Double?)] = [
          ("R@1", result.recall(at: 1)), ("R@5", result.recall(at: 5)), ("R@10", result.recall(at: 10)),
          ("median rank", result.medianRank),
        ]
        scores += metrics.compactMap { metric, value in
          value.map {
            Score(
              evaluator: byClass ? "retrieval by class" : "retrieval", subject: "\(from) → \(to)", metric: metric,
              value: $0)
          }
        }
      }
    }
    return scores
  }

  private func geometry(_ reported: GMCRepresentations) -> [Score] {
    let names = ["complete"] + model.modalities.map(\.name)
    let all = [reported.complete] + reported.single
    var scores: [Score] = []
    for first in names.indices {
      for second in names.indices where second > first {
        let metrics: [(String, Double?)] = [
          ("cosine", Geometry.matchedCosine(all[first], all[second])),
          ("alignment", Geometry.alignment(all[first], all[second])),
          ("modality gap", Geometry.modalityGap(all[first], all[second])),
        ]
        scores += metrics.compactMap { metric, value in
          value.map {
            Score(evaluator: "geometry", subject: "\(names[first]) – \(names[second])", metric: metric, value: $0)
          }
        }
      }
    }
    for (name, representations) in zip(names, all) {
      if let value = Geometry.uniformity(representations) {
        scores.append(Score(evaluator: "uniformity", subject: name, metric: "uniformity", value: value))
      }
    }
    return scores
  }

  /// Writes representations and classes of evenly spread observations for the figures.
  private func writeEmbeddings(_ reported: GMCRepresentations) throws {
    let labelling = model.labellings[0]
    guard let labels = side.labels[labelling] else { return }
    let shown = min(side.count, settings.evaluation.shownObservations)
    let rows = (0..<shown).map { $0 * side.count / shown }
    var arrays: [String: NumericArray] = [
      EmbeddingsFile.labels: NumericArray(rows.map { labels[$0] }, shape: [shown])
    ]
    let names = ["complete"] + model.modalities.map(\.name)
    for (name, matrix) in zip(names, [reported.complete] + reported.single) {
      arrays[name] = NumericArray(matrix.gathering(rows).values, shape: [shown, matrix.columns])
    }
    try NumpyArchive(arrays: arrays).write(to: context.folder.appending(path: EmbeddingsFile.name))
    let classNames = try JSONEncoder().encode(dataset.classNames[labelling] ?? [])
    try AtomicFile.write(classNames, to: context.folder.appending(path: EmbeddingsFile.classNames))
  }
}
