import Evaluation
import Foundation
import Reports

/// `Results/Compare/README.md`: all data sets on one page, from their `comparison.json` alone.
package struct OverviewPage {
  /// The file's name in the folder of comparisons.
  package static let fileName = "README.md"

  /// The page in Markdown.
  package let text: String

  /// Writes the page of comparisons, each with the name of its folder.
  package init(_ comparisons: [(folder: String, result: ComparisonResult)]) {
    let overview = Overview(comparisons.map(\.result))
    var blocks = [
      "# All data sets\n",
      "Written by `concord publish` from the comparisons beside it. A row is one method, trained in the same way as the others "
        + "of its data set; a value is the interquartile mean of its runs in percent, 0 for chance and 100 for perfection, "
        + "with its 95 % bootstrap interval in the mean over data sets; a run's score is the mean of its columns. Data sets "
        + "weigh alike. *Better than* is the probability that a run beats one of the row that is named, 50 for no "
        + "difference. A row that a data set lacks has no mean.\n",
      Self.dataSets(comparisons),
    ]
    for table in overview.tables {
      blocks.append("## \(table.family?.rawValue ?? "All together")\n")
      if table.family == nil {
        blocks.append(
          "The mean of the families of columns below that a data set has, for the rows that have all of them.\n")
      }
      blocks.append(Self.table(table, names: comparisons.map(\.folder)))
    }
    text = blocks.joined(separator: "\n")
  }

  /// What each comparison is of, and what it lacks as yet.
  private static func dataSets(_ comparisons: [(folder: String, result: ComparisonResult)]) -> String {
    var lines = [row(["data", "comparison", "rows", "seeds", "folds", "trainings", "standing"])]
    lines.append(row(["---", "---", "--:", "--:", "--:", "--:", "---"]))
    for (folder, result) in comparisons {
      let lacking = result.rows.filter { !$0.missing.isEmpty }
      let begun = result.rows.count { !$0.cells.isEmpty }
      let trainings = result.rows.reduce(0) { $0 + $1.cells.count }
      let expected = result.rows.count * result.seeds.count * (result.folds ?? 1)
      var standing = "whole"
      if trainings < expected || !lacking.isEmpty {
        standing = "**partial**: \(result.rows.count - lacking.count) rows are whole"
        let missing = lacking.map { words(for: $0, of: result) }.joined(separator: ", ")
        if !missing.isEmpty { standing += "; missing: \(missing)" }
      }
      lines.append(
        row([
          "[\(folder)](\(folder)/report.md)", result.title, "\(begun) of \(result.rows.count)",
          "\(result.seeds.count)", result.folds.map(String.init) ?? "–", "\(trainings) of \(expected)", standing,
        ]))
    }
    return lines.joined()
  }

  private static func words(for row: ComparisonResult.Row, of result: ComparisonResult) -> String {
    row.missing.count == result.seeds.count
      ? "\(row.name) (all)"
      : "\(row.name) (\(row.missing.count) \(row.missing.count == 1 ? "seed" : "seeds"))"
  }

  private static func table(_ table: Overview.Table, names: [String]) -> String {
    let heads =
      ["method"] + table.dataSets.map { names[$0] } + [
        "mean of data sets", "ranks", "mean rank", "better than \(table.reference)",
      ]
    var lines = [row(heads), row(heads.indices.map { $0 == 0 ? "---" : "--:" })]
    for entry in table.rows {
      var cells = [entry.name]
      for mean in entry.means { cells.append(mean.map { percent($0.value) } ?? "–") }
      cells.append(entry.mean.map(interval) ?? "–")
      cells.append(entry.ranks.map { rank in rank.map(String.init) ?? "–" }.joined(separator: ", "))
      cells.append(entry.meanRank.map { String(format: "%.1f", $0) } ?? "–")
      cells.append(entry.improvement.map(interval) ?? "–")
      lines.append(row(cells))
    }
    return lines.joined()
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
  }

  private static func percent(_ value: Double) -> String { String(format: "%.1f", 100 * value) }

  private static func interval(_ interval: Bootstrap.Interval) -> String {
    "\(percent(interval.value)) (\(percent(interval.lower)) to \(percent(interval.upper)))"
  }
}
