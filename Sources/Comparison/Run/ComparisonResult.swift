import Diagnostics
import Evaluation
import Foundation
import Kernels
import Reports
import Runs
import Training

/// All numbers of a comparison, `comparison.json`: what tables and figures read.
package struct ComparisonResult: Codable, Sendable {
  /// A cell that has finished.
  package struct CellEntry: Codable, Equatable, Sendable {
    /// The seed.
    package let seed: Int
    /// The fold that was tested; nil without folds.
    package let fold: Int?
    /// The cell's folder inside the comparison's.
    package let folder: String
    /// The hash of its recipe.
    package let hash: String
    /// The wall time in seconds.
    package let seconds: Double?
    /// The number of trained parameters.
    package let parameters: Int?
    /// The greatest memory of the process in bytes.
    package let peakMemory: Int?
    /// The share of the wall time in which the process waited for a processor; `nil` where the cell does not keep it.
    package let waiting: Double?
    /// Where the wall time went; `nil` where the cell does not keep it.
    package let timings: Timings?
    /// The commit, `-dirty` where there were changes.
    package let commit: String?
    /// The number of threads.
    package let threads: Int
  }

  /// A candidate of a search.
  package struct CandidateEntry: Codable, Equatable, Sendable {
    /// The settings.
    package let settings: [String]
    /// The score on the validation side; `nil` where its training has not finished.
    package let score: Double?
    /// The score of the sweep figure on the validation side.
    package let sweep: Double?
    /// The wall time in seconds.
    package let seconds: Double?
    /// Whether it is the one that is reported.
    package let isChosen: Bool
  }

  /// A method.
  package struct Row: Codable, Equatable, Sendable {
    /// What tables and figures call it.
    package let name: String
    /// What sort of method it is.
    package let kind: String
    /// The name of its recipe.
    package let recipe: String
    /// The settings that were chosen, as overrides; empty where nothing was searched.
    package let chosen: [String]
    /// The finished cells, in the order of the seeds.
    package let cells: [CellEntry]
    /// The seeds without a result, or without one of some fold.
    package let missing: [Int]
    /// The candidates; empty where nothing was searched.
    package let candidates: [CandidateEntry]
    /// Remarks on the protocol.
    package let notes: [String]
    /// The heat map's scores, the mean over the seeds, one a subject.
    package let map: [Double?]
  }

  /// A row's values in a column.
  package struct Entry: Codable, Equatable, Sendable {
    /// The values by seed, `nil` where there is none; with folds the mean over all of them, since only together they
    /// test every observation, once.
    package let values: [Double?]
    /// The mean.
    package let mean: Double
    /// Half of the width of the 95 % interval of the mean (Student's t); `nil` for one seed.
    package let halfWidth: Double?
    /// The difference from the column's reference.
    package let difference: MethodComparison.Difference?
  }

  /// A column.
  package struct ColumnResult: Codable, Equatable, Sendable {
    /// The score.
    package let column: Column
    /// One entry a row; `nil` where the row lacks the score.
    package let entries: [Entry?]
    /// The row with the best mean.
    package let best: Int?
    /// The rows that cannot be told from the best.
    package let rivals: [Int]
    /// The best row, where it is better than every other beyond chance, with Holm's correction for the rows.
    package let standsOut: Int?
    /// The row that differences are from.
    package let reference: Int?
    /// What chance and perfection give, as the evaluators say; `nil` where they do not.
    package let scale: ScoreScale?
  }

  /// The format of this file.
  package let format: Int
  /// The suite's name.
  package let suite: String
  /// The suite's title.
  package let title: String
  /// The profile.
  package let profile: String?
  /// The hash of what is computed.
  package let hash: String
  /// The seeds.
  package let seeds: [Int]
  /// The number of folds; nil where the test side is the data's own.
  package let folds: Int?
  /// The rows.
  package let rows: [Row]
  /// The columns, costs last.
  package let columns: [ColumnResult]
  /// The columns of each group taken together.
  package let aggregates: [Aggregate]
  /// The score that chose the candidates.
  package let searchScore: Column?
  /// Settings of searches only, as overrides.
  package let searchSettings: [String]
  /// The seed of the searches.
  package let searchSeed: Int?
  /// The settings that all rows have in common, as overrides.
  package let shared: [String]
  /// Whether the page of all data sets leaves it out.
  package let isApart: Bool?
  /// The figures.
  package let figures: FigureChoice
  /// When the comparison began, in UTC.
  package let start: Date

  /// Collects what has finished.
  ///
  /// - Parameter hasAggregates: whether to resample, which takes a moment.
  package init(_ record: ComparisonRecord, store: inout CellStore, hasAggregates: Bool = true) {
    let choices = store.choices(record)
    var outcomes: [FoldedOutcomes] = []
    var rows: [Row] = []
    for (row, choice) in zip(record.rows, choices) {
      let cells = choice.map { row.candidates[$0].finals } ?? []
      let own = FoldedOutcomes(of: cells, replicates: record.replicates, store: &store)
      outcomes.append(own)
      rows.append(Self.row(row, choice: choice, outcomes: own, record: record, store: &store))
    }
    // Runs of one seed belong together where their recipes share the course of the training, or the seed chooses what is
    // tested for both alike.
    let recipes = outcomes.map { own in
      record.replicates.lazy.compactMap { own[$0] }.first.flatMap { try? RecordedRecipe(of: $0.folder) }
    }
    func arePaired(_ first: Int, _ second: Int) -> Bool {
      guard let one = recipes[first], let other = recipes[second] else { return false }
      return one.isPaired(with: other)
    }
    let against = record.against.flatMap { name in record.rows.firstIndex { $0.name == name } }
    let items = hasAggregates ? outcomes.map { $0.items() } : []
    columns = record.allColumns.map { column in
      let values = outcomes.map { $0.values(of: column) }
      let comparison = MethodComparison(
        values, higherIsBetter: column.higherIsBetter, reference: against,
        items: items.map { tables in
          tables.compactMapValues {
            ItemScore(evaluator: column.evaluator, subject: column.subject, metric: column.metric, of: $0)
          }
        }, arePaired: arePaired)
      let entries = zip(values, comparison.differences).map { values, difference -> Entry? in
        let listed = record.seeds.map { values[$0] }
        guard let estimate = Estimate(of: listed.compactMap { $0 }) else { return nil }
        return Entry(
          values: listed, mean: estimate.mean, halfWidth: estimate.halfWidth, difference: difference)
      }
      return ColumnResult(
        column: column, entries: entries, best: comparison.best, rivals: comparison.rivals,
        standsOut: comparison.standsOut, reference: comparison.reference,
        scale: Self.scale(
          outcomes.flatMap { own in record.replicates.compactMap { own[$0]?.scale(of: column) } }))
    }
    aggregates = hasAggregates ? Aggregate.groups(of: columns, arePaired: arePaired) : []
    format = 2
    (suite, title, profile, hash) = (record.suite, record.title, record.profile, record.hash)
    (folds, isApart) = (record.folds, record.isApart)
    (seeds, shared, figures, start) = (record.seeds, record.shared, record.figures, record.start)
    self.rows = rows
    let hasSearch = record.rows.contains { $0.candidates.count > 1 }
    searchScore = hasSearch ? record.search?.score : nil
    searchSettings = hasSearch ? record.search?.settings ?? [] : []
    searchSeed = hasSearch ? record.search?.seed : nil
  }

  /// The scale that all runs share; the mean where chance is not the same for all, as with other splits.
  private static func scale(_ scales: [ScoreScale]) -> ScoreScale? {
    guard let first = scales.first else { return nil }
    guard scales.contains(where: { $0 != first }) else { return first }
    return ScoreScale(
      chance: SampleStatistic.mean(of: scales.map(\.chance)), ceiling: SampleStatistic.mean(of: scales.map(\.ceiling)))
  }

  private static func row(
    _ row: ComparisonRecord.Row, choice: Int?, outcomes: FoldedOutcomes, record: ComparisonRecord,
    store: inout CellStore
  ) -> Row {
    let cells = record.replicates.compactMap { replicate in
      outcomes[replicate].map { outcome in
        CellEntry(
          seed: replicate.seed, fold: replicate.fold,
          folder: "cells/" + outcome.folder.url.pathComponents.suffix(2).joined(separator: "/"),
          hash: outcome.result.hash, seconds: outcome.result.wallSeconds.first,
          parameters: outcome.result.parameterCount, peakMemory: outcome.peakMemory,
          waiting: outcome.waiting, timings: outcome.timings,
          commit: outcome.manifest.commit.map { $0.hash + ($0.isClean ? "" : CellRecord.dirtyMark) },
          threads: outcome.manifest.threads)
      }
    }
    var candidates: [CandidateEntry] = []
    if row.candidates.count > 1, let search = record.search {
      for (index, candidate) in row.candidates.enumerated() {
        let outcome = candidate.search.flatMap { store.outcome(of: $0) }
        candidates.append(
          CandidateEntry(
            settings: candidate.settings, score: outcome?.value(of: search.score),
            sweep: record.figures.sweep.flatMap { outcome?.value(of: $0.score) },
            seconds: outcome?.result.wallSeconds.first, isChosen: index == choice))
      }
    }
    let map = record.figures.heatMap.map { grid in
      grid.subjects.map { subject -> Double? in
        let column = Column(title: "", group: "", evaluator: grid.evaluator, subject: subject, metric: grid.metric)
        let own = outcomes.values(of: column)
        let values = record.seeds.compactMap { own[$0] }
        return values.isEmpty ? nil : SampleStatistic.mean(of: values)
      }
    }
    return Row(
      name: row.name, kind: row.kind, recipe: row.recipe,
      chosen: row.candidates.count > 1 ? choice.map { row.candidates[$0].settings } ?? [] : [], cells: cells,
      missing: record.seeds.filter { !outcomes.isWhole(seed: $0) }, candidates: candidates,
      notes: ScoreTable.unique(record.replicates.compactMap { outcomes[$0] }.flatMap(\.result.notes)), map: map ?? [])
  }

  /// The number of trainings of searches that have finished, and their wall time in seconds.
  package var searchCost: (cells: Int, seconds: Double) {
    let times = rows.flatMap(\.candidates).compactMap(\.seconds)
    return (times.count, times.reduce(0, +))
  }

  /// The columns that no row has a value of.
  package var emptyColumns: [Column] {
    columns.filter { $0.column.group != Column.costGroup && $0.entries.allSatisfy { $0 == nil } }.map(\.column)
  }
}
