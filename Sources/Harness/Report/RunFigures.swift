import Diagnostics
import Figures
import Foundation

/// The figures of a run, drawn from its files alone.
///
/// A figure whose files are missing is left out: an experiment need not write representations.
public struct RunFigures {
  private let folder: RunFolder
  private let result: RunResult

  /// Reads the result of a run.
  public init(_ folder: RunFolder) throws(UserError) {
    self.folder = folder
    result = try folder.readResult()
  }

  /// Draws loss curves, scores by subject and the principal components of the representations, in SVG and PNG.
  ///
  /// - Returns: the files written.
  /// - Throws: where a file is damaged or gnuplot cannot draw.
  @discardableResult public func draw() throws(UserError) -> [URL] {
    var figures: [(name: String, figure: any Figure)] = []
    if let chart = try lossCurves() { figures.append(("loss-curves", chart)) }
    figures += scoreFigures()
    for seed in result.seeds {
      guard let points = try RepresentationFile(ofSeed: folder.seed(seed)) else { continue }
      figures.append(("representations", try points.principalComponents(title: "\(result.title), seed \(seed)")))
      break
    }
    guard !figures.isEmpty else { return [] }
    try RunFolder.createFolder(folder.figures)
    var files: [URL] = []
    for (name, figure) in figures { files += try figure.render(to: folder.figures, name: name) }
    return files
  }

  /// The loss terms by step, each the mean over the seeds in a band from the lowest to the highest.
  private func lossCurves() throws(UserError) -> LineChart? {
    var seeds: [[StepRecord]] = []
    for seed in result.seeds {
      let file = folder.metrics(ofSeed: seed)
      guard FileManager.default.fileExists(atPath: file.path) else { continue }
      let steps = try MetricsLog.events(in: file).compactMap { if case .step(let record) = $0 { record } else { nil } }
      if !steps.isEmpty { seeds.append(steps) }
    }
    let series = Self.lossSeries(of: seeds)
    guard !series.isEmpty else { return nil }
    return LineChart(
      title: "\(result.title): loss", x: Axis("step"), y: Axis("loss"),
      series: series.map { curve in
        LineChart.Series(
          name: curve.name, x: curve.steps, y: curve.mean,
          band: seeds.count > 1 ? (lower: curve.lowest, upper: curve.highest) : nil)
      })
  }

  /// A loss term over the steps of all seeds.
  struct LossSeries: Equatable {
    let name: String
    let steps: [Double]
    let mean: [Double]
    let lowest: [Double]
    let highest: [Double]
  }

  /// The loss terms over the steps that all seeds have, averaged over bins where there are many steps.
  static func lossSeries(of seeds: [[StepRecord]], points: Int = 200) -> [LossSeries] {
    guard let first = seeds.first?.first, let count = seeds.map(\.count).min(), count > 0 else { return [] }
    let bins = min(points, count)
    return first.terms.map(\.name).map { name in
      var series: (steps: [Double], mean: [Double], lowest: [Double], highest: [Double]) = ([], [], [], [])
      for bin in 0..<bins {
        let range = bin * count / bins..<(bin + 1) * count / bins
        let values = seeds.map { steps in
          steps[range].reduce(0.0) { sum, record in
            sum + (record.terms.first { $0.name == name }?.value ?? .nan)
          } / Double(range.count)
        }
        series.steps.append(range.reduce(0.0) { $0 + Double(seeds[0][$1].step) } / Double(range.count))
        series.mean.append(values.reduce(0, +) / Double(values.count))
        series.lowest.append(values.min() ?? .nan)
        series.highest.append(values.max() ?? .nan)
      }
      return LossSeries(
        name: name, steps: series.steps, mean: series.mean, lowest: series.lowest, highest: series.highest)
    }
  }

  /// One figure per evaluator with fractions: bars with intervals for one metric, a heat map for several.
  private func scoreFigures() -> [(name: String, figure: any Figure)] {
    func unique(_ names: [String]) -> [String] {
      var seen: Set<String> = []
      return names.filter { seen.insert($0).inserted }
    }
    let fractions = result.scores.filter { Metric(named: $0.metric).isFraction }
    return unique(fractions.map(\.evaluator)).map { evaluator in
      let own = fractions.filter { $0.evaluator == evaluator }
      let subjects = unique(own.map(\.subject))
      let metrics = unique(own.map(\.metric))
      func score(_ subject: String, _ metric: String) -> ScoreSummary? {
        own.first { $0.subject == subject && $0.metric == metric }
      }
      let title = "\(result.title): \(evaluator)"
      let name = "scores-" + String(evaluator.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "-" })
      if metrics.count == 1 {
        let scores = subjects.compactMap { score($0, metrics[0]) }
        let bars = BarChart.Series(
          name: metrics[0], values: scores.map { $0.mean * 100 },
          intervals: scores.map { score in
            score.halfWidth.map { (score.mean - $0) * 100...(score.mean + $0) * 100 }
          })
        return (
          name,
          BarChart(
            title: title, groups: subjects, y: Axis(metrics[0], unit: "%", range: 0...100), series: [bars])
        )
      }
      return (
        name,
        HeatMap(
          title: title, rows: subjects, columns: metrics,
          values: subjects.map { subject in metrics.map { (score(subject, $0)?.mean ?? .nan) * 100 } },
          scale: Axis("score", unit: "%", range: 0...100), decimals: 1)
      )
    }
  }
}
