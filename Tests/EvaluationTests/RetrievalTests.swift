import Evaluation
import Kernels
import Testing

@Suite struct RetrievalTests {
  private let similarities = matrix([[0.8, 0.7, 0.1], [0.75, 0.6, 0.55], [0, 0.5, 0.9]])

  @Test func threeItemsByHand() {
    let scores = Retrieval(queries: similarities, candidates: identity(3), by: .dot)
    #expect(scores.ranks == [1, 2, 1])
    #expect(scores.candidateCount == 3 && scores.unanswerable == 0)
    #expect(isClose(scores.recall(at: 1), 2.0 / 3) && scores.recall(at: 5) == 1)
    #expect(scores.medianRank == 1)
    #expect(isClose(scores.meanRank, 4.0 / 3) && isClose(scores.meanReciprocalRank, 2.5 / 3))
  }

  @Test func tiesShareTheMiddleRank() {
    let tied = matrix([[0.5, 0.5, 0.5], [0.5, 0.5, 0.1], [0.9, 0.5, 0.5]])
    let scores = Retrieval(queries: tied, candidates: identity(3), by: .dot)
    #expect(scores.ranks == [2, 1.5, 2.5])
    #expect(scores.recall(at: 1) == 0 && isClose(scores.recall(at: 2), 2.0 / 3))
  }

  @Test func collapsedEncodersGetTheMiddleRank() {
    let same = Matrix(rows: 99, columns: 7, repeating: 0.3)
    let scores = Retrieval(queries: same, candidates: same)
    #expect(scores.ranks == [Double](repeating: 50, count: 99))
    #expect(scores.recall(at: 10) == 0)
    let zero = Matrix(rows: 3, columns: 2)
    #expect(Retrieval(queries: zero, candidates: zero).ranks == [2, 2, 2])
  }

  @Test func whatIsNotANumberCountsAgainstTheQuery() {
    let broken = matrix([[.nan, 1], [1, 0], [0, 1]])
    let sound = matrix([[1, 0], [1, 0], [0, 1]])
    #expect(Retrieval(queries: broken, candidates: sound).ranks == [3, 1.5, 1])
    #expect(Retrieval(queries: sound, candidates: broken).ranks == [3, 2, 2])
  }

  @Test func emptyAndSingle() {
    let none = Matrix(rows: 0, columns: 4)
    let scores = Retrieval(queries: none, candidates: none)
    #expect(scores.ranks.isEmpty && scores.recall(at: 1) == nil && scores.medianRank == nil)
    #expect(scores.meanRank == nil && scores.meanReciprocalRank == nil)
    #expect(Retrieval(queries: matrix([[-1, 2]]), candidates: matrix([[3, -1]])).ranks == [1])
  }

  @Test func severalRelevantCandidates() {
    let scores = Retrieval(
      queries: matrix([[0.1, 0.9, 0.5, 0.2], [0.5, 0.5, 0.5, 0.1], [0.1, 0.2, 0.3, 0.4]]), candidates: identity(4),
      relevant: [[0, 2], [0, 1], []], by: .dot)
    // The best of 0.1 and 0.5 has one better; two of three tied are relevant: 1 + 1/3; the last has no answer.
    #expect(scores.ranks.count == 2 && scores.unanswerable == 1)
    #expect(scores.ranks[0] == 2 && isClose(scores.ranks[1], 4.0 / 3))
  }

  @Test func classesAreHitByAnyMember() {
    let relevance = Relevance(queries: [0, 1, 2], candidates: [0, 1, 2], classes: [4, 7, 4])
    #expect(relevance.hits == [[0, 2], [1], [0, 2]])
    let scores = Retrieval(queries: similarities, candidates: identity(3), relevance: relevance, by: .dot)
    #expect(
      scores.ranks
        == Retrieval(queries: similarities, candidates: identity(3), relevant: relevance.hits, by: .dot).ranks)
    let some = Relevance(queries: [0, 1, 2], candidates: [0, 0, 0], classes: [1, -1, 1])
    // One candidate of a class, and none for what has no class.
    #expect(some.queries == [0, 2] && some.candidates == [0] && some.hits == [[0], [0]])
  }

  @Test func severalCaptionsPerImage() {
    // An observation for each caption, so that a picture is in two rows.
    let images = matrix([[1, 0], [1, 0], [0, 1], [0, 1]])
    let captions = matrix([[0.2, 0.9], [1, 0.1], [0.6, 0.8], [0.9, 0.3]])
    let (picture, caption) = ([7, 7, 9, 9], [0, 1, 2, 3])
    let toCaption = Retrieval(
      queries: images, candidates: captions, relevance: Relevance(queries: picture, candidates: caption))
    let toImage = Retrieval(
      queries: captions, candidates: images, relevance: Relevance(queries: caption, candidates: picture))
    #expect(toCaption.ranks == [1, 2] && toCaption.candidateCount == 4)
    #expect(toImage.ranks == [2, 1, 1, 2] && toImage.candidateCount == 2)
  }

  @Test func anEqualItemIsOneCandidateAndAnyPartnerAHit() {
    // Pictures 0 and 1 have the same caption; 1 has another one beside it; row 4 lacks something.
    let relevance = Relevance(queries: [0, 1, 1, 2, -1], candidates: [5, 5, 6, 7, 8], among: [0, 1, 2, 3])
    #expect(relevance.queries == [0, 1, 3] && relevance.candidates == [0, 2, 3])
    #expect(relevance.hits == [[0], [0, 1], [2]])
    #expect(relevance.place(ofQuery: 2) == 1 && relevance.place(ofQuery: 4) == nil)
    let back = Relevance(queries: [5, 5, 6, 7, 8], candidates: [0, 1, 1, 2, -1], among: [0, 1, 2, 3])
    #expect(back.hits == [[0, 1], [1], [2]])
    let all = Relevance(queries: [3, 1, 2], candidates: [0, 4, 8])
    #expect(all.queries == [0, 1, 2] && all.candidates == [0, 1, 2] && all.hits == [[0], [1], [2]])
  }

  @Test func blocksAgreeWithTheDirectFormula() {
    // Whole numbers make products exact and ties frequent; the product has more values than one block holds.
    let (count, width) = (2100, 6)
    var stream = RandomStream(seed: 3, name: "whole")
    let q = (0..<count * width).map { _ in stream.below(7) - 3 }
    let c = (0..<count * width).map { _ in stream.below(7) - 3 }
    let expected = (0..<count).map { i -> Double in
      let products = (0..<count).map { j in (0..<width).reduce(0) { $0 + q[i * width + $1] * c[j * width + $1] } }
      let better = products.count { $0 > products[i] }
      let tied = products.count { $0 == products[i] } - 1
      return 1 + Double(better) + Double(tied) / 2
    }
    let scores = Retrieval(
      queries: Matrix(rows: count, columns: width, values: q.map(Float.init)),
      candidates: Matrix(rows: count, columns: width, values: c.map(Float.init)), by: .dot)
    #expect(scores.ranks == expected)
  }

  @Test func cosineIgnoresLengths() {
    let (q, c) = (normalMatrix(40, 5, seed: 1), normalMatrix(40, 5, seed: 2))
    var longer = c
    for row in 0..<40 {
      for column in 0..<5 { longer[row, column] *= Float(row + 1) }
    }
    #expect(Retrieval(queries: q, candidates: c).ranks == Retrieval(queries: q, candidates: longer).ranks)
    #expect(Retrieval(queries: c, candidates: longer).recall(at: 1) == 1)
  }
}
