import Runs
import Training

/// What is committed of a training that was to choose a row's settings, a line each of `searches.json`: enough for a
/// comparison to go on without training it again.
package struct SearchRecord: Codable, Equatable, Sendable {
  /// The row.
  package let row: String
  /// The settings that were tried, as overrides.
  package let settings: [String]
  /// The training.
  package let cell: CellRecord
  /// The checksum of each dataset used, by the dataset's name.
  package let datasetChecksums: [String: String]
  /// The scores that a comparison reads: the one that chooses, and that of the sweep figure.
  package let scores: [Score]

  /// Describes a finished training of a search; nil of one whose score that chooses is missing.
  init?(row: String, settings: [String], cell: Cell.Name, outcome: CellStore.Outcome, record: ComparisonRecord) {
    guard let search = record.search, outcome.value(of: search.score)?.isFinite == true else { return nil }
    let columns = [search.score] + (record.figures.sweep.map { [$0.score] } ?? [])
    self.row = row
    self.settings = settings
    self.cell = CellRecord(cell, outcome)
    datasetChecksums = outcome.manifest.datasetChecksums
    scores = columns.compactMap { column in
      outcome.result.scores.first {
        $0.evaluator == column.evaluator && $0.subject == column.subject && $0.metric == column.metric
      }.map {
        Score(
          evaluator: $0.evaluator, subject: $0.subject, metric: $0.metric, value: $0.values[0], kind: $0.kind,
          scale: $0.scale)
      }
    }
  }
}
