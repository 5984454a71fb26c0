import Diagnostics
import Foundation
import Recipes
import Runs

/// What there is of a cell.
enum CellStanding {
  case valid(seconds: Double?)
  case outOfDate(String)
  case missing
}

/// A look at the cells of a comparison that runs none.
struct CellLook {
  /// The folder that the comparison would go on in.
  let folder: ComparisonFolder
  /// What is to be said of it.
  let remarks: [String]
  private let adopts: Bool
  private let adoption: CellAdoption
  private let record: ComparisonRecord
  private var store: CellStore

  /// - Throws: where the data of finished cells cannot be read any more.
  init(
    _ plan: ComparisonPlan, _ conditions: ComparisonRun.Conditions, catalogue: RecipeCatalogue
  ) throws(UserError) {
    let identities = DataIdentities()
    let judge = conditions.judge(catalogue, identities)
    (folder, remarks) = try ComparisonFolder.choice(
      plan, in: conditions.runs, dataRoot: conditions.dataRoot, catalogue: catalogue, identities: identities,
      judge: judge)
    let known = try? folder.readPlan()
    adopts = known?.adopts != false
    adoption = CellAdoption(
      folder: folder, runs: conditions.runs,
      threads: conditions.threads ?? known?.threads ?? max(1, Run.availableCores / conditions.jobs),
      dataRoot: conditions.dataRoot ?? known?.dataRoot, catalogue: catalogue, identities: identities, judge: judge)
    record = ComparisonRecord(plan, threads: 1, dataRoot: nil, start: Date())
    store = CellStore(folder)
  }

  /// What there is of a cell.
  mutating func standing(of cell: Cell) -> CellStanding {
    if let outcome = store.outcome(of: cell.name) { return .valid(seconds: outcome.result.wallSeconds.first) }
    guard adopts else { return .missing }
    switch adoption.search(for: cell) {
    case .found(let run, let manifest):
      let outcome = store.take(run, manifest, as: cell.name)
      return .valid(seconds: outcome?.result.wallSeconds.first)
    case .outOfDate(let reason): return .outOfDate(reason)
    case .missing: return .missing
    }
  }

  /// The best candidate of each row as far as is known.
  var choices: [Int?] { mutating get { store.choices(record) } }

  /// The candidate of each row whose searches are all there, or were seen elsewhere.
  var completeChoices: [Int?] { mutating get { store.completeChoices(record) } }
}

/// A cell with its number and what there is of it.
package struct ListedCell: Encodable, Sendable {
  /// What there is of it.
  package enum State: String, Encodable, Sendable {
    /// It is finished.
    case done
    /// It is to be trained.
    case missing
    /// It is finished, but not what would be computed now.
    case outOfDate = "out of date"
    /// Its row's settings are not chosen yet.
    case waits = "waits for its search"
  }

  /// From 0 on.
  package let number: Int
  /// What it is for.
  package let phase: PlannedCell.Phase
  /// What it is called.
  package let title: String
  /// The recipe; nil where its settings are not chosen yet.
  package let recipe: String?
  /// The hash of the recipe; nil where its settings are not chosen yet.
  package let hash: String?
  /// What there is of it.
  package let state: State
  /// Why it is out of date.
  package let reason: String?

  init(_ planned: PlannedCell, _ standing: CellStanding?) {
    (number, phase, title) = (planned.number, planned.phase, planned.title)
    (recipe, hash) = (planned.cell?.recipe.name, planned.cell?.recipe.hash)
    switch standing {
    case nil: (state, reason) = (.waits, nil)
    case .valid: (state, reason) = (.done, nil)
    case .missing: (state, reason) = (.missing, nil)
    case .outOfDate(let why): (state, reason) = (.outOfDate, why)
    }
  }
}

extension [ListedCell] {
  /// One line a cell: number, phase, title, recipe, hash, state.
  package var plain: String {
    let width = (
      map(\.title.count).max() ?? 0, map { $0.recipe?.count ?? 0 }.max() ?? 0, "\(Swift.max(0, count - 1))".count
    )
    func padded(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: Swift.max(0, width - text.count))
    }
    return map { cell in
      let number = String(repeating: " ", count: width.2 - "\(cell.number)".count) + "\(cell.number)"
      let state = cell.state.rawValue + (cell.reason.map { ": \($0)" } ?? "")
      return "\(number)  \(padded(cell.phase.rawValue, 7))  \(padded(cell.title, width.0))  "
        + "\(padded(cell.recipe ?? "", width.1))  \(padded(cell.hash ?? "", 8))  \(state)"
    }.joined(separator: "\n") + "\n"
  }
}
