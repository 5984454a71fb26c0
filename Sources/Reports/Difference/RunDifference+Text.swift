import Foundation
import Runs
import StrictYAML
import Training

extension RunDifference {
  /// The differences as tables for a terminal.
  public var plain: String {
    var parts = [
      "A  \(first.provenance)\n   \(first.folder.url.path)\nB  \(second.provenance)\n   \(second.folder.url.path)\n"
    ]
    if settings.isEmpty {
      parts.append("The settings are the same.\n")
    } else {
      let rows = settings.map { change -> [ScoreTable.Cell] in
        [.init(change.path), Self.cell(change.first), Self.cell(change.second)]
      }
      parts.append(ScoreTable(title: "setting", heads: ["", "A", "B"], rows: rows, isNumeric: false).plain)
    }
    if !circumstances.isEmpty {
      let rows = circumstances.map { circumstance -> [ScoreTable.Cell] in
        [.init(circumstance.name), Self.cell(circumstance.first), Self.cell(circumstance.second)]
      }
      parts.append(ScoreTable(title: "also", heads: ["", "A", "B"], rows: rows, isNumeric: false).plain)
    }
    parts += ScoreTable.unique(scores.map(\.first.evaluator)).map { table(of: $0).plain }
    if !scores.isEmpty {
      let marked =
        scores.contains(where: \.excludesZero)
        ? "* the interval leaves zero out (not corrected for \(scores.count) scores)"
        : scores.contains { $0.halfWidth != nil } ? "No interval leaves zero out." : nil
      parts.append((["B − A: \(method)"] + (marked.map { [$0] } ?? [])).joined(separator: "\n") + "\n")
    }
    for isFirst in [true, false] {
      let names = unmatched.filter { $0.isFirst == isFirst }.map {
        "\($0.score.evaluator), \($0.score.subject), \($0.score.metric)"
      }
      if !names.isEmpty { parts.append("Only in \(isFirst ? "A" : "B"): \(names.joined(separator: "; "))\n") }
    }
    return parts.joined(separator: "\n")
  }

  /// One row per subject and metric of an evaluator.
  private func table(of evaluator: String) -> ScoreTable {
    let own = scores.filter { $0.first.evaluator == evaluator }
    let rows = own.map { difference -> [ScoreTable.Cell] in
      let metric = difference.first.typedMetric
      let change = metric.text(difference.mean, halfWidth: difference.halfWidth)
      return [
        .init("\(difference.first.subject), \(metric.heading)"),
        .init(metric.text(difference.first.mean, halfWidth: difference.first.halfWidth)),
        .init(metric.text(difference.second.mean, halfWidth: difference.second.halfWidth)),
        .init(difference.mean > 0 ? "+\(change)" : change, isMarked: difference.excludesZero),
      ]
    }
    return ScoreTable(title: evaluator, heads: ["", "A", "B", "B − A"], rows: rows)
  }

  private static func cell(_ setting: RecordedRecipe.Setting?) -> ScoreTable.Cell {
    setting.map { .init($0.value.yaml + ($0.origin.map { " (\($0))" } ?? "")) } ?? .missing
  }

  private static func cell(_ text: String?) -> ScoreTable.Cell { text.map { .init($0.isEmpty ? "–" : $0) } ?? .missing }

  /// The differences for a machine; numbers are in the metric's own unit.
  public var json: JSONValue {
    func run(_ record: RunRecord) -> JSONValue {
      .object([
        "folder": .text(record.folder.url.path), "recipe": .text(record.result.recipe),
        "profile": record.manifest.profile.map(JSONValue.text) ?? .null, "hash": .text(record.result.hash),
        "commit": record.fullCommit.isEmpty ? .null : .text(record.fullCommit),
        "seeds": .list(record.result.seeds.map(JSONValue.integer)),
      ])
    }
    func value(_ setting: RecordedRecipe.Setting?) -> JSONValue {
      guard let setting else { return .null }
      return .object(["value": setting.value, "origin": setting.origin.map(JSONValue.text) ?? .null])
    }
    func key(_ score: ScoreSummary) -> [JSONValue.Member] {
      [
        .init("evaluator", .text(score.evaluator)), .init("subject", .text(score.subject)),
        .init("metric", .text(score.metric)),
      ]
    }
    return .object([
      "first": run(first), "second": run(second),
      "settings": .list(
        settings.map { .object(["key": .text($0.path), "first": value($0.first), "second": value($0.second)]) }),
      "circumstances": .list(
        circumstances.map { one in
          .object([
            "name": .text(one.name), "first": one.first.map(JSONValue.text) ?? .null,
            "second": one.second.map(JSONValue.text) ?? .null,
          ])
        }),
      "scores": .list(
        scores.map { one in
          .object(
            key(one.first) + [
              .init("first", .number(one.first.mean)), .init("second", .number(one.second.mean)),
              .init("difference", .number(one.mean)), .init("halfWidth", one.halfWidth.map(JSONValue.number) ?? .null),
              .init("method", .text(one.method.rawValue)), .init("excludesZero", .boolean(one.excludesZero)),
            ])
        }),
      "onlyInFirst": .list(unmatched.filter(\.isFirst).map { .object(key($0.score)) }),
      "onlyInSecond": .list(unmatched.filter { !$0.isFirst }.map { .object(key($0.score)) }),
    ])
  }
}
