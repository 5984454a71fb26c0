import Diagnostics
import Foundation
import Recipes
import Runs
import Training

extension ComparisonPlan {
  /// The cells of the comparison with what is known of each, and an estimate of the time, without running any.
  ///
  /// - Parameter conditions: where the runs are, and how many cells there would be at a time.
  /// - Throws: where the data of finished cells cannot be read any more.
  package func text(_ conditions: ComparisonRun.Conditions, catalogue: RecipeCatalogue) throws(UserError) -> String {
    var look = try CellLook(self, conditions, catalogue: catalogue)
    let (folder, remarks) = (look.folder, look.remarks)
    let searched = searches.map { look.standing(of: $0.cell) }
    // Where a search has not ended any candidate stands for the chosen one: the number of cells is the same.
    let finals = finals(look.choices.map { $0 ?? 0 })
    var estimate = CellEstimate()
    estimate.add(runsOf: Set((searches + finals).map(\.cell.recipe.name)), in: conditions.runs)
    var lines = ["\(suite.title)", "\(suite.name) \(hash): \(folder.url.path)"] + remarks
    var (left, outOfDate): ([Cell], Int) = ([], 0)
    let phases = [("search", searches, searched), ("compare", finals, finals.map { look.standing(of: $0.cell) })]
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

  /// The cells of the comparison by their numbers, with what there is of each, without running any.
  ///
  /// - Throws: where the data of finished cells cannot be read any more.
  package func list(
    _ conditions: ComparisonRun.Conditions, catalogue: RecipeCatalogue
  ) throws(UserError) -> [ListedCell] {
    var look = try CellLook(self, conditions, catalogue: catalogue)
    for (_, search) in searches { _ = look.standing(of: search) }
    return numbered(look.completeChoices).map { planned in
      ListedCell(planned, planned.cell.map { look.standing(of: $0) })
    }
  }
}
