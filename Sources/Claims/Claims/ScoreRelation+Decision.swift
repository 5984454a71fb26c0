import Foundation
import Reports
import Runs
import Training

extension ScoreRelation {
  /// Says whether it is true of two values, with the words and numbers for it.
  ///
  /// - Parameter other: the value of the reference; `nil` where that is a number.
  func decide(
    _ own: CommittedResults.Value, against other: CommittedResults.Value?
  ) -> (decision: Decision, text: String, figures: TestOutcome.Figures) {
    let metric = term.metric
    let held: CommittedResults.Value
    if let other {
      held = other
    } else {
      var number = 0.0
      if case .number(let shown) = reference { number = shown / metric.scale }
      held = CommittedResults.Value(
        summary: ScoreSummary(
          evaluator: own.summary.evaluator, subject: own.summary.subject, metric: own.summary.metric,
          values: own.seeds.map { _ in number }), seeds: own.seeds)
    }
    func outcome(_ relation: String, _ difference: ScoreDifference?, _ decision: Decision)
      -> (Decision, String, TestOutcome.Figures)
    {
      let mean = own.summary.mean - held.summary.mean
      var text = "\(metric.text(own.summary.mean, halfWidth: own.summary.halfWidth)) \(relation)"
      if let difference {
        text += "; difference \(metric.text(mean, halfWidth: difference.halfWidth)), \(Self.words(difference.method))"
      }
      let figures = TestOutcome.Figures(
        term: own.summary, reference: other?.summary, difference: difference, mean: mean)
      let isNumber = own.summary.mean.isFinite && held.summary.mean.isFinite
      return (isNumber ? decision : .open, text, figures)
    }
    let against = words(for: held)
    switch kind {
    case .greater(_, let by), .less(_, let by):
      let isGreater = if case .greater = kind { true } else { false }
      let difference = Self.difference(own, less: held, shift: (isGreater ? -by : by) / metric.scale)
      let decision: Decision = difference.excludesZero ? ((difference.mean > 0) == isGreater ? .yes : .no) : .open
      let margin = by > 0 ? " by \(Self.number(by))" : ""
      return outcome("\(isGreater ? "greater" : "less")\(margin) than \(against)", difference, decision)
    case .within(let tolerance, _):
      let difference = Self.difference(own, less: held, shift: 0)
      return outcome(
        "within \(Self.number(tolerance)) of \(against)", difference,
        Self.isInside(difference, tolerance / metric.scale))
    case .atLeast(let share, _), .atMost(let share, _):
      let isLower = if case .atLeast = kind { true } else { false }
      let bound = share * held.summary.mean
      // As far as rounding goes a mean that equals the bound meets it.
      let slack = 1e-9 * max(abs(bound), 1e-3)
      let isMet = isLower ? own.summary.mean >= bound - slack : own.summary.mean <= bound + slack
      let part = share == 1 ? "" : "\(Self.number(share)) of "
      let value = share == 1 ? "" : " = \(metric.text(bound))"
      return outcome("\(isLower ? "at least" : "at most") \(part)\(against)\(value)", nil, isMet ? .yes : .no)
    }
  }

  private func words(for held: CommittedResults.Value) -> String {
    switch reference {
    case .number(let shown): Self.number(shown)
    case .term(let other):
      "\(other.description(besides: term)) \(term.metric.text(held.summary.mean, halfWidth: held.summary.halfWidth))"
    }
  }

  /// The first value plus a shift less the second.
  private static func difference(
    _ own: CommittedResults.Value, less other: CommittedResults.Value, shift: Double
  ) -> ScoreDifference {
    let shifted = ScoreSummary(
      evaluator: own.summary.evaluator, subject: own.summary.subject, metric: own.summary.metric,
      values: own.summary.values.map { $0 + shift })
    return ScoreDifference(other.summary, seeds: other.seeds, shifted, seeds: own.seeds)
  }

  /// Whether the interval of a difference lies inside a tolerance on both sides of 0; open where it crosses it.
  private static func isInside(_ difference: ScoreDifference, _ tolerance: Double) -> Decision {
    guard let halfWidth = difference.halfWidth, halfWidth.isFinite else { return .open }
    let slack = 1e-9 * max(tolerance, 1e-3)
    if abs(difference.mean) + halfWidth <= tolerance + slack { return .yes }
    return abs(difference.mean) - halfWidth > tolerance ? .no : .open
  }

  private static func words(_ method: ScoreDifference.Method) -> String {
    switch method {
    case .paired: "paired by seed"
    case .welch: "by Welch, the seeds differ"
    case .none: "no interval with one seed"
    }
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
  }
}
