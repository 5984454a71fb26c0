import Foundation
import Recipes
import Runs
import Training

/// The one score that a run is known by.
///
/// By this rule: the first published value that was measured; else retrieval's R@1 of the first pair, or rsum where
/// there is none; else the accuracy with all modalities present, or that of all kinds of questions together; else the first
/// score.
public struct MainScore: Equatable, Sendable {
  /// The score.
  public let score: ScoreSummary
  /// The published value that it is held against; `nil` where there is none.
  public let expected: ExpectedScore?

  /// Chooses a score; `nil` where a run has none.
  public init?(of result: RunResult) {
    self.init(among: result.scores, expected: result.expected)
  }

  /// Chooses among some scores.
  init?(among scores: [ScoreSummary], expected: [ExpectedScore] = []) {
    for expected in expected {
      let found = scores.first {
        ($0.evaluator, $0.subject, $0.metric) == (expected.evaluator, expected.subject, expected.metric)
      }
      if let found {
        (score, self.expected) = (found, expected)
        return
      }
    }
    func first(_ evaluator: String, _ metric: String) -> ScoreSummary? {
      scores.first { $0.evaluator.hasPrefix(evaluator) && $0.metric == metric }
    }
    guard
      let found = first("retrieval", "R@1") ?? first("rsum", "rsum") ?? Self.accuracy(among: scores)
        ?? scores.first(where: { $0.evaluator == "questions" && $0.subject == "all kinds" }) ?? scores.first
    else { return nil }
    (score, self.expected) = (found, nil)
  }

  /// Accuracy with all modalities: of the subject `complete`, or of the one that joins most by `+`.
  private static func accuracy(among scores: [ScoreSummary]) -> ScoreSummary? {
    let own = scores.filter { $0.evaluator == "accuracy" }
    if let complete = own.first(where: { $0.subject == "complete" }) { return complete }
    let most = own.map { $0.subject.count { $0 == "+" } }.max()
    return own.first { $0.subject.count { $0 == "+" } == most }
  }

  /// What the score is of: `retrieval R@1 of image → caption-en`.
  var name: String { Self.name(of: score) }

  /// Evaluators whose metrics are the labels that were to be found.
  private static let labelling = ["accuracy", "linear probe", "zero-shot", "nearest neighbours", "purity"]

  /// What a score is of, in words: `retrieval R@1 of image → caption-en`, `linear probe of group from image`.
  static func name(of score: ScoreSummary) -> String {
    let (evaluator, metric) = (score.evaluator, score.metric)
    let isLabel = labelling.contains(where: evaluator.hasPrefix) && metric != "accuracy"
    let what =
      evaluator.lowercased() == metric.lowercased() ? evaluator : "\(evaluator) \(isLabel ? "of " : "")\(metric)"
    return score.subject.isEmpty ? what : "\(what) \(isLabel ? "from" : "of") \(score.subject)"
  }

  /// A mean with its interval and its unit: `95.0 ± 2.5 %`.
  static func text(of score: ScoreSummary) -> String {
    let metric = score.typedMetric
    return metric.text(score.mean, halfWidth: score.halfWidth) + (metric.isFraction && score.mean.isFinite ? " %" : "")
  }

  /// The score in one line: `retrieval R@1 of image → caption-en 12.4 ± 1.1 %`.
  public var text: String { "\(name) \(Self.text(of: score))" }
}
