import Evaluation
import Kernels
import Testing

/// What grows with the product of queries and candidates asks at most so many queries.
@Suite struct BoundedQueriesTests {
  @Test func queriesAreSpreadEvenlyAndKeepTheirHits() {
    // Six observations, the captions of rows 4 and 5 equal, a picture each.
    let whole = Relevance(queries: [0, 1, 2, 3, 4, 4], candidates: [10, 11, 12, 13, 14, 15])
    #expect(whole.queries == [0, 1, 2, 3, 4] && whole.asking(atMost: 5) == whole && whole.asking(atMost: 99) == whole)
    let some = whole.asking(atMost: 2)
    #expect(some.queries == [0, 2] && some.candidates == whole.candidates && some.hits == [[0], [2]])
    #expect(some.place(ofQuery: 2) == 1 && some.place(ofQuery: 1) == nil && some.place(ofQuery: 5) == nil)
  }

  /// However many observations there are, as many comparisons are made as queries are asked times candidates.
  @Test func ranksAreOfTheQueriesAsked() {
    let count = 1_000
    var rows = Matrix(rows: count, columns: 2)
    for row in 0..<count { (rows[row, 0], rows[row, 1]) = (Float(row + 1), 1) }
    let numbers = Array(0..<count)
    let result = Retrieval(
      queries: rows, candidates: rows, relevance: Relevance(queries: numbers, candidates: numbers).asking(atMost: 10))
    #expect(result.ranks.count == 10 && result.candidateCount == count && result.unanswerable == 0)
    #expect(Relevance(queries: [], candidates: []).asking(atMost: 3).queries.isEmpty)
  }
}
