import Evaluation
import Foundation
import Recipes
import Runs
import Training

extension Report {
  /// What was found, in one sentence made from the numbers.
  public var finding: String {
    records.count == 1 ? Self.finding(of: records[0].result) : findingOfSeveral
  }

  /// The score that the report opens with: a run's own main score, or the first run's that another has too.
  var mainScore: MainScore? {
    let first = records[0].result
    guard records.count > 1 else { return MainScore(of: first) }
    let shared = first.scores.filter { score in
      records.dropFirst().contains { Self.score(like: score, of: $0) != nil }
    }
    return MainScore(among: shared, expected: first.expected) ?? MainScore(of: first)
  }

  private static func score(like score: ScoreSummary, of record: RunRecord) -> ScoreSummary? {
    record.result.scores.first {
      ($0.evaluator, $0.subject, $0.metric) == (score.evaluator, score.subject, score.metric)
    }
  }

  private static func finding(of result: RunResult) -> String {
    let count = result.seeds.count
    let start = count > 1 ? "Over \(count) seeds" : "On one seed, which gives no interval"
    guard let main = MainScore(of: result) else { return "\(start), \(result.recipe) measured no score." }
    // A second score of another kind, one that can be better or worse.
    let others = result.scores.filter { score in
      let metric = score.typedMetric
      return kind(of: score) != kind(of: main.score) && metric.isFraction && metric.higherIsBetter == true
    }
    let second = MainScore(among: others).map { " and \($0.text)" } ?? ""
    return "\(start), \(result.recipe) has \(main.text)\(second)\(verdict(of: main, in: result))."
  }

  /// What a score is about: rsum is retrieval too.
  private static func kind(of score: ScoreSummary) -> String {
    ["retrieval", "rsum"].contains(where: score.evaluator.hasPrefix) ? "retrieval" : score.evaluator
  }

  /// Whether the published values are reached; empty where there are none.
  private static func verdict(of main: MainScore, in result: RunResult) -> String {
    if result.expected.count > 1 {
      let reached = result.expected.count { result.verdict(on: $0) == true }
      let missing = result.expected.count { result.score(for: $0) == nil }
      let untold = result.expected.count { result.score(for: $0) != nil && result.verdict(on: $0) == nil }
      return "; \(reached) of \(result.expected.count) published values \(reached == 1 ? "is" : "are") reached within "
        + (reached == 1 ? "its tolerance" : "their tolerances")
        + (missing > 0 ? ", \(missing) not measured" : "")
        + (untold > 0 ? ", \(untold) cannot be told from one seed" : "")
    }
    guard let expected = result.expected.first else { return "" }
    let value = "; the published value \(expected.value)"
    let tolerance =
      expected.tolerance.map { "its tolerance of ± \($0)" }
      ?? result.tolerance(on: expected).map { String(format: "the prediction interval of ± %.1f", $0) } ?? ""
    switch result.verdict(on: expected) {
    case true?: return "\(value) is reached within \(tolerance)"
    case false?:
      let metric = main.score.typedMetric
      let difference = main.score.mean * metric.scale - expected.value
      guard difference.isFinite else { return "\(value) is not reached" }
      return "\(value) is not reached: ours is \(String(format: "%.1f", abs(difference))) "
        + "\(difference < 0 ? "lower" : "higher"), the "
        + (expected.tolerance.map { "tolerance ± \($0)" }
          ?? result.tolerance(on: expected).map { String(format: "prediction interval ± %.1f", $0) } ?? "")
    case nil:
      return result.score(for: expected) == nil
        ? "\(value) was not measured" : "\(value) cannot be judged by one seed without a tolerance"
    }
  }

  private var lead: (of: MainScore, lead: Lead)? {
    guard let main = mainScore else { return nil }
    let metric = main.score.typedMetric
    let contenders = zip(RunRecord.labels(of: records), records).compactMap { label, record -> Lead.Contender? in
      guard let own = Self.score(like: main.score, of: record) else { return nil }
      let ends = own.halfWidth.flatMap { half -> ClosedRange<Double>? in
        guard half.isFinite, own.mean.isFinite else { return nil }
        return (own.mean - half) * metric.scale...(own.mean + half) * metric.scale
      }
      return Lead.Contender(
        name: label, value: own.mean * metric.scale, interval: ends, text: MainScore.text(of: own))
    }
    return (
      main,
      Lead(
        contenders, higherIsBetter: metric.higherIsBetter, unit: metric.isFraction ? "points" : "",
        tellsApart: { isBetter($0, than: $1, in: main.score) }
      ) { metric.text($0 / metric.scale) }
    )
  }

  /// Whether a run is better than another beyond the interval of their difference.
  private func isBetter(_ name: String, than rival: String, in score: ScoreSummary) -> Bool {
    let labels = RunRecord.labels(of: records)
    guard let first = labels.firstIndex(of: rival), let second = labels.firstIndex(of: name),
      let low = Self.score(like: score, of: records[first]), let high = Self.score(like: score, of: records[second])
    else { return false }
    return ScoreDifference(
      low, seeds: records[first].result.seeds, high, seeds: records[second].result.seeds
    ).isImprovement == true
  }

  /// The place of the run that leads; the first where none does.
  var leadingIndex: Int {
    lead.flatMap { lead in lead.lead.leader.flatMap { RunRecord.labels(of: records).firstIndex(of: $0) } } ?? 0
  }

  private var findingOfSeveral: String {
    guard let (main, lead) = lead else { return "The \(records.count) runs measured no score." }
    let missing = records.count { Self.score(like: main.score, of: $0) == nil }
    let rest = missing > 0 ? "; \(missing) of the \(records.count) runs did not measure it" : ""
    return "In \(main.name), \(lead.text)\(rest)."
  }
}
