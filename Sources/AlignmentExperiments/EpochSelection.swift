import Datasets
import Diagnostics
import Evaluation
import Evaluators
import Foundation
import Kernels
import Methods
import Options
import Runs
import Training

/// Keeps the networks of the epoch that did best on the validation side, in the seed's checkpoint; those of the last epoch
/// where nothing is to be compared.
///
/// Epoch and score belong to the training's state. Where it goes on from an earlier epoch, the file may be of a later one
/// for a while, and is written again when that one is reached.
struct EpochSelection {
  let course: AlignmentCourse
  /// What the file says of itself besides.
  let metadata: [String: String]
  let url: URL

  private var options: EvaluationOptions { course.settings.evaluation }
  private var state: TrainingState { course.state }
  private static let (bestScore, bestEpoch) = ("best score", "best epoch")

  /// Refuses a selection by retrieval where no two modalities have representations to compare, before any training.
  ///
  /// - Throws: an error whose place is the recipe's key.
  func check() throws {
    guard options.selection == .retrieval else { return }
    let sample = course.model.frozen(course.data.samplingValidation(most: 2), side: .validation)
    guard try pair(sample) == nil else { return }
    throw UserError(
      .data,
      "cannot be retrieval, since \(course.settings.method.name.rawValue) brings no two modalities into one space",
      at: "evaluation.selection", mend: "give linearProbe, neighbours or last")
  }

  /// Looks at the validation side where it is time to, and keeps the networks where they are better than before.
  func look(afterEpoch epoch: Int) throws {
    guard options.selection != .last else { return }
    let isLast = epoch == course.settings.training.epochs
    if isLast || epoch % options.everyEpochs == 0, let score = try score() {
      try course.context.events.receive(.evaluated([score]))
      if score.value > state.numbers[Self.bestScore] ?? -.infinity { try write(epoch: epoch, score: score.value) }
    }
    // Where nothing was compared, the last networks stay.
    if isLast, state.numbers[Self.bestEpoch] == nil { try write(epoch: epoch, score: nil) }
  }

  /// Gives the networks the parameters that are kept.
  ///
  /// - Returns: their epoch, where it was chosen.
  func finish() throws -> Int? {
    guard options.selection != .last else {
      try Checkpoint.write(course.model, metadata: metadata, to: url)
      return nil
    }
    try Checkpoint.read(course.model, from: url)
    return Int(state.numbers[Self.bestEpoch] ?? 0)
  }

  private func write(epoch: Int, score: Double?) throws {
    var metadata = metadata
    metadata["epoch"] = "\(epoch)"
    metadata["score"] = score.map { "\($0)" }
    try Checkpoint.write(course.model, metadata: metadata, to: url)
    state.numbers[Self.bestEpoch] = Double(epoch)
    state.numbers[Self.bestScore] = score
  }

  /// What epochs are compared by.
  private func score() throws -> Score? {
    let model = course.frozen(.validation)
    func score(_ subject: String, _ metric: String, _ value: Double?) -> Score? {
      value.map { Score(evaluator: "validation", subject: subject, metric: metric, value: $0) }
    }
    let labelling = course.data.labellings.first
    func probe() throws -> Score? {
      try labelling.flatMap { labelling in
        score(
          "linear probe", labelling,
          try options.options[LinearProbeEvaluator.self].bestOnValidation(of: labelling, model: model))
      }
    }
    switch options.selection {
    case .last: return nil
    case .neighbours:
      return try labelling.flatMap { labelling in
        score(
          "nearest neighbours", labelling,
          try options.options[NeighboursEvaluator.self].accuracy(of: labelling, model: model, on: .validation))
      }
    case .linearProbe: return try probe()
    case .retrieval: return score("retrieval", "R@10", try recall(model))
    case .probeAndRetrieval:
      let parts = [try probe(), score("retrieval", "R@10", try recall(model))].compactMap { $0 }
      guard parts.count > 1 else { return parts.first }
      return score(
        "linear probe and retrieval", "mean", parts.map(\.value).reduce(0, +) / Double(parts.count))
    }
  }

  /// Pictures and the first captions, or the first two modalities, where the method represents both.
  private func pair(_ model: FrozenModel) throws -> (places: [Int], first: Matrix, second: Matrix)? {
    let known = [course.data.image, course.data.captions.first].compactMap { $0 }
    let places = known.count == 2 ? known : Array(model.all.prefix(2))
    guard places.count == 2, let first = try model.representations(of: .validation, by: [places[0]]),
      let second = try model.representations(of: .validation, by: [places[1]])
    else { return nil }
    return (places, first, second)
  }

  /// The mean R@10 both ways between the pair, among the observations that have both.
  private func recall(_ model: FrozenModel) throws -> Double? {
    guard let (places, all, others) = try pair(model) else { return nil }
    func recall(_ queries: Matrix, of query: Int, _ candidates: Matrix, of candidate: Int) -> Double? {
      let relevance = model.relevance(of: [candidate], for: [query], on: .validation)
        .asking(atMost: RetrievalEvaluator.mostQueries)
      return Retrieval(queries: queries, candidates: candidates, relevance: relevance).recall(at: 10)
    }
    guard let there = recall(all, of: places[0], others, of: places[1]),
      let back = recall(others, of: places[1], all, of: places[0])
    else { return nil }
    return (there + back) / 2
  }

  /// Whose networks are evaluated.
  var note: String {
    let labelling = course.data.labellings.first ?? ""
    let looked = "on the validation side, looked at every \(options.everyEpochs) epochs."
    return switch options.selection {
    case .last where course.settings.training.epochs == 0:
      "The networks are those that encoders began from, without training."
    case .last: "The networks are those of the last epoch."
    case .neighbours: "The networks are those of the epoch whose neighbours named \(labelling) best \(looked)"
    case .linearProbe: "The networks are those of the epoch whose linear probe named \(labelling) best \(looked)"
    case .retrieval: "The networks are those of the epoch with the best mean R@10 \(looked)"
    case .probeAndRetrieval:
      "The networks are those of the epoch with the best mean of a linear probe of \(labelling) and R@10 \(looked)"
    }
  }
}
