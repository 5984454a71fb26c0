/// A table of texts, written in Markdown or aligned for a terminal.
public struct ScoreTable: Equatable, Sendable {
  /// What the table is of.
  public let title: String
  /// The heads of the columns.
  public let heads: [String]
  /// The rows, as many texts in each as there are heads.
  public let rows: [[String]]

  /// Creates a table.
  public init(title: String, heads: [String], rows: [[String]]) {
    precondition(
      rows.allSatisfy { $0.count == heads.count }, "ScoreTable: every row has as many texts as there are heads")
    self.title = title
    self.heads = heads
    self.rows = rows
  }

  /// One table per evaluator, one row per subject, one column per metric, each in the order of first appearance.
  public static func tables(of scores: [ScoreSummary]) -> [ScoreTable] {
    unique(scores.map(\.evaluator)).map { evaluator in
      let own = scores.filter { $0.evaluator == evaluator }
      let metrics = unique(own.map(\.metric))
      let rows = unique(own.map(\.subject)).map { subject in
        [subject]
          + metrics.map { name in
            own.first { $0.subject == subject && $0.metric == name }
              .map { Metric(named: name).text($0.mean, halfWidth: $0.halfWidth) } ?? "–"
          }
      }
      return ScoreTable(title: evaluator, heads: [""] + metrics.map { Metric(named: $0).heading }, rows: rows)
    }
  }

  private static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// The table in Markdown, numbers to the right.
  public var markdown: String {
    func row(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    let rule = "| :-- |" + String(repeating: " --: |", count: max(0, heads.count - 1))
    return ([row(heads), rule] + rows.map(row)).joined(separator: "\n") + "\n"
  }

  /// The table in aligned columns, the title over the first.
  public var plain: String {
    let all = [[title] + heads.dropFirst()] + rows
    let widths = heads.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { cells in
      var line = ""
      for (column, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += column == 0 ? cell + space : "  " + space + cell
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
