import Diagnostics
import Evaluation
import Foundation
import Kernels
import Layers
import Training

/// Keeps the networks of the epoch that did best on the validation side, in the seed's checkpoint.
///
/// Epoch and score belong to the training's state. Where it goes on from an earlier epoch, the file may be of a later one
/// for a while, and is written again when that one is reached.
struct MCTSelection {
  let model: MCTModel
  let context: SeedContext
  /// What the file says of itself besides.
  let metadata: [String: String]
  private var url: URL { context.folder.appending(path: Checkpoint.fileName) }
  private var settings: MCTSettings { model.settings }

  /// Looks at the validation side where it is time to, and keeps the networks where they are better than before.
  func afterEpoch(_ epoch: Int) throws {
    model.endEpoch()
    if let accuracy = model.pretextAccuracy {
      try context.events.receive(
        .evaluated([Score(evaluator: "pretext", subject: "image intra", metric: "accuracy", value: accuracy)]))
    }
    let isLast = epoch == settings.training.epochs
    if isLast || epoch % settings.evaluation.everyEpochs == 0, let score = try score() {
      try context.events.receive(.evaluated([score]))
      if score.value > model.state.numbers["best score"] ?? -.infinity { try write(epoch: epoch, score: score.value) }
    }
    // Where nothing was compared, the last networks stay.
    if isLast, model.state.numbers["best epoch"] == nil { try write(epoch: epoch, score: nil) }
  }

  /// Gives the networks the parameters that were kept.
  ///
  /// - Returns: their epoch.
  func restore() throws -> Int {
    try Checkpoint.read(model.deployed, from: url)
    return Int(model.state.numbers["best epoch"] ?? 0)
  }

  private func write(epoch: Int, score: Double?) throws {
    var metadata = metadata
    metadata["epoch"] = "\(epoch)"
    metadata["score"] = score.map { "\($0)" }
    try Checkpoint.write(model.deployed, metadata: metadata, to: url)
    model.state.numbers["best epoch"] = Double(epoch)
    model.state.numbers["best score"] = score
  }

  /// What epochs are compared by.
  private func score() throws -> Score? {
    switch settings.evaluation.selection {
    case .last: return nil
    case .neighbours:
      let evaluation = settings.evaluation
      return try classification("nearest neighbours") { features, labels, classes, validation in
        let classifier = NearestNeighbours(embeddings: features, labels: labels, classes: classes)
        return [
          classifier.predictions(
            for: validation, neighbours: evaluation.neighbours, temperature: evaluation.neighbourTemperature)
        ]
      }
    case .linearProbe: return try linearProbe()
    case .retrieval: return try retrieval()
    case .probeAndRetrieval:
      let parts = [try linearProbe(), try retrieval()].compactMap { $0 }
      guard parts.count > 1 else { return parts.first }
      return Score(
        evaluator: "validation", subject: "linear probe and retrieval", metric: "mean",
        value: parts.map(\.value).reduce(0, +) / Double(parts.count))
    }
  }

  private func linearProbe() throws -> Score? {
    try classification("linear probe") { features, labels, classes, validation in
      try settings.evaluation.penalties.map { penalty in
        try RidgeProbe(features: features, labels: labels, classes: classes, ridge: penalty)
          .predictions(for: validation)
      }
    }
  }

  private func retrieval() throws -> Score? {
    let features = try MCTFeatures(of: model.data.validation, by: model, context: context)
    guard let images = features.imageCommon, let captions = features.captionCommon,
      let there = Retrieval(queries: images, candidates: captions).recall(at: 10),
      let back = Retrieval(queries: captions, candidates: images).recall(at: 10)
    else { return nil }
    return Score(evaluator: "validation", subject: "retrieval", metric: "R@10", value: (there + back) / 2)
  }

  /// How well image features name the first labelling on the validation side: the best of some predictions.
  ///
  /// - Parameter predict: makes them of the features, labels and number of classes of the training side, and the
  ///   features of the validation side.
  private func classification(
    _ subject: String, _ predict: (Matrix, [Int], Int, Matrix) throws -> [[Int]]
  ) throws -> Score? {
    let data = model.data
    guard let labelling = data.labellings.first else { return nil }
    let training = try MCTFeatures(of: data.train, by: model, withCommon: false, context: context)
    let validation = try MCTFeatures(of: data.validation, by: model, withCommon: false, context: context)
    let labels = data.labels(labelling, of: data.validation)
    return try predict(
      training.image, data.labels(labelling, of: data.train), data.classCount(labelling), validation.image
    ).compactMap { accuracy(of: $0, against: labels) }.max().map {
      Score(evaluator: "validation", subject: subject, metric: labelling, value: $0)
    }
  }
}
