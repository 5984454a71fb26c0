import Kernels

/// The average precision of each tag of a multi-label classification, and their mean (mAP).
///
///     AP = Σ_n (R_n − R_{n−1}) · P_n
///
/// where `P_n` and `R_n` are precision and recall of the observations whose score is at least the `n`-th highest
/// distinct score, so that equal scores enter together and their order does not matter.
public struct TagPrecision: Equatable, Codable, Sendable {
  /// The average precision of each tag; nil for a tag that no observation has.
  public let averages: [Double?]

  /// Scores each tag; a tag is present where its value is above ½.
  ///
  /// Shapes: both matrices are `[observations, tags]`. A score that is not a number counts as the lowest.
  public init(scores: Matrix, tags: Matrix) {
    precondition(
      scores.rows == tags.rows && scores.columns == tags.columns,
      "Average precision: scores [\(scores.rows), \(scores.columns)] for tags [\(tags.rows), \(tags.columns)]")
    averages = (0..<tags.columns).map { tag in
      let pairs = (0..<tags.rows).map { row in
        let score = scores[row, tag]
        return (score: score.isNaN ? -Float.infinity : score, isPresent: tags[row, tag] > 0.5)
      }
      return Self.average(pairs.sorted { $0.score > $1.score })
    }
  }

  /// The mean over the tags that some observation has, or nil if there is none.
  public var mean: Double? {
    let present = averages.compactMap { $0 }
    return present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
  }

  /// About what scores that know nothing reach: the mean share of observations that have a tag, over the tags that some
  /// observation has; nil if there is none.
  public static func chance(tags: Matrix) -> Double? {
    let shares = (0..<tags.columns).map { tag in
      Double((0..<tags.rows).count { tags[$0, tag] > 0.5 }) / Double(max(1, tags.rows))
    }.filter { $0 > 0 }
    return shares.isEmpty ? nil : SampleStatistic.mean(of: shares)
  }

  private static func average(_ sorted: [(score: Float, isPresent: Bool)]) -> Double? {
    let total = sorted.count { $0.isPresent }
    guard total > 0 else { return nil }
    var (seen, right, sum) = (0, 0, 0.0)
    while seen < sorted.count {
      let score = sorted[seen].score
      let before = right
      while seen < sorted.count, sorted[seen].score == score {
        right += sorted[seen].isPresent ? 1 : 0
        seen += 1
      }
      sum += Double(right - before) / Double(total) * Double(right) / Double(seen)
    }
    return sum
  }
}
