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

  /// The most lines of a chart.
  private static let mostLines = 8

  /// Reads the courses of some logs; an epoch counts that all of them have.
  package init(of logs: [[TrainingEvent]]) {
    let tracked = logs.map(Self.scores).filter { !$0.isEmpty }
    seeds = tracked.count
    guard let first = tracked.first, let names = first.values.first else {
      courses = []
      return
    }
    let epochs = first.keys.filter { epoch in tracked.allSatisfy { $0[epoch] != nil } }.sorted()
    courses =
      epochs.count < 2
      ? []
      : names.map { name in
        let values = epochs.map { epoch in
          tracked.map { log in
            log[epoch]?.first {
              $0.evaluator == name.evaluator && $0.subject == name.subject && $0.metric == name.metric
            }?.value ?? .nan
          }
        }
        let scale = Metric(named: name.metric).scale
        return Course(
          evaluator: name.evaluator, subject: name.subject, metric: name.metric, epochs: epochs.map(Double.init),
          mean: values.map { scale * $0.reduce(0, +) / Double($0.count) },
          lowest: values.map { scale * ($0.min() ?? .nan) }, highest: values.map { scale * ($0.max() ?? .nan) })
      }
  }

  /// The scores after each epoch; the last scores of a finished training are those of the result.
  private static func scores(of events: [TrainingEvent]) -> [Int: [Score]] {
    var events = events[...]
    if events.last == .finished {
      events = events.dropLast()
      if case .evaluated = events.last { events = events.dropLast() }
    }
    var scores: [Int: [Score]] = [:]
    var epoch: Int?
    for event in events {
      switch event {
      case .epoch(let record): epoch = record.epoch
      case .evaluated(let found): if let epoch { scores[epoch] = found }
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
    return (chart, "Measured after each epoch on part of the validation side, \(spread).")
  }
}
