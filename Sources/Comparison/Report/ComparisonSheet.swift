import Evaluation
import Reports

/// The numbers of a comparison as comma-separated values: one line per row, column and seed, and one per mean.
///
/// Values are in the metric's own unit, in full precision: fractions of 1 where a report shows percent.
struct ComparisonSheet {
  private let result: ComparisonResult

  init(_ result: ComparisonResult) { self.result = result }

  static let heads = [
    "method", "kind", "recipe", "chosen", "column", "group", "evaluator", "subject", "metric", "better", "seed",
    "value",
    "interval_low", "interval_high", "difference", "difference_low", "difference_high", "reference", "stands_out",
    "commit",
  ]

  /// The sheet, quoted as RFC 4180 has it, with line feeds.
  var text: String {
    var lines = [Self.heads.joined(separator: ",")]
    for column in result.columns {
      for (index, row) in result.rows.enumerated() {
        guard let entry = column.entries[index] else { continue }
        func add(_ seed: String, _ value: Double, _ numbers: [String], commit: String) {
          let fields =
            [
              row.name, row.kind, row.recipe, row.chosen.joined(separator: " "), column.column.title,
              column.column.group,
              column.column.evaluator, column.column.subject, column.column.metric, column.column.better.rawValue, seed,
              ScoreSheet.number(value),
            ] + numbers + [commit]
          lines.append(fields.map(ScoreSheet.quoted).joined(separator: ","))
        }
        for (seed, value) in zip(result.seeds, entry.values) {
          guard let value else { continue }
          let commit = row.cells.first { $0.seed == seed }?.commit ?? ""
          add("\(seed)", value, [String](repeating: "", count: 7), commit: commit)
        }
        let difference = entry.difference
        let numbers =
          Self.ends(entry.mean, entry.halfWidth)
          + (difference.map {
            [ScoreSheet.number($0.difference.mean)] + Self.ends($0.difference.mean, $0.difference.halfWidth())
          } ?? ["", "", ""])
          + [column.reference.map { result.rows[$0].name } ?? "", column.standsOut == index ? "true" : "false"]
        add("mean", entry.mean, numbers, commit: "")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func ends(_ mean: Double, _ halfWidth: Double?) -> [String] {
    halfWidth.map { [ScoreSheet.number(mean - $0), ScoreSheet.number(mean + $0)] } ?? ["", ""]
  }
}
