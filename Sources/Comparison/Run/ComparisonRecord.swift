import Foundation

/// What a comparison consists of, `plan.json`: with the cells' own files it gives all results, without the suite or the
/// recipes it was made from.
package struct ComparisonRecord: Codable, Equatable, Sendable {
  /// Settings that a row could be reported with.
  package struct Candidate: Codable, Equatable, Sendable {
    /// The settings that were searched, as overrides.
    package var settings: [String]
    /// The training on the validation side; `nil` where there is nothing to choose between.
    package var search: Cell.Name?
    /// The trainings that are reported, in the order of the seeds, a seed's folds beside each other.
    package var finals: [Cell.Name]
  }

  /// A method.
  package struct Row: Codable, Equatable, Sendable {
    /// What tables and figures call it.
    package var name: String
    /// What sort of method it is.
    package var kind: String
    /// The name of its recipe.
    package var recipe: String
    /// Settings of its own, as overrides.
    package var settings: [String]
    /// The candidates.
    package var candidates: [Candidate]
  }

  /// How candidates are chosen.
  package struct Search: Codable, Equatable, Sendable {
    /// The seed.
    package var seed: Int
    /// Settings of searches only, as overrides, the side of the evaluation among them.
    package var settings: [String]
    /// The score that decides.
    package var score: Column
  }

  /// The suite's name.
  package var suite: String
  /// The suite as it was named on the command line.
  package var argument: String
  /// The suite's title.
  package var title: String
  /// The profile that was applied.
  package var profile: String?
  /// The overrides as they were typed.
  package var overrides: [String]
  /// The hash of what is computed.
  package var hash: String
  /// The seeds.
  package var seeds: [Int]
  /// The number of folds; nil where the test side is the data's own.
  package var folds: Int?
  /// The settings that all rows have in common, as overrides.
  package var shared: [String]
  /// The rows.
  package var rows: [Row]
  /// How candidates are chosen.
  package var search: Search?
  /// The columns, without costs.
  package var columns: [Column]
  /// The row that the others are held against.
  package var against: String?
  /// Whether the page of all data sets leaves it out; nil in files of earlier versions.
  package var isApart: Bool?
  /// The figures.
  package var figures: FigureChoice
  /// The number of threads of each cell.
  package var threads: Int
  /// The folder of downloaded data that the user named.
  package var dataRoot: String?
  /// Whether finished cells of other comparisons may be taken over; not where the user wanted all anew.
  package var adopts: Bool
  /// What decides the bits of results about the processor that it began on; nil in files of earlier versions.
  package var processor: String?
  /// When the comparison began, in UTC.
  package var start: Date

  /// Describes a comparison that begins.
  package init(
    _ plan: ComparisonPlan, threads: Int, dataRoot: String?, adopts: Bool = true, processor: String? = nil,
    start: Date
  ) {
    let suite = plan.suite
    self.suite = suite.name
    argument = suite.argument
    title = suite.title
    profile = suite.profile
    overrides = suite.overrides
    hash = plan.hash
    seeds = suite.seeds
    folds = suite.folds > 1 ? suite.folds : nil
    shared = suite.shared.map(\.override)
    rows = plan.rows.map { row in
      Row(
        name: row.row.name, kind: row.row.kind, recipe: row.row.recipe, settings: row.row.settings.map(\.override),
        candidates: row.candidates.map { candidate in
          Candidate(
            settings: candidate.settings, search: candidate.search?.name, finals: candidate.finals.map(\.name))
        })
    }
    search = suite.search.map { search in
      Search(seed: search.seed, settings: (search.on + search.settings).map(\.override), score: search.score)
    }
    columns = suite.columns
    against = suite.against
    figures = suite.figures
    isApart = suite.isApart
    self.threads = threads
    self.dataRoot = dataRoot
    self.adopts = adopts
    self.processor = processor
    self.start = start
  }

  /// What is taken from a suite whose presentation was changed since: titles, columns and figures.
  package mutating func present(as other: ComparisonRecord) {
    (title, columns, against, figures) = (other.title, other.columns, other.against, other.figures)
    isApart = other.isApart
    for (index, row) in other.rows.enumerated() where rows.indices.contains(index) { rows[index].kind = row.kind }
  }

  /// Whether a record that was read does not contradict itself.
  var isConsistent: Bool {
    func isWhole(_ cell: Cell.Name) -> Bool {
      !cell.family.isEmpty && !cell.family.hasPrefix(".") && !cell.family.contains("/")
    }
    guard folds.map((2...100).contains) ?? true else { return false }
    let replicates = replicates
    return !seeds.isEmpty && Set(seeds).count == seeds.count && (1...1024).contains(threads)
      && !rows.isEmpty && Set(rows.map(\.name)).count == rows.count && !columns.isEmpty
      && rows.allSatisfy { row in
        !row.candidates.isEmpty
          && row.candidates.allSatisfy { candidate in
            candidate.finals.map(\.replicate) == replicates && candidate.finals.allSatisfy(isWhole)
              && candidate.search.map(isWhole) ?? (row.candidates.count == 1)
          }
      }
  }

  /// What every row is trained for.
  package var replicates: [Cell.Replicate] { Cell.Replicate.all(seeds: seeds, folds: folds ?? 1) }

  /// All columns, costs last.
  package var allColumns: [Column] { columns + Column.costs }
}
