import Foundation

extension TrainingEvent {
  /// The event as a JSON object on one line, its keys always in the same order.
  ///
  /// All that differs between two runs of the same recipe, seed and threads stands under `time`.
  ///
  /// - Parameter seconds: the time since the start of the run.
  public func json(seconds: Double) -> JSONValue {
    var time = JSONValue.object(["seconds": .number((seconds * 1e6).rounded() / 1e6)])
    var line: JSONValue
    switch self {
    case .began(let totalSteps, let epochs):
      line = .object(["event": .text("began"), "totalSteps": .integer(totalSteps), "epochs": .integer(epochs)])
    case .step(let record):
      line = .object([
        "event": .text("step"), "step": .integer(record.step), "epoch": .integer(record.epoch),
        "terms": Self.json(record.terms), "learningRate": .number(record.learningRate),
      ])
      if let norm = record.gradientNorm { line["gradientNorm"] = .number(norm) }
      time["samplesPerSecond"] = .number(record.samplesPerSecond)
    case .epoch(let record):
      line = .object([
        "event": .text("epoch"), "epoch": .integer(record.epoch), "terms": Self.json(record.terms),
      ])
      time["epochSeconds"] = .number(record.seconds)
    case .evaluated(let scores):
      line = .object(["event": .text("evaluated"), "scores": .list(scores.map(\.json))])
    case .note(let text):
      line = .object(["event": .text("note"), "text": .text(text)])
    case .finished:
      line = .object(["event": .text("finished")])
    }
    line["time"] = time
    return line
  }

  private static func json(_ terms: [LossTerm]) -> JSONValue {
    .object(terms.map { JSONValue.Member($0.name, .number($0.value)) })
  }

  /// Reads a line written by ``json(seconds:)``; `nil` where it is no such line.
  ///
  /// The order of terms is lost: the total comes first, then the others by name. A loss that was not a finite number
  /// comes back as NaN.
  public static func read(_ line: some StringProtocol) -> (event: TrainingEvent, seconds: Double)? {
    guard let fields = try? JSONDecoder().decode(EventFields.self, from: Data(line.utf8)) else { return nil }
    guard let event = fields.trainingEvent else { return nil }
    return (event, fields.time.seconds)
  }
}

extension Score {
  /// The score as a JSON object.
  var json: JSONValue {
    .object([
      "evaluator": .text(evaluator), "subject": .text(subject), "metric": .text(metric), "value": .number(value),
    ])
  }
}

/// The keys of all kinds of event lines.
private struct EventFields: Decodable {
  struct Time: Decodable {
    let seconds: Double
    let samplesPerSecond: Double?
    let epochSeconds: Double?
  }

  struct ScoreFields: Decodable {
    let evaluator: String
    let subject: String
    let metric: String
    let value: Double?
  }

  let event: String
  let time: Time
  let totalSteps: Int?
  let epochs: Int?
  let step: Int?
  let epoch: Int?
  let terms: [String: Double?]?
  let learningRate: Double?
  let gradientNorm: Double?
  let scores: [ScoreFields]?
  let text: String?

  var lossTerms: [LossTerm] {
    (terms ?? [:]).map { LossTerm($0.key, $0.value ?? .nan) }
      .sorted { ($0.name == "total" ? 0 : 1, $0.name) < ($1.name == "total" ? 0 : 1, $1.name) }
  }

  var trainingEvent: TrainingEvent? {
    switch event {
    case "began":
      guard let totalSteps, let epochs else { return nil }
      return .began(totalSteps: totalSteps, epochs: epochs)
    case "step":
      guard let step, let epoch, terms != nil else { return nil }
      return .step(
        StepRecord(
          step: step, epoch: epoch, terms: lossTerms, learningRate: learningRate ?? .nan, gradientNorm: gradientNorm,
          samplesPerSecond: time.samplesPerSecond ?? .nan))
    case "epoch":
      guard let epoch, terms != nil else { return nil }
      return .epoch(EpochRecord(epoch: epoch, terms: lossTerms, seconds: time.epochSeconds ?? .nan))
    case "evaluated":
      return scores.map { scores in
        .evaluated(
          scores.map {
            Score(evaluator: $0.evaluator, subject: $0.subject, metric: $0.metric, value: $0.value ?? .nan)
          })
      }
    case "note": return text.map(TrainingEvent.note)
    case "finished": return .finished
    default: return nil
    }
  }
}
