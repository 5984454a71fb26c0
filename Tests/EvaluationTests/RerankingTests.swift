import Evaluation
import Kernels
import Testing

@Suite struct RerankingTests {
  // Three queries and three candidates on a circle; the right one is that of the same row.
  private let queries = Matrix(rows: 3, columns: 2, values: [1, 0, 0, 1, -1, 0])
  private let candidates = Matrix(rows: 3, columns: 2, values: [0.8, 0.6, 0.9, 0.436, -1, 0.1])
  private let relevance = Relevance(queries: [0, 1, 2], candidates: [0, 1, 2])
  private var before: Retrieval { Retrieval(queries: queries, candidates: candidates, relevance: relevance) }

  private func shortlists(_ count: Int) -> [Reranking.Shortlist] {
    Reranking.shortlists(queries: queries, candidates: candidates, relevance: relevance, count: count)
  }

  private func ranks(_ count: Int, _ score: (_ query: Int, _ candidate: Int) -> Float) -> [Double] {
    let lists = shortlists(count)
    return Reranking(
      lists, scores: lists.enumerated().map { query, list in list.candidates.map { score(query, $0) } },
      relevance: relevance, before: before
    ).ranks
  }

  @Test func theMostAlikeComeFirst() {
    #expect(before.ranks == [2, 2, 1])
    #expect(shortlists(2).map(\.candidates) == [[1, 0], [0, 1], [2, 0]])
    #expect(abs(shortlists(2)[0].cosines[1] - 0.8) < 1e-6)
    #expect(shortlists(9).map(\.candidates.count) == [3, 3, 3])
  }

  @Test func whatIsRightByTheNewScoreIsFirst() {
    #expect(ranks(2) { $0 == $1 ? 1 : 0 } == [1, 1, 1])
    // With the first candidate alone there is nothing to choose.
    #expect(ranks(1) { $0 == $1 ? 1 : 0 } == [2, 2, 1])
    #expect(ranks(2) { $0 == $1 ? 0 : 1 } == [2, 2, 2])
  }

  @Test func equalScoresShareTheirPlaces() {
    #expect(ranks(3) { _, _ in 0.5 } == [2, 2, 2])
    #expect(ranks(2) { _, _ in 0.5 } == [1.5, 1.5, 1.5])
  }

  @Test func scoresThatAreNoNumbersCountAgainstTheQuery() {
    #expect(ranks(3) { $0 == $1 ? .nan : 0 } == [3, 3, 3])
    #expect(ranks(3) { $0 == $1 ? 0 : .nan } == [1, 1, 1])
  }

  @Test func recallIsTheShareOfRanks() {
    let lists = shortlists(2)
    let found = Reranking(
      lists, scores: [[0, 1], [1, 0], [1, 0]], relevance: relevance, before: before)
    #expect(found.ranks == [1, 2, 1])
    #expect(found.recall(at: 1) == 2 / 3 && found.recall(at: 2) == 1)
    let none = Relevance(queries: [], candidates: [])
    let empty = Matrix(rows: 0, columns: 2, values: [])
    let nothing = Reranking(
      [], scores: [], relevance: none, before: Retrieval(queries: empty, candidates: empty, relevance: none))
    #expect(nothing.recall(at: 1) == nil)
  }
}
