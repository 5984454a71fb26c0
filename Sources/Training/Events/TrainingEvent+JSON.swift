import Foundation
import StrictYAML

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
    case .timed(let timings):
      line = .object(["event": .text("timed")])
      time["partNames"] = .list(timings.parts.map { .text($0.name) })
      time["partSeconds"] = .list(timings.parts.map { .number(($0.seconds * 1e6).rounded() / 1e6) })
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
  /// A loss that was not a finite number comes back as NaN.
  ///
  /// - Parameter termOrder: the names of the terms in their order; those that it lacks come after, by name.
  public static func read(
    _ line: some StringProtocol, termOrder: [String] = ["total"]
  ) -> (event: TrainingEvent, seconds: Double)? {
    guard let fields = try? JSONDecoder().decode(EventFields.self, from: Data(line.utf8)) else { return nil }
    guard let event = fields.trainingEvent(termOrder: termOrder) else { return nil }
    return (event, fields.time.seconds)
  }

  /// The names of the terms of a line in the order in which they were written, which decoding loses; `nil` where the
  /// line has none.
  static func termOrder(in line: some StringProtocol) -> [String]? {
    guard let start = line.range(of: "\"terms\":{")?.upperBound else { return nil }
    var names: [String] = []
    var rest = line[start...]
    while rest.first == "\"" {
      var end = rest.index(after: rest.startIndex)
      while end < rest.endIndex, rest[end] != "\"" {
        if rest[end] == "\\" { end = rest.index(after: end) }
        if end < rest.endIndex { end = rest.index(after: end) }
      }
      guard end < rest.endIndex,
        let name = try? JSONDecoder().decode(String.self, from: Data(rest[...end].utf8))
      else { return nil }
      names.append(name)
      // Values are numbers or null, so the next comma or brace ends one.
      guard let next = rest[end...].firstIndex(where: { $0 == "," || $0 == "}" }), rest[next] == "," else { break }
      rest = rest[rest.index(after: next)...]
    }
    return names.isEmpty ? nil : names
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
    let partNames: [String]?
    let partSeconds: [Double]?
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

  private func lossTerms(_ order: [String]) -> [LossTerm] {
    func rank(_ term: LossTerm) -> (Int, String) { (order.firstIndex(of: term.name) ?? order.count, term.name) }
    return (terms ?? [:]).map { LossTerm($0.key, $0.value ?? .nan) }.sorted { rank($0) < rank($1) }
  }

  func trainingEvent(termOrder: [String]) -> TrainingEvent? {
    switch event {
    case "began":
      guard let totalSteps, let epochs else { return nil }
      return .began(totalSteps: totalSteps, epochs: epochs)
    case "step":
      guard let step, let epoch, terms != nil else { return nil }
      return .step(
        StepRecord(
          step: step, epoch: epoch, terms: lossTerms(termOrder), learningRate: learningRate ?? .nan,
          gradientNorm: gradientNorm,
          samplesPerSecond: time.samplesPerSecond ?? .nan))
    case "epoch":
      guard let epoch, terms != nil else { return nil }
      return .epoch(EpochRecord(epoch: epoch, terms: lossTerms(termOrder), seconds: time.epochSeconds ?? .nan))
    case "evaluated":
      return scores.map { scores in
        .evaluated(
          scores.map {
            Score(evaluator: $0.evaluator, subject: $0.subject, metric: $0.metric, value: $0.value ?? .nan)
          })
      }
    case "note": return text.map(TrainingEvent.note)
    case "timed":
      guard let names = time.partNames, let seconds = time.partSeconds, names.count == seconds.count else { return nil }
      return .timed(Timings(zip(names, seconds).map { Timings.Part($0, seconds: $1) }))
    case "finished": return .finished
    default: return nil
    }
  }
}
