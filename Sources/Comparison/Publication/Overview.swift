import Evaluation
import Kernels
import Reports

/// What the comparisons on several data sets come to together: of each row the interquartile mean of its runs on each data
/// set, its rank there, and how probable it is that a run of it beats one of the reference.
///
/// A run's score is the mean of its columns, each on the scale from chance to perfection. Data sets weigh alike, however
/// many runs they have: intervals draw the runs of each data set by themselves.
package struct Overview {
  /// Columns of what is measured alike on all data sets.
  package enum Family: String, CaseIterable, Sendable {
    /// Between modalities.
    case retrieval = "Retrieval"
    /// What frozen features tell of classes.
    case probes = "Probes and zero-shot"
    /// A classifier of complete observations and of single modalities.
    case missing = "Classification, complete and with modalities missing"

    /// The family of a column; nil where its scores are no task, as those of geometry.
    init?(_ column: Column) {
      guard column.isTask else { return nil }
      switch column.evaluator {
      case let name where name.hasPrefix("retrieval"): self = .retrieval
      case "linear probe", "zero-shot": self = .probes
      case "accuracy", "balanced accuracy": self = .missing
      default: return nil
      }
    }
  }

  /// A row of a table.
  package struct Row: Equatable, Sendable {
    /// The row's name.
    package let name: String
    /// The interquartile mean on each data set with its interval; nil where the row has none.
    package let means: [Bootstrap.Interval?]
    /// The rank on each data set, 1 for the best.
    package let ranks: [Int?]
    /// The mean over all data sets with its interval; nil where one is missing.
    package let mean: Bootstrap.Interval?
    /// The probability that a run beats one of the reference, the mean over the data sets that have both; nil for the
    /// reference itself.
    package let improvement: Bootstrap.Interval?

    /// The mean rank over all data sets; nil where one is missing.
    package var meanRank: Double? {
      let known = ranks.compactMap { $0 }
      return known.count == ranks.count && !known.isEmpty ? SampleStatistic.mean(of: known.map(Double.init)) : nil
    }
  }

  /// A table.
  package struct Table: Sendable {
    /// What it is of; nil for all families together.
    package let family: Family?
    /// The places of the data sets that have it.
    package let dataSets: [Int]
    /// The row that others are held against.
    package let reference: String
    /// The rows, the best mean first, then those that lack a data set.
    package let rows: [Row]
  }

  /// The comparisons.
  package let results: [ComparisonResult]
  /// All families together, then each.
  package let tables: [Table]

  /// Puts comparisons together.
  package init(_ results: [ComparisonResult]) {
    self.results = results
    let scores = results.map { result in
      Family.allCases.map { family in Self.runs(of: family, in: result) }
    }
    tables = ([nil] + Family.allCases.map(Optional.init)).compactMap { family in
      Self.table(family, results: results, scores: scores)
    }
  }

  /// Each row's runs by the place of the seed; empty where the comparison has no such column.
  private static func runs(of family: Family, in result: ComparisonResult) -> [String: [Int: Double]] {
    guard let found = RunScores(of: result.columns.filter { Family($0.column) == family }) else { return [:] }
    var runs: [String: [Int: Double]] = [:]
    for (row, values) in found.runs.enumerated() where !values.isEmpty {
      runs[result.rows[row].name] = Dictionary(uniqueKeysWithValues: zip(found.seeds[row], values))
    }
    return runs
  }

  /// The runs of all families that a comparison has, for the rows that have all of them.
  private static func joined(_ families: [[String: [Int: Double]]]) -> [String: [Double]] {
    let known = families.filter { !$0.isEmpty }
    guard let first = known.first else { return [:] }
    var runs: [String: [Double]] = [:]
    for (name, seeds) in first {
      let all = known.compactMap { $0[name] }
      let common = seeds.keys.filter { seed in all.allSatisfy { $0[seed] != nil } }.sorted()
      guard all.count == known.count, !common.isEmpty else { continue }
      runs[name] = common.map { seed in SampleStatistic.mean(of: all.compactMap { $0[seed] }) }
    }
    return runs
  }

  private static func table(
    _ family: Family?, results: [ComparisonResult], scores: [[[String: [Int: Double]]]]
  ) -> Table? {
    let runs = scores.map { families in
      joined(family.map { family in zip(Family.allCases, families).filter { $0.0 == family }.map(\.1) } ?? families)
    }
    let dataSets = runs.indices.filter { !runs[$0].isEmpty }
    let names = ScoreTable.unique(results.flatMap { $0.rows.map(\.name) }).filter { name in
      dataSets.contains { runs[$0][name] != nil }
    }
    // The row that the most data sets have, the first of such.
    func count(_ name: String) -> Int { dataSets.count { runs[$0][name] != nil } }
    guard
      let reference = names.max(by: { count($0) < count($1) }).flatMap({ best in
        names.first { count($0) == count(best) }
      })
    else { return nil }
    let bootstrap = StratifiedBootstrap(resamples: Aggregate.resamples)
    let iqm = SampleStatistic.interquartileMean
    let values = dataSets.map { place in runs[place].mapValues(iqm) }
    let rows = names.map { name -> Row in
      let own = dataSets.map { runs[$0][name] }
      var stream = RandomStream(seed: 0, name: "overview \(family?.rawValue ?? "all") \(name)")
      let means = own.map { runs in
        runs.map { runs in bootstrap.interval(of: [[runs]], using: &stream) { iqm($0[0][0]) } }
      }
      let ranks = zip(dataSets.indices, own).map { place, runs -> Int? in
        guard runs != nil, let value = values[place][name] else { return nil }
        return 1 + values[place].values.count { $0 > value }
      }
      let whole = own.compactMap { $0 }
      let mean =
        whole.count == own.count
        ? bootstrap.interval(of: [whole], using: &stream) { drawn in SampleStatistic.mean(of: drawn[0].map(iqm)) } : nil
      let both = dataSets.filter { runs[$0][name] != nil && runs[$0][reference] != nil }
      let improvement =
        name == reference || both.isEmpty
        ? nil
        : bootstrap.interval(
          of: [both.compactMap { runs[$0][name] }, both.compactMap { runs[$0][reference] }], using: &stream
        ) { drawn in SampleStatistic.mean(of: zip(drawn[0], drawn[1]).map { probability($0, over: $1) }) }
      return Row(name: name, means: means, ranks: ranks, mean: mean, improvement: improvement)
    }
    let sorted = rows.enumerated().sorted { first, second in
      switch (first.element.mean?.value, second.element.mean?.value) {
      case (let one?, let other?): one == other ? first.offset < second.offset : one > other
      case (nil, nil): first.offset < second.offset
      case (let one, _): one != nil
      }
    }.map(\.element)
    return Table(family: family, dataSets: dataSets, reference: reference, rows: sorted)
  }

  /// How often a run of the first beats one of the second, half of the ties counted.
  private static func probability(_ first: [Double], over second: [Double]) -> Double {
    var wins = 0.0
    for one in first { for other in second { wins += one > other ? 1 : one == other ? 0.5 : 0 } }
    return wins / Double(first.count * second.count)
  }
}

/// Resampling of runs within each data set.
private struct StratifiedBootstrap {
  let resamples: Int

  /// The percentile interval of a statistic of runs, `runs[method][data set][run]`, the runs of each drawn by themselves.
  func interval(
    of runs: [[[Double]]], using stream: inout RandomStream, statistic: ([[[Double]]]) -> Double
  ) -> Bootstrap.Interval {
    var statistics: [Double] = []
    statistics.reserveCapacity(resamples)
    for _ in 0..<resamples {
      var drawn = runs
      for method in runs.indices {
        for set in runs[method].indices {
          let own = runs[method][set]
          for run in own.indices { drawn[method][set][run] = own[stream.below(own.count)] }
        }
      }
      statistics.append(statistic(drawn))
    }
    return Bootstrap.Interval(
      value: statistic(runs), lower: SampleStatistic.quantile(0.025, of: statistics),
      upper: SampleStatistic.quantile(0.975, of: statistics))
  }
}
