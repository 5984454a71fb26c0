import Runs

/// The scores of runs as comma-separated values: one line per score and seed, and one per mean over the seeds.
///
/// Values are in the metric's own unit, in full precision: fractions of 1 where a report shows percent.
public struct ScoreSheet: Sendable {
  private let records: [RunRecord]

  /// A sheet of the scores of runs.
  public init(_ records: [RunRecord]) { self.records = records }

  /// The heads of the columns.
  static let heads = [
    "recipe", "profile", "hash", "seed", "evaluator", "subject", "metric", "value", "interval_low", "interval_high",
    "n",
    "commit", "protocol",
  ]

  /// The sheet, quoted as RFC 4180 has it, with line feeds.
  public var text: String {
    var lines = [Self.heads.joined(separator: ",")]
    for record in records {
      let result = record.result
      let protocolText = result.notes.joined(separator: " ")
      for score in result.scores {
        func add(_ seed: String, _ value: Double, _ interval: (low: String, high: String), count: Int) {
          let fields = [
            result.recipe, record.manifest.profile ?? "", result.hash, seed, score.evaluator, score.subject,
            score.metric, Self.number(value), interval.low, interval.high, "\(count)", record.fullCommit, protocolText,
          ]
          lines.append(fields.map(Self.quoted).joined(separator: ","))
        }
        for (seed, value) in zip(result.seeds, score.values) { add("\(seed)", value, ("", ""), count: 1) }
        let interval = score.halfWidth.map {
          (low: Self.number(score.mean - $0), high: Self.number(score.mean + $0))
        }
        add("mean", score.mean, interval ?? ("", ""), count: score.values.count)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A number as Python, R and spreadsheets read it.
  package static func number(_ value: Double) -> String {
    value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : "\(value)"
  }

  /// A field, quoted where it must be.
  package static func quoted(_ field: String) -> String {
    guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
