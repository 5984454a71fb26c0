import Diagnostics
import Evaluation
import Figures
import Foundation
import Runs
import Training

/// The figures of a comparison, drawn from its numbers and its cells' files.
package struct ComparisonFigures {
  private struct Plan {
    let name: String
    let title: String
    let kind: FigureEntry.Kind
    let draw: () throws(UserError) -> (figure: any Figure, caption: String)
  }

  private let result: ComparisonResult
  private let folder: ComparisonFolder

  /// Figures of a result.
  package init(_ result: ComparisonResult, in folder: ComparisonFolder) {
    self.result = result
    self.folder = folder
  }

  /// Draws all figures that the numbers allow and writes their captions, see `FigureList`.
  ///
  /// - Throws: the first fault, after all that can be drawn is drawn.
  package func draw() throws(UserError) {
    let plans = ranks + [heatMap, tradeOff, sweep].compactMap { $0 } + embeddings
    guard !plans.isEmpty else { return }
    let run = folder.asRun
    try RunFolder.createFolder(run.figures)
    AtomicFile.removeLeftovers(in: run.figures)
    var entries: [FigureEntry] = []
    var failure: UserError?
    for plan in plans {
      do throws(UserError) {
        let (figure, caption) = try plan.draw()
        try figure.render(to: run.figures, name: plan.name)
        entries.append(FigureEntry(name: plan.name, title: plan.title, caption: caption, kind: plan.kind))
      } catch {
        failure = failure ?? error
        // Where gnuplot or the disk fails, it fails for the others too.
        if error.kind == .inputOutput { break }
      }
    }
    try FigureList.write(entries, in: run)
    if let failure { throw failure }
  }

  static func slug(_ text: String) -> String {
    let letters = text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    return String(letters).split(separator: "-").joined(separator: "-")
  }

  private var isOneSeed: Bool { result.seeds.count == 1 }

  private var seeds: String { isOneSeed ? "one seed" : "\(result.seeds.count) seeds" }

  /// What a caption says of means and their intervals.
  private var means: String {
    isOneSeed ? "one seed, without an interval" : "mean ± half of the 95 % interval over \(seeds)"
  }

  /// The kinds in the suite's order, so that one has the same colour in every figure.
  private var kinds: [String] { result.rows.map(\.kind) }

  private func entries(
    _ values: [(row: Int, value: Double, interval: ClosedRange<Double>?)], higherIsBetter: Bool
  ) -> [RankPlot.Entry] {
    values.sorted { higherIsBetter ? $0.value > $1.value : $0.value < $1.value }.map { row, value, interval in
      RankPlot.Entry(name: result.rows[row].name, value: value, interval: interval, kind: result.rows[row].kind)
    }
  }

  /// The rows in the order of each group's interquartile mean, and of the columns that the suite names.
  private var ranks: [Plan] {
    let groups = result.aggregates.map { aggregate in
      let title = "\(aggregate.group): normalised score"
      return Plan(name: "rank-\(Self.slug(aggregate.group))", title: title, kind: .scores) { () throws(UserError) in
        let values = aggregate.means.enumerated().compactMap { row, mean in
          mean.map { (row, $0.value * 100, $0.upper > $0.lower ? $0.lower * 100...$0.upper * 100 : nil) }
        }
        let chart = RankPlot(
          title: "\(result.title): \(title)", x: Axis("from chance to perfection", unit: "%"),
          entries: entries(values, higherIsBetter: true), kinds: kinds)
        return (
          chart,
          "Mean over \(aggregate.tasks.joined(separator: ", ")), each from chance (0) to perfection (100), "
            + (isOneSeed
              ? "of one seed."
              : "the interquartile mean of \(seeds), with the percentile interval of \(Aggregate.resamples) draws of whole "
                + "runs.")
        )
      }
    }
    let columns = result.figures.ranks.compactMap { title in result.columns.first { $0.column.title == title } }
    return groups
      + columns.filter { $0.entries.contains { $0 != nil } }.map { column in
        Plan(name: "rank-\(Self.slug(column.column.title))", title: column.column.title, kind: .scores) {
          () throws(UserError) in
          let metric = Metric(named: column.column.metric)
          let values = column.entries.enumerated().compactMap { row, entry in
            entry.map { (row, $0.mean * metric.scale, Self.interval($0, scale: metric.scale)) }
          }
          let chart = RankPlot(
            title: "\(result.title): \(column.column.title)",
            x: Axis(column.column.title, unit: metric.isFraction ? "%" : nil),
            entries: entries(values, higherIsBetter: column.column.better != .lower), kinds: kinds,
            decimals: metric.isFraction ? 1 : 3)
          return (chart, "\(column.column.score), \(means).")
        }
      }
  }

  private static func interval(_ entry: ComparisonResult.Entry, scale: Double) -> ClosedRange<Double>? {
    guard let half = entry.halfWidth, half.isFinite, entry.mean.isFinite else { return nil }
    return (entry.mean - half) * scale...(entry.mean + half) * scale
  }

  private var heatMap: Plan? {
    guard let grid = result.figures.heatMap, result.rows.contains(where: { $0.map.contains { $0 != nil } }) else {
      return nil
    }
    return Plan(name: "heat-map", title: grid.title, kind: .scores) { () throws(UserError) in
      let metric = Metric(named: grid.metric)
      let map = HeatMap(
        title: "\(result.title): \(grid.title)", rows: result.rows.map(\.name), columns: grid.subjects,
        values: result.rows.map { row in row.map.map { ($0 ?? .nan) * metric.scale } },
        scale: Axis("\(grid.evaluator), \(grid.metric)", unit: metric.isFraction ? "%" : nil),
        decimals: metric.isFraction ? 1 : 2)
      return (
        map,
        "\(grid.evaluator.prefix(1).uppercased() + grid.evaluator.dropFirst()) on \(grid.metric), the mean over \(seeds); "
          + "a dash is what a method has no score of."
      )
    }
  }

  /// A score against the wall time of a cell.
  private var tradeOff: Plan? {
    guard let seconds = result.columns.first(where: { $0.column == Column.costs[0] }) else { return nil }
    var values: [(row: Int, y: Double, interval: ClosedRange<Double>?)]
    let (label, unit, caption): (String, String?, String)
    if let title = result.figures.tradeOff, let column = result.columns.first(where: { $0.column.title == title }) {
      let metric = Metric(named: column.column.metric)
      values = column.entries.enumerated().compactMap { row, entry in
        entry.map { (row, $0.mean * metric.scale, Self.interval($0, scale: metric.scale)) }
      }
      (label, unit) = (title, metric.isFraction ? "%" : nil)
      caption = "\(column.column.score), \(means)"
    } else if let aggregate = result.aggregates.first {
      values = aggregate.means.enumerated().compactMap { row, mean in
        mean.map { (row, $0.value * 100, result.seeds.count > 1 ? $0.lower * 100...$0.upper * 100 : nil) }
      }
      (label, unit) = ("\(aggregate.group), normalised score", "%")
      caption = "Normalised score of \(aggregate.phrase) over \(seeds)"
    } else {
      return nil
    }
    values = values.filter { seconds.entries[$0.row] != nil }
    guard !values.isEmpty else { return nil }
    return Plan(name: "trade-off", title: "\(label) against time", kind: .scores) { () throws(UserError) in
      let chart = TradeOffChart(
        title: "\(result.title): \(label) against time",
        x: Axis("training and evaluation", unit: "s", isLogarithmic: true),
        y: Axis(label, unit: unit),
        points: values.map { row, y, interval in
          TradeOffChart.Point(
            name: result.rows[row].name, x: seconds.entries[row]?.mean ?? .nan, y: y, interval: interval,
            kind: result.rows[row].kind)
        }, kinds: kinds)
      return (chart, "\(caption), against the mean wall time of a cell; searches are not in it.")
    }
  }

  /// A score over a setting that was searched.
  private var sweep: Plan? {
    guard let sweep = result.figures.sweep else { return nil }
    let prefix = "\(sweep.setting)="
    let series = result.rows.compactMap { row -> LineChart.Series? in
      var found: [Double: [Double]] = [:]
      for candidate in row.candidates {
        guard let text = candidate.settings.first(where: { $0.hasPrefix(prefix) }),
          let x = Double(text.dropFirst(prefix.count)), let y = candidate.sweep
        else { continue }
        found[x, default: []].append(y)
      }
      let points = found.sorted { $0.key < $1.key }
      guard points.count > 1 else { return nil }
      return LineChart.Series(
        name: row.name, x: points.map(\.key), y: points.map { $0.value.reduce(0, +) / Double($0.value.count) })
    }
    guard !series.isEmpty else { return nil }
    let title = "\(sweep.score.metric) over \(sweep.setting)"
    return Plan(name: "sweep", title: title, kind: .geometry) { () throws(UserError) in
      let places = series.flatMap(\.x)
      let isWide = (places.min() ?? 0) > 0 && (places.max() ?? 0) / (places.min() ?? 1) >= 4
      let chart = LineChart(
        title: "\(result.title): \(title)", x: Axis(sweep.setting, isLogarithmic: isWide),
        y: Axis("\(sweep.score.metric), \(sweep.score.subject)"), series: series)
      return (
        chart,
        "\(sweep.score.score) of the trainings of the search: validation side, seed \(result.searchSeed ?? 0), settings "
          + "\(result.searchSettings.joined(separator: " ")); where more was searched, the mean over it."
      )
    }
  }

  /// Maps of all methods that have representations.
  private var embeddings: [Plan] {
    let maps = EmbeddingMaps(result, in: folder)
    guard !maps.isEmpty else { return [] }
    return EmbeddingMaps.Colouring.allCases.map { colouring in
      Plan(
        name: "embedding-by-\(colouring.rawValue)", title: "representations by \(colouring.rawValue)", kind: .embedding
      ) { () throws(UserError) in
        let (figure, caption) = try maps.figure(colouring, title: "\(result.title): by \(colouring.rawValue)")
        return (figure, caption)
      }
    }
  }
}
