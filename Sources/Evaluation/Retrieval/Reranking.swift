import Foundation
import Kernels

/// Retrieval in two steps: all candidates are sorted by cosine, and the first few of each query once more by a score that takes
/// longer.
///
/// Candidates beyond these stay behind them. Ranks are those of ``Retrieval``: the expected place of the first relevant
/// candidate if ties are broken at random. A score that is not a number counts against the query.
public struct Reranking: Equatable, Sendable {
  /// The candidates of a query that are looked at again, the most alike first.
  public struct Shortlist: Equatable, Sendable {
    /// Their places among the candidates.
    public let candidates: [Int]
    /// Their cosines.
    public let cosines: [Float]

    /// Puts both together.
    public init(candidates: [Int], cosines: [Float]) { (self.candidates, self.cosines) = (candidates, cosines) }
  }

  /// The rank of each query that has a relevant candidate, in the order of the queries.
  public let ranks: [Double]

  /// The shortlists of all queries; of equal cosines the earlier candidate is first.
  ///
  /// Shapes: both matrices are `[observations, dimension]`, in the order that `relevance` names rows by.
  public static func shortlists(
    queries: Matrix, candidates: Matrix, relevance: Relevance, count: Int
  ) -> [Shortlist] {
    precondition(count > 0, "Reranking: \(count) candidates")
    var found: [Shortlist] = []
    Nearest.forEachQuery(
      ComparedRows(queries, at: relevance.queries, by: .cosine),
      among: ComparedRows(candidates, at: relevance.candidates, by: .cosine), count: count
    ) { found.append(Shortlist(candidates: $0.map(\.place), cosines: $0.map(\.value))) }
    return found
  }

  /// Ranks the relevant candidates by new scores.
  ///
  /// - Parameters:
  ///   - shortlists: those of all queries.
  ///   - scores: the new scores of each, the greater the better.
  ///   - relevance: what is right for each query.
  ///   - before: the retrieval by cosine of the same queries and candidates.
  public init(_ shortlists: [Shortlist], scores: [[Float]], relevance: Relevance, before: Retrieval) {
    precondition(
      shortlists.count == relevance.queries.count && scores.count == shortlists.count
        && zip(shortlists, scores).allSatisfy { $0.candidates.count == $1.count },
      "Reranking: \(scores.count) lists of scores for \(shortlists.count) shortlists")
    var (ranks, earlier) = ([Double](), before.ranks.makeIterator())
    for query in relevance.queries.indices {
      let (list, own) = (shortlists[query].candidates, scores[query])
      let hits = Set(relevance.hits(of: query))
      if hits.isEmpty { continue }
      let (old, right) = (
        earlier.next() ?? Double(before.candidateCount), list.indices.filter { hits.contains(list[$0]) }
      )
      guard let best = right.map({ own[$0] }).filter({ !$0.isNaN }).max() else {
        ranks.append(right.isEmpty ? max(old, Double(list.count + 1)) : Double(list.count))
        continue
      }
      let tolerance = 1e-6 * max(1, abs(best))
      let better = own.count { $0 > best + tolerance }
      let tied = own.indices.filter { abs(own[$0] - best) <= tolerance }
      let tiedRight = tied.count { hits.contains(list[$0]) }
      ranks.append(1 + Double(better) + Double(tied.count - tiedRight) / Double(tiedRight + 1))
    }
    self.ranks = ranks
  }

  /// The share of queries whose rank is at most `count`, or nil without ranked queries.
  public func recall(at count: Int) -> Double? {
    ranks.isEmpty ? nil : Double(ranks.count { $0 <= Double(count) }) / Double(ranks.count)
  }
}
