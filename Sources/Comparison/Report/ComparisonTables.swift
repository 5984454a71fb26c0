import Evaluation
import Foundation
import Reports
import Training

/// The tables of a comparison, a row for each method.
package struct ComparisonTables {
  /// The tables of one group of columns.
  package struct Group {
    /// The group.
    package let title: String
    /// The scores, the best in bold where it is.
    package let scores: ScoreTable
    /// The paired differences from each column's reference; `nil` where there is nothing to pair.
    package let differences: ScoreTable?
  }

  /// Where nothing was measured.
  package static let empty: ScoreTable.Cell = "—"

  private let result: ComparisonResult

  /// Makes tables of a result.
  package init(_ result: ComparisonResult) { self.result = result }

  /// The groups in the order of the columns, costs last.
  package var groups: [Group] {
    ScoreTable.unique(result.columns.map(\.column.group)).map { group in
      let columns = result.columns.filter { $0.column.group == group }
      let heads = columns.map { Self.head(of: $0.column) }
      let scores = result.rows.indices.map { row in
        [ScoreTable.Cell(result.rows[row].name)] + columns.map { cell(row, $0) }
      }
      let hasDifferences =
        group != Column.costGroup && columns.contains { $0.entries.contains { $0?.difference != nil } }
      let differences = result.rows.indices.map { row in
        [ScoreTable.Cell(result.rows[row].name)] + columns.map { difference(row, $0) }
      }
      return Group(
        title: group,
        scores: ScoreTable(
          title: group, heads: ["method"] + heads, rows: scores,
          ranking: columns.first.flatMap { column in
            column.column.higherIsBetter.map { ranking(column.entries.map { $0?.mean }, higherIsBetter: $0) }
          }),
        differences: hasDifferences
          ? ScoreTable(title: "\(group), differences", heads: ["method"] + heads, rows: differences) : nil)
    }
  }

  private static func head(of column: Column) -> String {
    let arrow = column.better == .higher ? " ↑" : column.better == .lower ? " ↓" : ""
    let isPercent = column.group != Column.costGroup && Metric(named: column.metric).isFraction
    return column.title + (isPercent ? " (%)" : "") + arrow
  }

  /// A value as a column shows it.
  static func text(_ value: Double, _ halfWidth: Double? = nil, in column: Column) -> String {
    guard column.group == Column.costGroup else {
      return Metric(named: column.metric).text(value, halfWidth: halfWidth)
    }
    guard value.isFinite else { return Metric(named: column.metric).text(value) }
    let decimals = column.metric == "parameters" || value >= 100 ? 0 : 1
    let text = String(format: "%.\(decimals)f", value)
    guard let halfWidth, halfWidth > 0 else { return text }
    return "\(text) ± " + String(format: "%.\(decimals)f", halfWidth)
  }

  private func cell(_ row: Int, _ column: ComparisonResult.ColumnResult) -> ScoreTable.Cell {
    guard let entry = column.entries[row] else { return Self.empty }
    let values = zip(result.seeds, entry.values).map { seed, value in
      "seed \(seed): \(value.map { Self.text($0, in: column.column) } ?? "—")"
    }
    let cells = result.rows[row].cells
    let commits = ScoreTable.unique(cells.map { ($0.commit ?? "unknown").prefix(7) + "" })
    return ScoreTable.Cell(
      Self.text(entry.mean, entry.halfWidth, in: column.column), value: entry.mean,
      detail: values.joined(separator: ", ")
        + "; \(result.rows[row].recipe), commit \(commits.joined(separator: ", "))",
      // Times are the machine's too, and counts need no bold.
      isMarked: column.standsOut == row && column.column.group != Column.costGroup)
  }

  /// A difference with a sign; what is beyond chance after Holm's correction is bold.
  private func difference(_ row: Int, _ column: ComparisonResult.ColumnResult) -> ScoreTable.Cell {
    if column.reference == row { return "reference" }
    guard let difference = column.entries[row]?.difference else { return Self.empty }
    let found = difference.difference
    let text = Self.text(found.mean, found.halfWidth(), in: column.column)
    return ScoreTable.Cell(
      text.hasPrefix("-") || text.hasPrefix("−") ? text : "+" + text, value: found.mean,
      detail: Self.detail(of: difference), isMarked: difference.isBeyondChance)
  }

  private static func detail(of difference: MethodComparison.Difference) -> String {
    let found = difference.difference
    let items = found.itemVariance == nil ? "" : ", items drawn anew, too"
    let how =
      switch found.method {
      case .paired: "\(found.count) seeds, paired"
      case .independent: "\(found.count) seeds of each, by Welch"
      case .none: "one seed"
      }
    return how + items + (difference.adjusted.map { String(format: ", p = %.3g by Holm", $0) } ?? "")
  }

  /// Each group's interquartile mean, and what the method costs.
  package var overview: ScoreTable? { overview(costs: result.columns.filter { $0.column.group == Column.costGroup }) }

  /// Each group's interquartile mean.
  var means: ScoreTable? { overview(costs: []) }

  private func overview(costs: [ComparisonResult.ColumnResult]) -> ScoreTable? {
    guard !result.aggregates.isEmpty else { return nil }
    let rows = result.rows.indices.map { row in
      [ScoreTable.Cell(result.rows[row].name)] + result.aggregates.map { mean($0.means[row]) }
        + costs.map { cell(row, $0) }
    }
    return ScoreTable(
      title: "overview",
      heads: ["method"] + result.aggregates.map { "\($0.group), normalised (%) ↑" }
        + costs.map { Self.head(of: $0.column) },
      rows: rows,
      ranking: result.aggregates.first.map { ranking($0.means.map { $0?.value }, higherIsBetter: true) })
  }

  /// The rows from the best value to the worst, those without one last.
  private func ranking(_ values: [Double?], higherIsBetter: Bool) -> [Int] {
    let worst = higherIsBetter ? -Double.infinity : .infinity
    let values = values.map { $0.flatMap { $0.isNaN ? nil : $0 } ?? worst }
    return values.indices.sorted { first, second in
      guard values[first] != values[second] else { return first < second }
      return (values[first] > values[second]) == higherIsBetter
    }
  }

  private func mean(_ interval: Bootstrap.Interval?) -> ScoreTable.Cell {
    guard let interval else { return Self.empty }
    func percent(_ value: Double) -> String { String(format: "%.1f", value * 100) }
    let ends = interval.upper > interval.lower ? " [\(percent(interval.lower)), \(percent(interval.upper))]" : ""
    return ScoreTable.Cell(percent(interval.value) + ends, value: interval.value)
  }

  /// For each group how probable it is that a run of the best row beats one of each other row.
  package var improvements: ScoreTable? {
    let aggregates = result.aggregates.filter { $0.best != nil && !$0.improvements.isEmpty }
    guard !aggregates.isEmpty, result.seeds.count > 1 else { return nil }
    let rows = result.rows.indices.map { row in
      [ScoreTable.Cell(result.rows[row].name)]
        + aggregates.map { aggregate -> ScoreTable.Cell in
          guard let best = aggregate.best, best != row else { return aggregate.best == row ? "best" : Self.empty }
          guard let found = aggregate.probability(of: best, over: row) else { return Self.empty }
          let difference = aggregate.differences[row]
          return ScoreTable.Cell(
            String(format: "%.2f [%.2f, %.2f]", found.value, found.lower, found.upper), value: found.value,
            detail: difference.map(Self.detail), isMarked: difference?.isBeyondChance == true)
        }
    }
    let heads = aggregates.map { aggregate in
      "\(aggregate.group): P(\(aggregate.best.map { result.rows[$0].name } ?? "") > row)"
    }
    return ScoreTable(title: "probability of improvement", heads: ["method"] + heads, rows: rows)
  }

  /// The candidates of searches with their scores on the validation side.
  package var candidates: ScoreTable? {
    guard let score = result.searchScore else { return nil }
    let rows = result.rows.flatMap { row in
      row.candidates.map { candidate -> [ScoreTable.Cell] in
        [
          ScoreTable.Cell(row.name), ScoreTable.Cell(candidate.settings.joined(separator: " ")),
          candidate.score.map { ScoreTable.Cell(Self.text($0, in: score), isMarked: candidate.isChosen) } ?? Self.empty,
          candidate.seconds.map { ScoreTable.Cell(String(format: "%.0f", $0)) } ?? Self.empty,
          candidate.isChosen ? "chosen" : "",
        ]
      }
    }
    let head = Metric(named: score.metric).heading
    return ScoreTable(
      title: "candidates", heads: ["method", "settings", "\(score.subject), \(head)", "seconds", ""], rows: rows,
      isNumeric: false)
  }
}
