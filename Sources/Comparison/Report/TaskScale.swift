import Foundation
import Training

/// What a column's values are measured on, so that columns can be put together.
struct TaskScale {
  private let scale: ScoreScale?
  private let origin: String
  /// Every run's value, by row.
  private let values: [[Double]]
  private let isHigherBetter: Bool
  private let metric: Metric

  /// Takes what the suite or the evaluator says; without either the runs' order.
  init(_ column: ComparisonResult.ColumnResult) {
    metric = Metric(named: column.column.metric)
    isHigherBetter = column.column.better != .lower
    values = column.entries.map { $0?.values.compactMap { $0 } ?? [] }
    scale = [column.column.scale, column.scale].compactMap { $0 }.first(where: \.isUsable)
    origin = column.column.scale == nil ? "" : " (suite)"
  }

  /// A value on the scale, about 0 to 1.
  func value(_ value: Double, of row: Int) -> Double {
    if let scale { return scale.normalised(value) }
    let others = values.indices.filter { $0 != row }.flatMap { values[$0] }
    guard !others.isEmpty else { return 0.5 }
    let beaten = others.reduce(0.0) { sum, other in
      sum + (value == other ? 0.5 : (value > other) == isHigherBetter ? 1 : 0)
    }
    return beaten / Double(others.count)
  }

  /// The scale in words.
  var words: String {
    guard let scale else { return "share of the other rows' runs that are beaten" }
    func text(_ value: Double) -> String { String(format: "%.\(metric.isFraction ? 1 : 3)f", value * metric.scale) }
    return "\(text(scale.chance)) by chance to \(text(scale.ceiling))\(metric.isFraction ? " %" : "")\(origin)"
  }

  /// The columns that count, each once, and what is left out in words: a column repeats an earlier one of the same score,
  /// or of the same value in every run of every row.
  static func tasks(
    among columns: [ComparisonResult.ColumnResult]
  ) -> (columns: [ComparisonResult.ColumnResult], repetitions: [String]) {
    var kept: [ComparisonResult.ColumnResult] = []
    var repetitions: [String] = []
    for column in columns {
      let earlier = kept.first { other in
        other.column.score == column.column.score
          || other.entries.map { $0?.values } == column.entries.map { $0?.values }
      }
      if let earlier {
        repetitions.append("“\(column.column.title)” repeats “\(earlier.column.title)”")
      } else {
        kept.append(column)
      }
    }
    return (kept, repetitions)
  }
}
