import Evaluation

/// What every run of every row scored on some columns, each column on its scale.
struct RunScores {
  /// The columns that count.
  let tasks: [ComparisonResult.ColumnResult]
  /// The columns that do not since they repeat another, in words.
  let repetitions: [String]
  /// What each of the tasks is measured on.
  let scales: [TaskScale]
  /// The places of the seeds that each row has all tasks of.
  let seeds: [[Int]]
  /// `[row][task][run]`.
  let scores: [[[Double]]]

  /// The mean of a run over the tasks, `[row][run]`.
  var runs: [[Double]] {
    scores.map { tasks in
      guard let count = tasks.first?.count else { return [] }
      return (0..<count).map { run in SampleStatistic.mean(of: tasks.map { $0[run] }) }
    }
  }

  /// Takes columns together; `nil` where there is none, or no row has all.
  init?(of columns: [ComparisonResult.ColumnResult]) {
    // A column that no row has measures nothing.
    let measured = columns.filter { $0.entries.contains { $0 != nil } }
    let (tasks, repetitions) = TaskScale.tasks(among: measured)
    guard let rows = measured.first?.entries.indices else { return nil }
    let seeds = rows.map { row -> [Int] in
      let values = tasks.compactMap { $0.entries[row]?.values }
      guard values.count == tasks.count, let seeds = values.first?.indices else { return [] }
      return seeds.filter { seed in values.allSatisfy { $0[seed]?.isFinite == true } }
    }
    guard seeds.contains(where: { !$0.isEmpty }) else { return nil }
    let scales = tasks.map(TaskScale.init)
    scores = rows.map { row in
      zip(tasks, scales).map { column, scale in
        seeds[row].compactMap { seed in column.entries[row]?.values[seed].map { scale.value($0, of: row) } }
      }
    }
    (self.tasks, self.repetitions, self.scales, self.seeds) = (tasks, repetitions, scales, seeds)
  }
}
