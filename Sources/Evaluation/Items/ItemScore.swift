import Foundation

/// A score of one run as shares of its items, summed up by family: what a bootstrap over families needs.
///
///     score = Σ_c (Σ_f sums[c][f]) / (Σ_f counts[c][f])
public struct ItemScore: Equatable, Sendable {
  /// A share of items, multiplied by a weight.
  public struct Part: Equatable, Sendable {
    /// The weighted sum of the items' values by family.
    public var sums: [Int32: Double]
    /// The number of items by family.
    public var counts: [Int32: Double]
  }

  /// The parts that are added up.
  public private(set) var parts: [Part]

  /// The score that is named, made of a run's outcomes; `nil` where they do not have it.
  ///
  /// `R@k` is the share of ranks up to k, `rsum` the sum of the three of both directions in percent, and a share of right
  /// answers their mean.
  public init?(evaluator: String, subject: String, metric: String, of table: ItemTable) {
    func outcomes(_ evaluator: String, _ subject: String, _ metric: String) -> ItemOutcomes? {
      table.outcomes.first { $0.evaluator == evaluator && $0.subject == subject && $0.metric == metric }
    }
    if let hits = outcomes(evaluator, subject, metric), hits.measure == .hit {
      parts = [Self.part(hits, of: table) { Double($0) }]
    } else if let count = Self.recall(metric), let ranks = outcomes(evaluator, subject, "") {
      parts = [Self.part(ranks, of: table) { $0 <= count ? 1 : 0 }]
    } else if metric == "rsum", evaluator.hasPrefix("rsum") {
      let sides = subject.components(separatedBy: " – ")
      let source = "retrieval" + evaluator.dropFirst(4)
      guard sides.count == 2, let there = outcomes(source, "\(sides[0]) → \(sides[1])", ""),
        let back = outcomes(source, "\(sides[1]) → \(sides[0])", "")
      else { return nil }
      parts = [there, back].map { ranks in
        Self.part(ranks, of: table) { rank in [1, 5, 10].reduce(0) { $0 + (rank <= $1 ? 100 : 0) } }
      }
    } else {
      return nil
    }
    guard parts.allSatisfy({ !$0.counts.isEmpty }) else { return nil }
  }

  private init(parts: [Part]) { self.parts = parts }

  /// The weighted sum of scores of one run.
  public static func sum(_ scores: [(weight: Double, score: ItemScore)]) -> ItemScore {
    ItemScore(
      parts: scores.flatMap { weight, score in
        score.parts.map { Part(sums: $0.sums.mapValues { $0 * weight }, counts: $0.counts) }
      })
  }

  /// The score.
  public var value: Double {
    parts.reduce(0) { sum, part in
      // In the order of families, so that it is the same number every time.
      let families = part.counts.keys.sorted()
      let total = families.reduce(0) { $0 + (part.counts[$1] ?? 0) }
      return sum + families.reduce(0) { $0 + (part.sums[$1] ?? 0) } / total
    }
  }

  private static func recall(_ metric: String) -> Int32? {
    metric.hasPrefix("R@") ? Int32(metric.dropFirst(2)) : nil
  }

  private static func part(_ outcomes: ItemOutcomes, of table: ItemTable, value: (Int32) -> Double) -> Part {
    var part = Part(sums: [:], counts: [:])
    for (outcome, observation) in zip(outcomes.values, outcomes.observations) {
      let family = table.families[Int(observation)]
      part.sums[family, default: 0] += value(outcome)
      part.counts[family, default: 0] += 1
    }
    return part
  }
}
