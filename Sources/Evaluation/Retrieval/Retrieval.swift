import Kernels

/// How high the right candidates stand when all candidates are sorted by their similarity to a query.
///
/// The rank of a query is the expected place of its first relevant candidate if ties are broken at random:
///
///     rank = 1 + better + tiedWrong / (tiedRelevant + 1)
///
/// where `better` counts the candidates more similar than the best relevant one, `tiedWrong` and `tiedRelevant` those as
/// similar as it (itself included). With a single relevant candidate that is `1 + better + ½ · tied others`. A tie for
/// the first place therefore misses R@1, and a collapsed encoder gets the middle rank, never a perfect one.
/// Similarities within 10⁻⁶ of the lengths' product are tied, as 32-bit sums in another order differ that much. A
/// similarity that is not a number counts against the query.
public struct Retrieval: Equatable, Codable, Sendable {
  /// The rank of each query that has a relevant candidate, in the order of the queries; the best rank is 1.
  public let ranks: [Double]
  /// The number of candidates each query was compared with.
  public let candidateCount: Int
  /// The number of queries without any relevant candidate; they have no rank and enter no score.
  public let unanswerable: Int
  /// How many candidates are relevant to each query that has a rank, in the order of the ranks.
  public let relevantCounts: [Int]

  /// Ranks candidates where the row of a query is the row of its only relevant candidate.
  ///
  /// Shapes: both matrices are `[observations, dimension]`.
  public init(queries: Matrix, candidates: Matrix, by similarity: Similarity = .cosine) {
    precondition(
      queries.rows == candidates.rows,
      "Retrieval: \(queries.rows) queries cannot be matched with \(candidates.rows) candidates row by row")
    self.init(queries: queries, candidates: candidates, by: similarity) { $0..<$0 + 1 }
  }

  /// Ranks candidates where several may be relevant to a query, named by their rows.
  ///
  /// Shapes: `queries` is `[q, dimension]`, `candidates` `[c, dimension]`, `relevant` has `q` lists of rows below `c`.
  public init(queries: Matrix, candidates: Matrix, relevant: [[Int]], by similarity: Similarity = .cosine) {
    precondition(
      relevant.count == queries.rows,
      "Retrieval: \(relevant.count) lists of relevant candidates for \(queries.rows) queries")
    precondition(
      relevant.allSatisfy { $0.allSatisfy { $0 >= 0 && $0 < candidates.rows } && Set($0).count == $0.count },
      "Retrieval: relevant candidates must be different rows below \(candidates.rows)")
    self.init(queries: queries, candidates: candidates, by: similarity) { relevant[$0] }
  }

  /// Ranks items of observations, each different one once.
  ///
  /// Shapes: both matrices are `[observations, dimension]`, in the order that `relevance` names rows by.
  public init(queries: Matrix, candidates: Matrix, relevance: Relevance, by similarity: Similarity = .cosine) {
    self.init(
      queries: queries.gathering(relevance.queries), candidates: candidates.gathering(relevance.candidates),
      by: similarity
    ) { relevance.hits[$0] }
  }

  private init<Rows: Collection<Int>>(
    queries: Matrix, candidates: Matrix, by similarity: Similarity, relevant: (Int) -> Rows
  ) {
    let queries = similarity.prepared(queries)
    let candidates = similarity.prepared(candidates)
    let (queryLengths, candidateLengths) = (queries.rowLengths(), candidates.rowLengths())
    var ranks: [Double] = []
    ranks.reserveCapacity(queries.rows)
    var relevantCounts: [Int] = []
    SimilarityBlocks(queries: queries, candidates: candidates).forEachRow { query, similarities in
      let rows = relevant(query)
      guard let first = rows.first else { return }
      relevantCounts.append(rows.count)
      // A number beats no number, so that one broken candidate does not hide a sound one.
      let best = rows.dropFirst().reduce(first) { best, row in
        similarities[row] > similarities[best] || similarities[best].isNaN ? row : best
      }
      let match = similarities[best]
      let tolerance = 1e-6 * queryLengths[query] * candidateLengths[best]
      guard match.isFinite, tolerance.isFinite else { return ranks.append(Double(similarities.count)) }
      let (low, high) = (match - tolerance, match + tolerance)
      var below: Int32 = 0
      var notAbove: Int32 = 0
      for value in similarities {
        below &+= value < low ? 1 : 0
        notAbove &+= value <= high ? 1 : 0
      }
      let tiedRelevant = rows.reduce(0) { $0 + (similarities[$1] >= low && similarities[$1] <= high ? 1 : 0) }
      let tiedWrong = Int(notAbove - below) - tiedRelevant
      let better = similarities.count - Int(notAbove)
      ranks.append(1 + Double(better) + Double(tiedWrong) / Double(tiedRelevant + 1))
    }
    self.ranks = ranks
    self.relevantCounts = relevantCounts
    candidateCount = candidates.rows
    unanswerable = queries.rows - ranks.count
  }

  /// The share of queries whose rank is at most `count` (R@count), or nil without ranked queries.
  public func recall(at count: Int) -> Double? {
    precondition(count > 0, "Recall: it is taken at a positive number of candidates, not \(count)")
    return mean { $0 <= Double(count) ? 1 : 0 }
  }

  /// The R@count that a random order of the candidates has on average, or nil without ranked queries.
  ///
  ///     mean_q (1 − C(c − r_q, k) / C(c, k))
  ///
  /// of `c` candidates of which `r_q` are relevant to query q; with one relevant candidate `k / c`.
  public func chanceRecall(at count: Int) -> Double? {
    precondition(count > 0, "Recall: it is taken at a positive number of candidates, not \(count)")
    guard !ranks.isEmpty else { return nil }
    var known: [Int: Double] = [:]
    func chance(_ relevant: Int) -> Double {
      if let chance = known[relevant] { return chance }
      var missed = 1.0
      for place in 0..<min(count, candidateCount) {
        missed *= max(0, Double(candidateCount - relevant - place)) / Double(candidateCount - place)
      }
      known[relevant] = 1 - missed
      return 1 - missed
    }
    return SampleStatistic.mean(of: relevantCounts.map(chance))
  }

  /// The median rank, or nil without ranked queries.
  public var medianRank: Double? { ranks.isEmpty ? nil : SampleStatistic.median(of: ranks) }

  /// The mean rank, or nil without ranked queries.
  public var meanRank: Double? { mean { $0 } }

  /// The mean of `1 / rank` (MRR), or nil without ranked queries.
  public var meanReciprocalRank: Double? { mean { 1 / $0 } }

  private func mean(_ value: (Double) -> Double) -> Double? {
    ranks.isEmpty ? nil : SampleStatistic.mean(of: ranks.map(value))
  }
}
