import Diagnostics
import Runs

/// Looks whether the scores that a suite names are there, before hours are spent on its cells.
///
/// Which scores a row will have is told by its finished cells, and where there are none by a rehearsal of a few steps on a
/// few observations.
struct ColumnCheck {
  private let plan: ComparisonPlan
  private let record: ComparisonRecord
  private let folder: ComparisonFolder

  /// Checks a comparison whose folder is known.
  init(_ plan: ComparisonPlan, record: ComparisonRecord, folder: ComparisonFolder) {
    (self.plan, self.record, self.folder) = (plan, record, folder)
  }

  /// The scores that the suite names, with what names them.
  private var wanted: [(place: String, column: Column)] {
    var wanted = plan.suite.columns.map { ("column `\($0.title)`", $0) }
    if let search = plan.suite.search { wanted.append(("`search.by`", search.score)) }
    if let sweep = plan.suite.figures.sweep { wanted.append(("`figures.sweep`", sweep.score)) }
    if let map = plan.suite.figures.heatMap {
      wanted += map.subjects.map { subject in
        (
          "`figures.heatMap`",
          Column(title: subject, group: "", evaluator: map.evaluator, subject: subject, metric: map.metric)
        )
      }
    }
    return wanted
  }

  /// Rehearses rows until every score was seen.
  ///
  /// - Throws: `UserError` where no row has one of the scores. Where a row cannot be rehearsed nothing is refused.
  func check(by source: any FingerprintSource) throws(UserError) {
    var store = CellStore(folder)
    let outcomes = record.rows.flatMap(\.candidates).flatMap { ($0.search.map { [$0] } ?? []) + $0.finals }
      .compactMap { store.outcome(of: $0) }
    var missing = wanted.filter { wanted in outcomes.allSatisfy { $0.value(of: wanted.column) == nil } }
    var known: Set<ScoreName> = []
    for row in plan.rows where !missing.isEmpty {
      guard let cell = row.candidates.first?.finals.first,
        let names = source.scoreNames(of: cell.recipe, threads: record.threads, dataRoot: record.dataRoot)
      else { return }
      known.formUnion(names)
      missing.removeAll { known.contains($0.column.scoreName) }
    }
    guard let first = missing.first else { return }
    let name = first.column.scoreName.text
    let others = known.map(\.text).sorted()
    let nearest = nearestName(to: name, among: others)
    // A profile may leave out the rows that have the score.
    guard nearest != nil || plan.suite.profile == nil else { return }
    let likely =
      nearest.map { "did you mean `\($0)`?" }
      ?? "there are \(others.prefix(6).joined(separator: "; ")) and \(max(0, others.count - 6)) more"
    throw UserError(
      .data, "\(first.place) is of a score that no row has: `\(name)`", at: plan.suite.source, mend: likely)
  }
}

extension Column {
  /// What its score is called.
  fileprivate var scoreName: ScoreName { ScoreName(evaluator: evaluator, subject: subject, metric: metric) }
}
