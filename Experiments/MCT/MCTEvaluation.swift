import Datasets
import Diagnostics
import Evaluation
import Foundation
import Interchange
import Kernels
import Objectives
import Recipes
import Runs
import Training

/// MCT's protocol: what frozen image features know of classes and tags, how images and captions find each other, and
/// the geometry of the space they share.
struct MCTEvaluation {
  let model: MCTModel
  let context: SeedContext
  private var data: MCTData { model.data }
  private var settings: MCTSettings { model.settings }
  private var side: MCTData.Side { settings.evaluation.side == .test ? data.test : data.validation }

  /// What a reader of the scores must know.
  var notes: [String] {
    let evaluation = settings.evaluation
    var notes = [
      "Scores are of the \(evaluation.side.rawValue) side: \(side.count) observations; training has \(data.train.count).",
      "Linear probe (ridge), nearest neighbours and tag precision use image features before the heads.",
    ]
    switch evaluation.selection {
    case .neighbours:
      notes.append(
        "The networks are those of the epoch whose neighbours named \(data.labellings.first ?? "") best on the validation "
          + "side, looked at every \(evaluation.everyEpochs) epochs.")
    case .linearProbe:
      notes.append(
        "The networks are those of the epoch whose linear probe named \(data.labellings.first ?? "") best on the "
          + "validation side, looked at every \(evaluation.everyEpochs) epochs.")
    case .probeAndRetrieval:
      notes.append(
        "The networks are those of the epoch with the best mean of a linear probe of \(data.labellings.first ?? "") and "
          + "R@10 on the validation side, looked at every \(evaluation.everyEpochs) epochs.")
    case .retrieval:
      notes.append(
        "The networks are those of the epoch with the best mean R@10 on the validation side, looked at every "
          + "\(evaluation.everyEpochs) epochs.")
    case .last: notes.append("The networks are those of the last epoch.")
    }
    if settings.method.hasInterTerm { notes += data.zeroShotRemarks }
    if !settings.method.keyHeads.isEmpty {
      let (size, batch) = (settings.method.queueSize, min(settings.training.batchSize, data.train.count))
      notes.append(
        "A queue holds \(size) keys, the oldest \((size + batch - 1) / batch) steps old, of a twin with momentum "
          + "\(settings.method.momentum).")
    }
    return notes
  }

  /// All scores, and the files for the figures.
  func scores() throws -> [Score] {
    let training = try MCTFeatures(of: data.train, by: model, withCommon: false, context: context)
    let validation = try MCTFeatures(of: data.validation, by: model, context: context)
    let reported =
      settings.evaluation.side == .test ? try MCTFeatures(of: data.test, by: model, context: context) : validation
    try writeEmbeddings(reported)
    try MCTExamples(model: model, side: side, training: training, reported: reported).write(to: context.folder)
    var scores = try probes(training: training.image, validation: validation.image, reported: reported.image)
    try context.checkInterruption()
    scores += neighbours(training: training.image, reported: reported.image)
    scores += try tags(training: training.image, validation: validation.image, reported: reported.image)
    if let images = reported.imageCommon, let captions = reported.captionCommon {
      scores += retrieval(images: images, captions: captions)
      scores += zeroShot(images: images)
      scores += geometry(images: images, captions: captions)
    }
    if let value = Geometry.uniformity(reported.image) {
      scores.append(Score(evaluator: "uniformity", subject: "image features", metric: "uniformity", value: value))
    }
    return scores
  }

  /// Of several penalties the one that does best on the validation side.
  private func best(_ score: (Double) throws -> Double?) rethrows -> Double {
    var best = (penalty: settings.evaluation.penalties[0], score: -Double.infinity)
    for penalty in settings.evaluation.penalties {
      let value = try score(penalty) ?? -.infinity
      if value > best.score { best = (penalty, value) }
    }
    return best.penalty
  }

  private func probes(training: Matrix, validation: Matrix, reported: Matrix) throws -> [Score] {
    try data.labellings.compactMap { labelling in
      let labels = data.labels(labelling, of: data.train)
      func probe(_ penalty: Double) throws -> RidgeProbe {
        try RidgeProbe(features: training, labels: labels, classes: data.classCount(labelling), ridge: penalty)
      }
      let penalty = try best {
        accuracy(
          of: try probe($0).predictions(for: validation), against: data.labels(labelling, of: data.validation))
      }
      let predictions = try probe(penalty).predictions(for: reported)
      return accuracy(of: predictions, against: data.labels(labelling, of: side)).map {
        Score(evaluator: "linear probe", subject: "image features", metric: labelling, value: $0)
      }
    }
  }

  private func neighbours(training: Matrix, reported: Matrix) -> [Score] {
    data.labellings.compactMap { labelling in
      let classifier = NearestNeighbours(
        embeddings: training, labels: data.labels(labelling, of: data.train), classes: data.classCount(labelling))
      let predictions = classifier.predictions(
        for: reported, neighbours: settings.evaluation.neighbours,
        temperature: settings.evaluation.neighbourTemperature)
      return accuracy(of: predictions, against: data.labels(labelling, of: side)).map {
        Score(evaluator: "nearest neighbours", subject: "image features", metric: labelling, value: $0)
      }
    }
  }

  /// The mean average precision of a linear probe for each tag; a control learns from the true tags, too.
  private func tags(training: Matrix, validation: Matrix, reported: Matrix) throws -> [Score] {
    guard data.tagCount > 0 else { return [] }
    func matrix(_ side: MCTData.Side) -> Matrix {
      Matrix(rows: side.count, columns: data.tagCount, values: data.trueTags(of: side))
    }
    let targets = matrix(data.train)
    func precision(_ penalty: Double, _ features: Matrix, _ side: MCTData.Side) throws -> Double? {
      let probe = try RidgeProbe(features: training, targets: targets, ridge: penalty)
      return TagPrecision(scores: probe.scores(for: features), tags: matrix(side)).mean
    }
    let penalty = try best { try precision($0, validation, data.validation) }
    return try precision(penalty, reported, side).map {
      [Score(evaluator: "tags", subject: "image features", metric: "mean average precision", value: $0)]
    } ?? []
  }

  private func retrieval(images: Matrix, captions: Matrix) -> [Score] {
    let caption = settings.data.captions[0]
    let directions = [("image → \(caption)", images, captions), ("\(caption) → image", captions, images)]
    return directions.flatMap { subject, queries, candidates in
      let result = Retrieval(queries: queries, candidates: candidates)
      let metrics: [(String, Double?)] = [
        ("R@1", result.recall(at: 1)), ("R@5", result.recall(at: 5)), ("R@10", result.recall(at: 10)),
        ("median rank", result.medianRank),
      ]
      return metrics.compactMap { metric, value in
        value.map { Score(evaluator: "retrieval", subject: subject, metric: metric, value: $0) }
      }
    }
  }

  /// Images are given the class whose name, read as a caption, is nearest.
  private func zeroShot(images: Matrix) -> [Score] {
    data.labellings.compactMap { labelling in
      guard let names = data.captions(ofClasses: labelling) else { return nil }
      let prototypes = MCTFeatures.common(
        captions: names, count: data.classCount(labelling), by: model.network)
      let predictions = PrototypeClassifier(prototypes: prototypes).predictions(for: images)
      return accuracy(of: predictions, against: data.labels(labelling, of: side)).map {
        Score(evaluator: "zero-shot by class name", subject: "image", metric: labelling, value: $0)
      }
    }
  }

  private func geometry(images: Matrix, captions: Matrix) -> [Score] {
    let caption = settings.data.captions[0]
    let metrics: [(String, Double?)] = [
      ("cosine", Geometry.matchedCosine(images, captions)), ("alignment", Geometry.alignment(images, captions)),
      ("modality gap", Geometry.modalityGap(images, captions)),
    ]
    let spread: [(String, Double?)] = [
      ("image", Geometry.uniformity(images)), (caption, Geometry.uniformity(captions)),
    ]
    return metrics.compactMap { metric, value in
      value.map { Score(evaluator: "geometry", subject: "image – \(caption)", metric: metric, value: $0) }
    }
      + spread.compactMap { subject, value in
        value.map { Score(evaluator: "uniformity", subject: subject, metric: "uniformity", value: $0) }
      }
  }

  /// Writes features, projections and classes of evenly spread observations for the figures.
  private func writeEmbeddings(_ reported: MCTFeatures) throws {
    // Without a labelling all are of one class.
    let labelling = data.labellings.first ?? ""
    let labels = side.split.labels[labelling] ?? [Int32](repeating: 0, count: side.count)
    let shown = min(side.count, settings.evaluation.shownObservations)
    let rows = (0..<shown).map { $0 * side.count / shown }
    var arrays = [EmbeddingsFile.labels: NumericArray(rows.map { labels[$0] }, shape: [shown])]
    let matrices = [
      ("image features", reported.image), ("image", reported.imageCommon),
      (settings.data.captions.first ?? "", reported.captionCommon),
    ]
    for case (let name, let matrix?) in matrices {
      arrays[name] = NumericArray(matrix.gathering(rows).values, shape: [shown, matrix.columns])
    }
    try NumpyArchive(arrays: arrays).write(to: context.folder.appending(path: EmbeddingsFile.name))
    let classNames = try JSONEncoder().encode(data.dataset.classNames[labelling] ?? ["all"])
    try AtomicFile.write(classNames, to: context.folder.appending(path: EmbeddingsFile.classNames))
  }
}
