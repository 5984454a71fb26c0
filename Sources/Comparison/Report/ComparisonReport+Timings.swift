import Foundation
import Reports
import Runs
import Training

extension ComparisonReport {
  /// Where the time of all finished cells, of the figures and of the report went.
  package var timings: Timings {
    var all = Timings()
    for cell in result.rows.flatMap(\.cells) { cell.timings.map { all.add($0) } }
    if let after = folder.asRun.readTimings() { all.add(after) }
    return all
  }

  /// A row of the comparison a row: its seconds, and the shares of its parts that are a percent at least; nil where no cell
  /// keeps them.
  var timingTable: ScoreTable? {
    let known = result.rows.map { row in
      var own = Timings()
      for cell in row.cells { cell.timings.map { own.add($0) } }
      return (name: row.name, timings: own)
    }.filter { $0.timings.total > 0 }
    guard !known.isEmpty else { return nil }
    func percent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }
    let rows = known.map { name, timings -> [ScoreTable.Cell] in
      let others = timings.parts.filter { $0.name != Timings.steps && $0.seconds >= 0.01 * timings.total }
        .sorted { $0.seconds > $1.seconds }.map { "\($0.name) \(percent($0.seconds / timings.total))" }
      return [
        ScoreTable.Cell(name), ScoreTable.Cell(String(format: "%.1f", timings.total)),
        ScoreTable.Cell(percent(timings.shareOutsideSteps)), ScoreTable.Cell(others.joined(separator: ", ")),
      ]
    }
    return ScoreTable(
      title: "time by row", heads: ["row", "seconds", "outside the steps", "parts"], rows: rows, isNumeric: false)
  }

  /// Where the time went, for a terminal.
  package var plainTimings: String {
    guard let table = timingTable else { return "time: no cell kept where it went\n" }
    return table.plain + "\n" + ScoreTable.timings(timings).plain
      + String(format: "outside the optimiser's steps: %.1f %%\n", 100 * timings.shareOutsideSteps)
  }
}
