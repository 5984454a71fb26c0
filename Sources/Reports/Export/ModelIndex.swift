import Diagnostics
import Runs
import StrictYAML
import Training

/// A run's scores as the section `model-index` of a model's card, which hubs of models read as results.
///
/// Each evaluator and subject is a result, and its metrics are the means over the seeds in the metric's own unit, shares
/// as fractions of 1. Scores that are no numbers are left out.
public struct ModelIndex: Sendable {
  private let record: RunRecord

  /// The scores of a run.
  public init(_ record: RunRecord) { self.record = record }

  /// The section.
  var value: JSONValue {
    let result = record.result
    var rows: [(evaluator: String, subject: String, metrics: [JSONValue])] = []
    for score in result.scores where score.mean.isFinite {
      let place =
        rows.firstIndex { $0.evaluator == score.evaluator && $0.subject == score.subject }
        ?? {
          rows.append((score.evaluator, score.subject, []))
          return rows.count - 1
        }()
      rows[place].metrics.append(metric(score))
    }
    return .object([
      "model-index": .list([
        .object([
          "name": .text(record.name),
          "results": .list(
            rows.map { row in
              .object([
                "task": .object([
                  "type": .text(Self.identifier(row.evaluator)), "name": .text("\(row.evaluator), \(row.subject)"),
                ]),
                "dataset": dataset, "metrics": .list(row.metrics),
              ])
            }),
        ])
      ])
    ])
  }

  private var dataset: JSONValue {
    let names = record.result.datasetChecksums.keys.sorted()
    let name = names.isEmpty ? "unknown" : names.joined(separator: ", ")
    var dataset = JSONValue.object([
      "type": .text(names.isEmpty ? "unknown" : names.map(Self.identifier).joined(separator: "-")), "name": .text(name),
    ])
    if names.count == 1, let checksum = record.result.datasetChecksums[names[0]] {
      dataset["revision"] = .text(checksum)
    }
    return dataset
  }

  private func metric(_ score: ScoreSummary) -> JSONValue {
    var name = score.metric
    if score.values.count > 1 {
      name += ", mean of \(score.values.count) seeds"
      if let halfWidth = score.halfWidth, halfWidth.isFinite { name += " ± \(ScoreSheet.number(halfWidth))" }
    }
    return .object([
      "type": .text(Self.identifier(score.metric)), "value": .number(score.mean), "name": .text(name),
    ])
  }

  /// A name as hubs have them: `R@1` is `recall_at_1`, `median rank` is `median_rank`.
  static func identifier(_ name: String) -> String {
    let name = name.hasPrefix("R@") ? "recall at \(name.dropFirst(2))" : name
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    return words.isEmpty ? "unnamed" : words.joined(separator: "_")
  }

  /// The section as YAML, a line for each key, behind a comment that says what the numbers are of: the format knows a
  /// source by its address only.
  public var text: String {
    (["# Concord, \(record.provenance.onOneLine())"] + Self.lines(value)).map { $0 + "\n" }.joined()
  }

  private static func lines(_ value: JSONValue) -> [String] {
    switch value {
    case .object(let members):
      return members.flatMap { member -> [String] in
        switch member.value {
        case .object: ["\(member.key):"] + lines(member.value).map { "  " + $0 }
        case .list: ["\(member.key):"] + lines(member.value)
        default: lines(member.value).map { "\(member.key): \($0)" }
        }
      }
    case .list(let values):
      return values.flatMap { value -> [String] in
        let own = lines(value)
        return own.prefix(1).map { "- " + $0 } + own.dropFirst().map { "  " + $0 }
      }
    case .number(let number):
      // Readers of YAML 1.1 take 1e-05 for a word.
      let text = ScoreSheet.number(number)
      return [text.contains("e") && !text.contains(".") ? text.replacing("e", with: ".0e") : text]
    default: return [value.yaml]
    }
  }
}
