import Runs
import Training

/// A table of texts for every format of a report.
public struct ScoreTable: Equatable, Sendable {
  /// One place of a table.
  public struct Cell: Equatable, Sendable, ExpressibleByStringLiteral {
    /// What is shown.
    public let text: String
    /// The number that is shown; `nil` for other texts.
    public let value: Double?
    /// What belongs to the number and is shown on demand: its values by seed, and where they are from.
    public let detail: String?
    /// Whether it stands out, as the best of its row does.
    public let isMarked: Bool

    /// Creates a cell.
    public init(_ text: String, value: Double? = nil, detail: String? = nil, isMarked: Bool = false) {
      self.text = text
      self.value = value
      self.detail = detail
      self.isMarked = isMarked
    }

    /// Creates a cell of text.
    public init(stringLiteral text: String) { self.init(text) }

    /// Where nothing was measured.
    package static let missing: Cell = "–"
  }

  /// What the table is of.
  public let title: String
  /// The heads of the columns.
  public let heads: [String]
  /// The rows, as many cells in each as there are heads.
  public let rows: [[Cell]]
  /// Whether the columns after the first hold numbers, which stand to the right.
  public let isNumeric: Bool
  /// The places of the rows from the best to the worst; `nil` where the rows have no such order.
  public let ranking: [Int]?
  /// The row that is shown in any case where the table is folded.
  private(set) var kept: Int?

  /// A table with more rows than this is folded on a page.
  static let longest = 12
  /// As many rows of a folded table are shown.
  static let shown = 8

  /// The rows that a folded table shows, and which they are in words; `nil` where all are shown.
  var excerpt: (table: ScoreTable, words: String)? {
    guard rows.count > Self.longest else { return nil }
    var places = Array((ranking ?? Array(rows.indices)).filter(rows.indices.contains).prefix(Self.shown))
    var kind = ranking == nil ? "the first " : "the best "
    if let kept, rows.indices.contains(kept), !places.contains(kept), !places.isEmpty {
      places[places.count - 1] = kept
      kind = ""
    }
    let table = ScoreTable(title: title, heads: heads, rows: places.map { rows[$0] }, isNumeric: isNumeric)
    return (table, "\(kind)\(places.count)")
  }

  /// The same table, of which the row of a name is never folded away.
  package func keeping(_ name: String) -> ScoreTable {
    var table = self
    table.kept = rows.firstIndex { $0.first?.text == name }
    return table
  }

  /// Whether something in it stands out.
  var hasMarks: Bool { rows.contains { $0.contains(where: \.isMarked) } }

  /// Creates a table.
  ///
  /// - Parameter ranking: the places of the rows from the best to the worst, where they have such an order.
  public init(title: String, heads: [String], rows: [[Cell]], isNumeric: Bool = true, ranking: [Int]? = nil) {
    precondition(
      rows.allSatisfy { $0.count == heads.count }, "ScoreTable: every row has as many cells as there are heads")
    self.title = title
    self.heads = heads
    self.rows = rows
    self.isNumeric = isNumeric
    self.ranking = ranking
  }

  /// One table per evaluator, one row per subject, one column per metric, each in the order of first appearance.
  public static func tables(of record: RunRecord) -> [ScoreTable] {
    let scores = record.result.scores
    return unique(scores.map(\.evaluator)).map { evaluator in
      let own = scores.filter { $0.evaluator == evaluator }
      let metrics = unique(own.map(\.metric))
      let rows = unique(own.map(\.subject)).map { subject in
        [Cell(subject)]
          + metrics.map { name in
            own.first { $0.subject == subject && $0.metric == name }.map { cell(of: $0, in: record) } ?? .missing
          }
      }
      let heads = metrics.map { name in own.first { $0.metric == name }?.typedMetric.heading ?? name }
      return ScoreTable(title: evaluator, heads: [""] + heads, rows: rows)
    }
  }

  /// One table per evaluator and metric, one row per subject and one column per run; the best of a row is marked where
  /// its difference from every other run leaves zero out.
  public static func tables(comparing records: [RunRecord]) -> [(evaluator: String, tables: [ScoreTable])] {
    let labels = RunRecord.labels(of: records)
    let scores = records.flatMap(\.result.scores)
    return unique(scores.map(\.evaluator)).map { evaluator in
      let own = scores.filter { $0.evaluator == evaluator }
      let tables = unique(own.map(\.metric)).map { name in
        let subjects = unique(own.filter { $0.metric == name }.map(\.subject))
        let rows = subjects.map { subject in
          let row = records.map { record in
            record.result.scores.first { $0.evaluator == evaluator && $0.subject == subject && $0.metric == name }
          }
          let best = bestIndex(of: row, seeds: records.map(\.result.seeds))
          return [Cell(subject)]
            + row.indices.map { index in
              row[index].map { cell(of: $0, in: records[index], isMarked: index == best) } ?? .missing
            }
        }
        return ScoreTable(
          title: title(evaluator: evaluator, metric: name), heads: [""] + labels, rows: rows)
      }
      return (evaluator, tables)
    }
  }

  /// The title of a table of one metric.
  static func title(evaluator: String, metric: String) -> String { "\(evaluator), \(Metric(named: metric).heading)" }

  /// The values of every seed of a run, one row per score.
  static func bySeed(_ record: RunRecord) -> ScoreTable {
    let rows = record.result.scores.map { score -> [Cell] in
      let metric = score.typedMetric
      return [Cell("\(score.evaluator), \(score.subject), \(metric.heading)")]
        + score.values.map { Cell(metric.text($0), value: $0) } + [Cell(metric.text(score.mean), value: score.mean)]
    }
    return ScoreTable(
      title: "values by seed", heads: [""] + record.result.seeds.map { "seed \($0)" } + ["mean"], rows: rows)
  }

  /// The run whose score is better than every other's beyond the interval of their difference.
  static func bestIndex(of row: [ScoreSummary?], seeds: [[Int]]) -> Int? {
    guard row.count > 1, row.allSatisfy({ $0 != nil }) else { return nil }
    return row.indices.first { index in
      row.indices.allSatisfy { other in
        guard other != index else { return true }
        guard let own = row[index], let rival = row[other] else { return false }
        return ScoreDifference(rival, seeds: seeds[other], own, seeds: seeds[index]).isImprovement == true
      }
    }
  }

  /// A score as a cell that names its run.
  static func cell(of score: ScoreSummary, in record: RunRecord, isMarked: Bool = false) -> Cell {
    let metric = score.typedMetric
    let values = zip(record.result.seeds, score.values).map { "seed \($0): \(metric.text($1))" }
    return Cell(
      metric.text(score.mean, halfWidth: score.halfWidth), value: score.mean,
      detail: values.joined(separator: ", ") + "; \(record.name) \(record.result.hash), commit \(record.shortCommit)",
      isMarked: isMarked)
  }

  package static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// The table in aligned columns, the title over the first; a star follows what is marked.
  public var plain: String {
    let all = [[Cell(title)] + heads.dropFirst().map { Cell($0) }] + rows
    let widths = heads.indices.map { column in all.map { $0[column].text.count }.max() ?? 0 }
    return all.map { cells in
      var line = ""
      for (column, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.text.count)
        line += column > 0 ? " " : ""
        line += (column > 0 && isNumeric ? space + cell.text : cell.text + space) + (cell.isMarked ? "*" : " ")
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
