import Evaluation
import Foundation
import Runs
import Training

/// The finished cells in a comparison's folder.
package struct CellStore {
  /// A finished cell.
  package struct Outcome: Sendable {
    /// The folder of the cell's run.
    package let folder: RunFolder
    /// What the run was.
    package let manifest: Manifest
    /// The scores of the cell.
    package let result: RunResult
    /// The greatest memory of its process in bytes, where it is known.
    package let peakMemory: Int?
    /// The share of the wall time in which its process waited for a processor, where it is known.
    package let waiting: Double?
    /// Where its time went, where it is known.
    package let timings: Timings?

    /// What the test items came to; `nil` where the cell does not keep it.
    package let items: ItemTable?

    /// What chance and perfection give for a score; `nil` where its evaluator does not say.
    package func scale(of column: Column) -> ScoreScale? {
      result.scores.first {
        $0.evaluator == column.evaluator && $0.subject == column.subject && $0.metric == column.metric
      }?.scale
    }

    /// The value of a score or cost; `nil` where it was not measured, or says nothing, as a wall time beside other work.
    package func value(of column: Column) -> Double? {
      if column.group == Column.costGroup {
        switch column.metric {
        case "seconds": return SeedResult.isOwnTime(waiting: waiting) ? result.wallSeconds.first : nil
        case "parameters": return result.parameterCount.map(Double.init)
        default: return peakMemory.map { Double($0) / Double(1 << 20) }
        }
      }
      return result.scores.first {
        $0.evaluator == column.evaluator && $0.subject == column.subject && $0.metric == column.metric
      }?.values.first
    }
  }

  private let folder: ComparisonFolder
  private var outcomes: [Cell.Name: Outcome] = [:]

  /// Looks into no file yet.
  package init(_ folder: ComparisonFolder) { self.folder = folder }

  /// A cell that has finished; what is known once is not read again.
  package mutating func outcome(of cell: Cell.Name) -> Outcome? {
    if let known = outcomes[cell] { return known }
    let runs = RunFolder.all(of: cell.family, in: folder.cells, hash: cell.hash)
    for (run, manifest) in runs
    where manifest.recipeHash == cell.hash && manifest.ending == .finished {
      if let outcome = take(run, manifest, as: cell) { return outcome }
    }
    return nil
  }

  /// Knows a cell by a run wherever it is; nil where that has no result.
  @discardableResult mutating func take(_ run: RunFolder, _ manifest: Manifest, as cell: Cell.Name) -> Outcome? {
    guard let result = try? run.readResult() else { return nil }
    let seed = try? run.readSeedResult(cell.seed)
    let outcome = Outcome(
      folder: run, manifest: manifest, result: result, peakMemory: seed?.peakMemory, waiting: seed?.waiting,
      timings: seed?.timings,
      items: (try? ItemsFile.read(from: run.items))?[cell.seed])
    outcomes[cell] = outcome
    return outcome
  }

  /// The candidate of each row whose searches have all finished; nil of the others.
  package mutating func completeChoices(_ record: ComparisonRecord) -> [Int?] {
    let choices = choices(record)
    return record.rows.indices.map { index in
      for candidate in record.rows[index].candidates {
        if let search = candidate.search, outcome(of: search) == nil { return nil }
      }
      return choices[index]
    }
  }

  /// The candidate of each row: the only one, or that with the best score of its search.
  ///
  /// - Returns: `nil` for a row none of whose searches has finished. Of equal candidates it is the first.
  package mutating func choices(_ record: ComparisonRecord) -> [Int?] {
    record.rows.map { row in
      guard row.candidates.count > 1, let search = record.search else { return 0 }
      var best: (index: Int, value: Double)?
      for (index, candidate) in row.candidates.enumerated() {
        guard let name = candidate.search, let value = outcome(of: name)?.value(of: search.score), value.isFinite
        else { continue }
        guard let present = best else {
          best = (index, value)
          continue
        }
        let isBetter = search.score.higherIsBetter == true ? value > present.value : value < present.value
        if isBetter { best = (index, value) }
      }
      return best?.index
    }
  }
}
