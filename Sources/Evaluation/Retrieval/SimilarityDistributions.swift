import Kernels

/// The distributions of the cosines of matched pairs (positives) and of all other pairs (negatives).
public struct SimilarityDistributions: Equatable, Codable, Sendable {
  /// The share of matched pairs in each of the equal bins that divide [−1, 1].
  public let positives: [Double]
  /// The share of unmatched pairs in each bin; zeros below two rows.
  public let negatives: [Double]
  /// The mean cosine of matched pairs.
  public let positiveMean: Double
  /// The mean cosine of unmatched pairs, or nil below two rows.
  public let negativeMean: Double?

  /// Bins the cosines of all pairs of rows, where row `i` matches row `i`; nil without rows.
  ///
  /// Shapes: both matrices are `[observations, dimension]`.
  public init?(_ first: Matrix, _ second: Matrix, bins: Int = 100) {
    precondition(
      first.rows == second.rows, "Similarity distributions: \(first.rows) rows do not match \(second.rows) rows")
    precondition(bins > 0, "Similarity distributions: there must be at least one bin, not \(bins)")
    guard first.rows > 0 else { return nil }
    var positiveCounts = [Int](repeating: 0, count: bins)
    var negativeCounts = [Int](repeating: 0, count: bins)
    var (positiveSum, negativeSum) = (0.0, 0.0)
    let blocks = SimilarityBlocks(queries: first.normalisingRows(), candidates: second.normalisingRows())
    blocks.forEachRow { row, cosines in
      func bin(_ cosine: Float) -> Int {
        // Rounding may lead a little beyond the ends; what is not a number falls into the lowest bin.
        cosine.isNaN ? 0 : Int(min(max((cosine + 1) / 2 * Float(bins), 0), Float(bins - 1)))
      }
      var rowSum = 0.0
      for cosine in cosines {
        negativeCounts[bin(cosine)] += 1
        rowSum += Double(cosine)
      }
      let match = cosines[row]
      negativeCounts[bin(match)] -= 1
      positiveCounts[bin(match)] += 1
      positiveSum += Double(match)
      negativeSum += rowSum - Double(match)
    }
    let rows = Double(first.rows)
    let pairs = rows * (rows - 1)
    positives = positiveCounts.map { Double($0) / rows }
    negatives = negativeCounts.map { pairs == 0 ? 0 : Double($0) / pairs }
    positiveMean = positiveSum / rows
    negativeMean = pairs == 0 ? nil : negativeSum / pairs
  }

  /// The middle cosine of each bin.
  public var centres: [Double] {
    positives.indices.map { -1 + (2 * Double($0) + 1) / Double(positives.count) }
  }

  /// The overlap coefficient of the two distributions, between 0 (apart) and 1 (the same); nil below two rows.
  ///
  ///     overlap = Σ_b min(positives_b, negatives_b)
  ///
  /// It depends on the number of bins: few bins overestimate it, few rows in many bins underestimate it.
  public var overlap: Double? {
    negativeMean == nil ? nil : zip(positives, negatives).reduce(0) { $0 + min($1.0, $1.1) }
  }
}
