import Diagnostics
import Figures
import Foundation
import Training

/// Scores that were measured after each epoch of training, over all seeds.
package struct TrackedScores {
  /// One score over the epochs.
  package struct Course: Equatable {
    package let evaluator: String
    package let subject: String
    package let metric: String
    package let epochs: [Double]
    package let mean: [Double]
    package let lowest: [Double]
    package let highest: [Double]
  }

  /// The courses, in the order of the first seed's log.
  package let courses: [Course]
  /// How many seeds there are.
  package let seeds: Int

  /// The evaluators of what methods say of their own training, of an epoch's batches.
  private static let ofTraining: Set = ["pretext", "matching"]
  /// The most lines of a chart.
  private static let mostLines = 8

  /// Reads the courses of some logs; an epoch counts for a score that all of them have it after.
  package init(of logs: [[TrainingEvent]]) {
    let tracked = logs.map(Self.scores).filter { !$0.isEmpty }
    seeds = tracked.count
    func value(_ name: Score, _ log: [Int: [Score]], _ epoch: Int) -> Double? {
      log[epoch]?.last {
        $0.evaluator == name.evaluator && $0.subject == name.subject && $0.metric == name.metric
      }?.value
    }
    let epochs = tracked.first.map { $0.keys.sorted() } ?? []
    var names: [Score] = []
    for score in epochs.flatMap({ tracked[0][$0] ?? [] })
    where !names.contains(where: {
      $0.evaluator == score.evaluator && $0.subject == score.subject && $0.metric == score.metric
    }) {
      names.append(score)
    }
    let logs = tracked
    courses = names.compactMap { name in
      let measured = epochs.compactMap { epoch -> (epoch: Int, values: [Double])? in
        let values = logs.compactMap { value(name, $0, epoch) }
        return values.count == logs.count ? (epoch, values) : nil
      }
      guard measured.count > 1 else { return nil }
      let scale = Metric(named: name.metric).scale
      return Course(
        evaluator: name.evaluator, subject: name.subject, metric: name.metric,
        epochs: measured.map { Double($0.epoch) },
        mean: measured.map { scale * $0.values.reduce(0, +) / Double($0.values.count) },
        lowest: measured.map { scale * ($0.values.min() ?? .nan) },
        highest: measured.map { scale * ($0.values.max() ?? .nan) })
    }
  }

  /// The scores after each epoch; the last scores of a finished training are those of the result.
  private static func scores(of events: [TrainingEvent]) -> [Int: [Score]] {
    var events = events[...]
    if events.last == .finished {
      events = events.dropLast()
      if case .timed = events.last { events = events.dropLast() }
      if case .evaluated = events.last { events = events.dropLast() }
    }
    var scores: [Int: [Score]] = [:]
    var epoch: Int?
    for event in events {
      switch event {
      case .epoch(let record):
        // An epoch that is told of again is done again.
        epoch = record.epoch
        scores[record.epoch] = nil
      case .evaluated(let found): if let epoch { scores[epoch, default: []] += found }
      case .step: epoch = nil
      default: break
      }
    }
    return scores
  }

  /// A chart for each evaluator and, where metrics have different units, each metric.
  package var charts: [(name: String, title: String, courses: [Course])] {
    var charts: [(name: String, title: String, courses: [Course])] = []
    for course in courses {
      let isFraction = Metric(named: course.metric).isFraction
      let title = isFraction ? course.evaluator : "\(course.evaluator) \(course.metric)"
      if let index = charts.firstIndex(where: { $0.title == title }) {
        charts[index].courses.append(course)
      } else {
        charts.append(("epochs-" + FigurePlacement.slug(title), title, [course]))
      }
    }
    // Where there are too many lines, each subject keeps its first metric.
    return charts.map { chart in
      guard chart.courses.count > Self.mostLines, let first = chart.courses.first else { return chart }
      return (chart.name, chart.title, Array(chart.courses.filter { $0.metric == first.metric }.prefix(Self.mostLines)))
    }
  }

  /// The figure of some courses and what to say of it.
  package func figure(of courses: [Course], title: String) -> (figure: LineChart, caption: String) {
    let metrics = Set(courses.map(\.metric))
    let isFraction = courses.first.map { Metric(named: $0.metric).isFraction } ?? false
    let single = metrics.count == 1 ? courses.first?.metric : nil
    let chart = LineChart(
      title: title, x: Axis("epoch"), y: Axis(single ?? "score", unit: isFraction ? "%" : nil),
      series: courses.map { course in
        LineChart.Series(
          name: single == nil ? "\(course.subject): \(course.metric)" : course.subject, x: course.epochs,
          y: course.mean, band: seeds > 1 ? (lower: course.lowest, upper: course.highest) : nil)
      })
    let spread = seeds > 1 ? "mean of \(seeds) seeds in a band from the lowest to the highest" : "one seed"
    let isOfTraining = courses.first.map { Self.ofTraining.contains($0.evaluator) } ?? false
    let side = isOfTraining ? "in each epoch on its own batches" : "after each epoch on part of the validation side"
    return (chart, "Measured \(side), \(spread).")
  }
}
