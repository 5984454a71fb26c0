import Evaluation

/// A row's finished cells, by seed and fold.
struct FoldedOutcomes {
  private var outcomes: [Cell.Replicate: CellStore.Outcome] = [:]
  private let replicates: [Int: [Cell.Replicate]]

  /// Looks which of some cells have finished.
  ///
  /// - Parameter replicates: all that there are to be.
  init(of cells: [Cell.Name], replicates: [Cell.Replicate], store: inout CellStore) {
    self.replicates = Dictionary(grouping: replicates, by: \.seed)
    for cell in cells { outcomes[cell.replicate] = store.outcome(of: cell) }
  }

  /// A cell that has finished.
  subscript(replicate: Cell.Replicate) -> CellStore.Outcome? { outcomes[replicate] }

  /// Whether all folds of a seed have finished.
  func isWhole(seed: Int) -> Bool { replicates[seed]?.allSatisfy { outcomes[$0] != nil } ?? false }

  /// The test items of each seed that all folds keep, of all folds together.
  func items() -> [Int: ItemTable] {
    replicates.compactMapValues { folds in
      let tables = folds.compactMap { outcomes[$0]?.items }
      guard tables.count == folds.count else { return nil }
      return tables.count == 1 ? tables[0] : ItemTable(pooling: tables)
    }
  }

  /// A score or cost by seed: the mean over all folds, for the seeds that have it of each.
  func values(of column: Column) -> [Int: Double] {
    replicates.compactMapValues { folds in
      let values = folds.compactMap { outcomes[$0]?.value(of: column) }
      guard values.count == folds.count else { return nil }
      return values.count == 1 ? values[0] : SampleStatistic.mean(of: values)
    }
  }
}
