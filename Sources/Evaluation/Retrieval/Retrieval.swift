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
      queries: ComparedRows(queries, at: relevance.queries, by: similarity),
      candidates: ComparedRows(candidates, at: relevance.candidates, by: similarity)
    ) { relevance.hits(of: $0) }
  }

  private init<Rows: Collection<Int>>(
    queries: Matrix, candidates: Matrix, by similarity: Similarity, relevant: (Int) -> Rows
  ) {
    self.init(
      queries: ComparedRows(queries, by: similarity), candidates: ComparedRows(candidates, by: similarity),
      relevant: relevant)
  }

  private init<Rows: Collection<Int>>(queries: ComparedRows, candidates: ComparedRows, relevant: (Int) -> Rows) {
    if candidates.count > SimilarityTiles.mostWholeRows {
      self.init(tiles: SimilarityTiles(queries: queries, candidates: candidates), relevant: relevant)
    } else {
      self.init(whole: queries.all, candidates.all, relevant: relevant)
    }
  }

  /// Holds rows of similarities whole.
  private init<Rows: Collection<Int>>(whole queries: Matrix, _ candidates: Matrix, relevant: (Int) -> Rows) {
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
      let (below, notAbove) = similarities.counts(below: low, notAbove: high)
      let tiedRelevant = rows.reduce(0) { $0 + (similarities[$1] >= low && similarities[$1] <= high ? 1 : 0) }
      ranks.append(
        Self.rank(better: similarities.count - notAbove, tied: notAbove - below, tiedRelevant: tiedRelevant))
    }
    self.ranks = ranks
    self.relevantCounts = relevantCounts
    candidateCount = candidates.rows
    unanswerable = queries.rows - ranks.count
  }

  /// The same where there are too many candidates to hold a row: the best relevant one of each query is found first, then
  /// others are counted, tile by tile.
  private init<Rows: Collection<Int>>(tiles: SimilarityTiles, relevant: (Int) -> Rows) {
    var ranks: [Double] = []
    var relevantCounts: [Int] = []
    for block in tiles.blocks {
      let queries = tiles.queries[block]
      let lengths = queries.rowLengths()
      var found = block.map { TiledQuery(rows: Array(relevant($0))) }
      // Where each query has few relevant candidates, those of neighbouring queries are in few tiles.
      let wanted = Set(
        tiles.columns.filter { column in found.contains { $0.hasAny(of: column) } }.map(\.lowerBound))
      tiles.forEachTile(of: queries, where: { wanted.contains($0.lowerBound) }) { candidates, rows, products in
        for query in found.indices {
          found[query].look(
            for: candidates, products.row(query, of: candidates.count), query: lengths[query], candidates: rows)
        }
      }
      tiles.forEachTile(of: queries) { candidates, _, products in
        found.withUnsafeMutableBufferPointer { found in
          nonisolated(unsafe) let (found, products) = (found, products)
          Parallel.run(count: found.count) { part in
            for query in part { found[query].count(candidates, products.row(query, of: candidates.count)) }
          }
        }
      }
      for query in found where !query.rows.isEmpty {
        relevantCounts.append(query.rows.count)
        ranks.append(query.rank(among: tiles.candidates.count))
      }
    }
    self.ranks = ranks
    self.relevantCounts = relevantCounts
    candidateCount = tiles.candidates.count
    unanswerable = tiles.queries.count - ranks.count
  }

  /// The expected place of the first relevant candidate among those that are as similar, behind the better ones.
  fileprivate static func rank(better: Int, tied: Int, tiedRelevant: Int) -> Double {
    1 + Double(better) + Double(tied - tiedRelevant) / Double(tiedRelevant + 1)
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

/// A query while tiles of candidates pass by.
private struct TiledQuery {
  /// The relevant candidates, ascending.
  let rows: [Int]
  /// The similarity of the best of them so far.
  private var match = Float.nan
  /// What is as similar.
  private var tolerance = Float.nan
  private var tiedRelevant = 0
  private var below = 0
  private var notAbove = 0

  init(rows: [Int]) {
    self.rows = zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 } ? rows : rows.sorted()
  }

  /// The relevant ones of some candidates.
  private func own(_ candidates: Range<Int>) -> ArraySlice<Int> {
    func first(from bound: Int) -> Int {
      var (low, high) = (0, rows.count)
      while low < high {
        let middle = (low + high) / 2
        if rows[middle] < bound { low = middle + 1 } else { high = middle }
      }
      return low
    }
    return rows[first(from: candidates.lowerBound)..<first(from: candidates.upperBound)]
  }

  /// Whether any of some candidates is relevant.
  func hasAny(of candidates: Range<Int>) -> Bool { !own(candidates).isEmpty }

  /// Looks for the best relevant candidate.
  mutating func look(
    for candidates: Range<Int>, _ similarities: UnsafeBufferPointer<Float>, query length: Float,
    candidates rows: Matrix
  ) {
    // A number beats no number, so that one broken candidate does not hide a sound one.
    for candidate in own(candidates) {
      let row = candidate - candidates.lowerBound
      guard similarities[row] > match || match.isNaN else { continue }
      match = similarities[row]
      let squares = rows[row: row].reduce(0.0) { $0 + Double($1) * Double($1) }
      tolerance = 1e-6 * length * Float(squares.squareRoot())
    }
  }

  /// Counts candidates against it.
  mutating func count(_ candidates: Range<Int>, _ similarities: UnsafeBufferPointer<Float>) {
    guard !rows.isEmpty, match.isFinite, tolerance.isFinite else { return }
    let (low, high) = (match - tolerance, match + tolerance)
    let counts = similarities.counts(below: low, notAbove: high)
    below += counts.below
    notAbove += counts.notAbove
    for candidate in own(candidates) {
      let similarity = similarities[candidate - candidates.lowerBound]
      if similarity >= low && similarity <= high { tiedRelevant += 1 }
    }
  }

  /// The rank once all candidates have passed by.
  func rank(among count: Int) -> Double {
    guard match.isFinite, tolerance.isFinite else { return Double(count) }
    return Retrieval.rank(better: count - notAbove, tied: notAbove - below, tiedRelevant: tiedRelevant)
  }
}

extension UnsafeBufferPointer<Float> {
  /// The values of a row of so many.
  func row(_ row: Int, of count: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: self[row * count..<(row + 1) * count])
  }

  /// How many values are below a bound, and how many are not above another; what is not a number is neither.
  fileprivate func counts(below low: Float, notAbove high: Float) -> (below: Int, notAbove: Int) {
    let counts = RowCounts.of(self, below: low, notAbove: high)
    return (Int(counts.below), Int(counts.notAbove))
  }
}
