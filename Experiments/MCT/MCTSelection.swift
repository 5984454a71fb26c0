import Diagnostics
import Evaluation
import Foundation
import Harness
import Interchange
import Layers

/// Keeps the networks of the epoch that did best on the validation side, in a file of the seed's folder.
///
/// Epoch and score stand in the file, so that a run that goes on later compares with them.
struct MCTSelection {
  /// The file's name; it is removed in the end.
  static let fileName = "best.safetensors"

  let model: MCTModel
  let context: SeedContext
  private var url: URL { context.folder.appending(path: Self.fileName) }
  private var settings: MCTSettings { model.settings }

  /// Looks at the validation side where it is time to, and keeps the networks where they are better than before.
  func afterEpoch(_ epoch: Int, pretextAccuracy: Double?) throws {
    if let pretextAccuracy {
      try context.events.receive(
        .evaluated([Score(evaluator: "pretext", subject: "image intra", metric: "accuracy", value: pretextAccuracy)]))
    }
    let isLast = epoch == settings.training.epochs
    guard settings.evaluation.selection != .last, epoch % settings.evaluation.everyEpochs == 0 || isLast else { return }
    guard let score = try score() else { return }
    try context.events.receive(.evaluated([score]))
    let best = try kept()
    guard best.map({ score.value > $0.score }) ?? true else { return }
    try Checkpoint.write(
      model.network, metadata: ["epoch": "\(epoch)", "score": "\(score.value)"], to: url)
  }

  /// Gives the networks the parameters that were kept; nothing happens where the last epoch is wanted.
  ///
  /// - Returns: the epoch.
  func restore() throws -> Int {
    guard let best = try kept() else { return settings.training.epochs }
    try Checkpoint.read(model.network, from: url)
    try? FileManager.default.removeItem(at: url)
    return best.epoch
  }

  private func kept() throws -> (epoch: Int, score: Double)? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let metadata = try SafetensorsFile(readingFrom: url).metadata
    guard let epoch = metadata["epoch"].flatMap(Int.init), let score = metadata["score"].flatMap(Double.init) else {
      throw UserError(.data, "holds no epoch and score", at: url.path, mend: "remove it")
    }
    return (epoch, score)
  }

  /// What epochs are compared by.
  private func score() throws -> Score? {
    let data = model.data
    switch settings.evaluation.selection {
    case .last: return nil
    case .neighbours:
      let labelling = data.labellings[0]
      let training = try MCTFeatures(of: data.train, by: model, withCommon: false, context: context)
      let validation = try MCTFeatures(of: data.validation, by: model, withCommon: false, context: context)
      let classifier = NearestNeighbours(
        embeddings: training.image, labels: data.labels(labelling, of: data.train), classes: data.classCount(labelling))
      let predictions = classifier.predictions(
        for: validation.image, neighbours: settings.evaluation.neighbours,
        temperature: settings.evaluation.neighbourTemperature)
      return accuracy(of: predictions, against: data.labels(labelling, of: data.validation)).map {
        Score(evaluator: "validation", subject: "nearest neighbours", metric: labelling, value: $0)
      }
    case .retrieval:
      let features = try MCTFeatures(of: data.validation, by: model, context: context)
      guard let images = features.imageCommon, let captions = features.captionCommon,
        let there = Retrieval(queries: images, candidates: captions).recall(at: 10),
        let back = Retrieval(queries: captions, candidates: images).recall(at: 10)
      else { return nil }
      return Score(evaluator: "validation", subject: "retrieval", metric: "R@10", value: (there + back) / 2)
    }
  }
}
