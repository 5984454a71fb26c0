import Diagnostics
import Foundation
import Recipes
import Runs
import Training

extension ComparisonPlan {
  /// What there is of a cell.
  private enum Standing {
    case valid(seconds: Double?)
    case outOfDate(String)
    case missing
  }

  /// The cells of the comparison with what is known of each, and an estimate of the time, without running any.
  ///
  /// - Parameter conditions: where the runs are, and how many cells there would be at a time.
  /// - Throws: where the data of finished cells cannot be read any more.
  package func text(_ conditions: ComparisonRun.Conditions, catalogue: RecipeCatalogue) throws(UserError) -> String {
    let identities = DataIdentities()
    let judge = conditions.judge(catalogue, identities)
    let (folder, remarks) = try ComparisonFolder.choice(
      self, in: conditions.runs, dataRoot: conditions.dataRoot, catalogue: catalogue, identities: identities,
      judge: judge)
    let known = try? folder.readPlan()
    let adoption = CellAdoption(
      folder: folder, runs: conditions.runs,
      threads: conditions.threads ?? known?.threads ?? max(1, Run.availableCores / conditions.jobs),
      dataRoot: conditions.dataRoot ?? known?.dataRoot, catalogue: catalogue, identities: identities, judge: judge)
    var store = CellStore(folder)
    func standing(of cell: Cell) -> Standing {
      if let outcome = store.outcome(of: cell.name) { return .valid(seconds: outcome.result.wallSeconds.first) }
      guard known?.adopts != false else { return .missing }
      switch adoption.search(for: cell) {
      case .found(let run, let manifest):
        let outcome = store.take(run, manifest, as: cell.name)
        return .valid(seconds: outcome?.result.wallSeconds.first)
      case .outOfDate(let reason): return .outOfDate(reason)
      case .missing: return .missing
      }
    }
    let searched = searches.map { standing(of: $0.cell) }
    // Where a search has not ended any candidate stands for the chosen one: the number of cells is the same.
    let record = ComparisonRecord(self, threads: 1, dataRoot: nil, start: Date())
    let finals = finals(store.choices(record).map { $0 ?? 0 })
    var estimate = CellEstimate()
    estimate.add(runsOf: Set((searches + finals).map(\.cell.recipe.name)), in: conditions.runs)
    var lines = ["\(suite.title)", "\(suite.name) \(hash): \(folder.url.path)"] + remarks
    var (left, outOfDate): ([Cell], Int) = ([], 0)
    let phases = [("search", searches, searched), ("compare", finals, finals.map { standing(of: $0.cell) })]
    for (phase, cells, standings) in phases where !cells.isEmpty {
      lines.append("\(phase):")
      let width = cells.map(\.title.count).max() ?? 0
      for ((title, cell), standing) in zip(cells, standings) {
        let space = String(repeating: " ", count: width - title.count)
        let time = estimate.seconds(of: cell).map { "about \(SeedProgress.clock($0))" } ?? "time unknown"
        let state: String
        switch standing {
        case .valid(let seconds): state = "done in \(SeedProgress.clock(seconds ?? 0))"
        case .outOfDate(let reason):
          (state, outOfDate) = ("\(time), out of date: \(reason)", outOfDate + 1)
          left.append(cell)
        case .missing:
          state = time
          left.append(cell)
        }
        lines.append("  \(title)\(space)  \(cell.recipe.name) \(cell.recipe.hash)  \(state)")
      }
    }
    let count = searches.count + finals.count
    let seconds = estimate.seconds(of: left).map { $0 / Double(max(1, min(conditions.jobs, left.count))) }
    let time =
      left.isEmpty
      ? "nothing is left to do"
      : seconds.map { "about \(SeedProgress.clock($0)) by the times of finished runs" }
        ?? "no finished run tells how long they take"
    lines.append(
      "\(count) cells: \(count - left.count) valid, \(left.count - outOfDate) missing, \(outOfDate) out of date")
    lines.append("\(count) cells, \(left.count) to do, \(conditions.jobs) at a time: \(time)")
    return lines.joined(separator: "\n") + "\n"
  }
}
