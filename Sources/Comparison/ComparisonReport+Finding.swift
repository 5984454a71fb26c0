import Evaluation
import Reports
import Runs
import Training

extension ComparisonReport {
  /// What was found, in one sentence made from the numbers: who leads in the first column of the main table.
  package var finding: String {
    let places = result.rows.count * result.seeds.count * (result.folds ?? 1)
    let done = result.rows.reduce(0) { $0 + $1.cells.count }
    guard done > 0 else { return "No cell has finished yet." }
    let state = done < places ? "; \(done) of \(places) cells have finished so far" : ""
    guard let (score, lead) = lead else { return "The cells that have finished have none of the scores\(state)." }
    let seeds = result.seeds.count == 1 ? "on one seed" : "over \(result.seeds.count) seeds"
    return "In \(score) \(seeds), \(lead.text)\(state)."
  }

  /// The race in the first group's normalised score, or in the first column where nothing can be taken together.
  private var lead: (score: String, lead: Lead)? {
    if let aggregate = result.aggregates.first {
      let contenders = zip(result.rows, aggregate.means).compactMap { row, mean -> Lead.Contender? in
        mean.map { mean in
          let (value, low, high) = (mean.value * 100, mean.lower * 100, mean.upper * 100)
          let hasInterval = result.seeds.count > 1
          let ends = hasInterval ? " [\(Self.tenths(low)), \(Self.tenths(high))]" : ""
          return Lead.Contender(
            name: row.name, value: value, interval: hasInterval && low <= high ? low...high : nil,
            text: "\(Self.tenths(value))\(ends) %")
        }
      }
      return (
        "\(aggregate.phrase), the normalised mean of \(aggregate.tasks.count) "
          + "\(aggregate.tasks.count == 1 ? "score" : "scores")",
        Lead(contenders, higherIsBetter: true, unit: "points", caution: caution, format: Self.tenths)
      )
    }
    guard let column = mainColumn else { return nil }
    let metric = Metric(named: column.column.metric)
    let contenders = zip(result.rows, column.entries).compactMap { row, entry -> Lead.Contender? in
      entry.map { entry in
        let half = (entry.halfWidth ?? .nan) * metric.scale
        let value = entry.mean * metric.scale
        return Lead.Contender(
          name: row.name, value: value, interval: half.isFinite && value.isFinite ? value - half...value + half : nil,
          text: metric.text(entry.mean, halfWidth: entry.halfWidth) + (metric.isFraction ? " %" : ""))
      }
    }
    return (
      column.column.title,
      Lead(contenders, higherIsBetter: column.column.higherIsBetter, unit: metric.isFraction ? "points" : "") {
        metric.text($0 / metric.scale)
      }
    )
  }

  /// The first column of scores that a row has a value of.
  var mainColumn: ComparisonResult.ColumnResult? {
    result.columns.first { $0.column.group != Column.costGroup && $0.entries.contains { $0 != nil } }
  }

  /// Percentile intervals of few runs are narrower than their name says.
  private var caution: String {
    BootstrapLimits(runs: result.seeds.count).admits(confidence: 0.95)
      ? "" : ", which from \(result.seeds.count) seeds decides nothing"
  }

  private static func tenths(_ value: Double) -> String { Metric(named: "fraction").text(value / 100) }
}
