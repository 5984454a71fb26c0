import Diagnostics
import Figures
import Foundation
import Training

/// The terms of a loss over the steps of training, over all seeds.
struct LossCurves {
  /// One term.
  struct Term: Equatable {
    let name: String
    let steps: [Double]
    let mean: [Double]
    let lowest: [Double]
    let highest: [Double]
  }

  /// The terms in the order of the log, the total first.
  let terms: [Term]
  /// How many seeds have a log.
  let seeds: Int
  /// How many steps a point is the mean of.
  let stepsPerPoint: Int

  /// Averages over bins where there are many steps; only the steps that all seeds have count.
  init(of seeds: [[StepRecord]], points: Int = 160) {
    let logs = seeds.map { Self.lastOfEachStep($0) }.filter { !$0.isEmpty }
    self.seeds = logs.count
    guard let first = logs.first?.first, let count = logs.map(\.count).min() else {
      (terms, stepsPerPoint) = ([], 1)
      return
    }
    let bins = min(points, count)
    stepsPerPoint = (count + bins - 1) / bins
    terms = first.terms.map(\.name).map { name in
      var series: (steps: [Double], mean: [Double], lowest: [Double], highest: [Double]) = ([], [], [], [])
      for bin in 0..<bins {
        let range = bin * count / bins..<(bin + 1) * count / bins
        let values = logs.map { steps in
          steps[range].reduce(0.0) { sum, record in
            sum + (record.terms.first { $0.name == name }?.value ?? .nan)
          } / Double(range.count)
        }
        series.steps.append(range.reduce(0.0) { $0 + Double(logs[0][$1].step) } / Double(range.count))
        series.mean.append(values.reduce(0, +) / Double(values.count))
        series.lowest.append(values.min() ?? .nan)
        series.highest.append(values.max() ?? .nan)
      }
      return Term(name: name, steps: series.steps, mean: series.mean, lowest: series.lowest, highest: series.highest)
    }
  }

  /// The steps in their order; of one that was done again after an interruption the last record counts.
  private static func lastOfEachStep(_ records: [StepRecord]) -> [StepRecord] {
    if zip(records, records.dropFirst()).allSatisfy({ $0.step < $1.step }) { return records }
    let last = Dictionary(records.map { ($0.step, $0) }) { $1 }
    return last.values.sorted { $0.step < $1.step }
  }

  /// Whether a logarithmic axis shows more: every value is positive, and the largest is many times the smallest.
  var needsLogarithm: Bool {
    let values = terms.flatMap(\.mean).filter(\.isFinite)
    let least = terms.flatMap(\.lowest).filter(\.isFinite).min() ?? 0
    guard let smallest = values.min(), let largest = values.max(), least > 0 else { return false }
    return largest / smallest >= 20
  }

  /// The chart and what to say of it.
  func figure(title: String) -> (figure: LineChart, caption: String) {
    let chart = LineChart(
      title: title, x: Axis("step"), y: Axis("loss", isLogarithmic: needsLogarithm),
      series: terms.map { term in
        LineChart.Series(
          name: term.name, x: term.steps, y: term.mean,
          band: seeds > 1 ? (lower: term.lowest, upper: term.highest) : nil)
      })
    var caption = terms.count > 1 ? "The total loss and its terms by training step" : "The loss by training step"
    caption += seeds > 1 ? ", mean of \(seeds) seeds in a band from the lowest to the highest." : ", one seed."
    if stepsPerPoint > 1 { caption += " A point is the mean of about \(stepsPerPoint) steps." }
    if needsLogarithm { caption += " The vertical axis is logarithmic." }
    return (chart, caption)
  }
}
