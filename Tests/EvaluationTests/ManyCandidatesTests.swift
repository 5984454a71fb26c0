import Evaluation
import Foundation
import Kernels
import Testing

/// So many candidates that a row of similarities is not held: ranks and lists are those of the definition.
@Suite struct ManyCandidatesTests {
  private static let count = 70_000
  private static let width = 4

  /// Random vectors, of which some are equal, some have no length and some are no numbers.
  private static let candidates: Matrix = {
    var rows = normalMatrix(count, width, seed: 1)
    for column in 0..<width {
      for place in stride(from: 10, to: count, by: 7_001) { rows[place, column] = rows[place - 5, column] }
      for place in stride(from: 20, to: count, by: 9_001) { rows[place, column] = 0 }
    }
    for place in stride(from: 30, to: count, by: 11_003) { rows[place, 1] = .nan }
    return rows
  }()
  private static let queries = normalMatrix(40, width, seed: 2)

  /// The cosines of a query with all candidates.
  private func cosines(_ query: Int, _ candidates: Matrix) -> [Float] {
    let own = Self.queries.normalisingRows()[row: query]
    return (0..<candidates.rows).map { row in zip(own, candidates[row: row]).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// Which candidates are right: few that are near or far from each other, equal ones, one without length, no number at all.
  private static func relevant(_ query: Int) -> [Int] {
    switch query {
    case 0: []
    case 1: [10]
    case 2: [5, 10]
    case 3: [20]
    case 4: [30]
    case 5: [69_990, 3, 40_000]
    case 6: [30, 31]
    default: [(query * 1_731) % count]
    }
  }

  @Test func ranksAreThoseOfTheDefinition() {
    let relevant = (0..<Self.queries.rows).map(Self.relevant)
    let result = Retrieval(queries: Self.queries, candidates: Self.candidates, relevant: relevant)
    #expect(result.candidateCount == Self.count && result.unanswerable == 1)
    let normal = Self.candidates.normalisingRows()
    let expected = (0..<Self.queries.rows).dropFirst().map { query -> Double in
      let cosines = cosines(query, normal)
      let own = relevant[query].map { cosines[$0] }.filter { !$0.isNaN }
      guard let best = own.max() else { return Double(Self.count) }
      let length = relevant[query] == [20] ? Float(0) : 1
      let (low, high) = (best - 1e-6 * length, best + 1e-6 * length)
      let better = cosines.count { !($0 <= high) }
      let tied = cosines.count { $0 >= low && $0 <= high }
      let right = own.count { $0 >= low && $0 <= high }
      return 1 + Double(better) + Double(tied - right) / Double(right + 1)
    }
    // Sums in another order may move what lies at the bound of the tolerance by a place.
    for (rank, other) in zip(result.ranks, expected) {
      let difference: Double = abs(rank - other)
      #expect(difference <= 1, "\(rank), \(other)")
    }
    #expect(result.ranks.count == expected.count)
    let counts: [Int] = relevant.dropFirst().map(\.count)
    #expect(result.relevantCounts == counts)
    // Rank 1 of one that is its own query, which random ones would not have.
    let self0 = Retrieval(
      queries: Matrix(rows: 1, columns: Self.width, values: Array(Self.candidates[row: 66_000])),
      candidates: Self.candidates, relevant: [[66_000]])
    #expect(self0.ranks[0] < 30)
  }

  /// Where all candidates are equal every rank is the middle one, to the last bit.
  @Test func equalCandidatesAreTied() {
    let same = Matrix(rows: Self.count, columns: 3, repeating: 0.3)
    let rows = Array(0..<Self.count)
    let some = Relevance(queries: rows, candidates: rows).asking(atMost: 5)
    let result = Retrieval(queries: same, candidates: same, relevance: some)
    let middle: Double = (Double(Self.count) + 1) / 2
    #expect(result.ranks == [middle, middle, middle, middle, middle])
    let ofClasses = Relevance(queries: rows, candidates: rows, classes: rows.map { $0 % 2 }).asking(atMost: 3)
    let half = Double(Self.count / 2)
    let first: Double = 1 + half / (half + 1)
    let classed = Retrieval(queries: same, candidates: same, relevance: ofClasses)
    #expect(classed.ranks == [first, first, first])
  }

  @Test func shortlistsAreSorted() {
    let rows = Array(0..<Self.count)
    let queries = Self.queries.gathering(Array(0..<6))
    let whole = Relevance(queries: rows, candidates: rows)
    #expect(whole.asking([3, 9, 9, Self.count]).queries == [3, 9])
    // The first of the candidates are the queries.
    var candidates = Self.candidates
    for i in queries.values.indices { candidates.values[i] = queries.values[i] }
    let lists = Reranking.shortlists(
      queries: candidates, candidates: candidates, relevance: whole.asking(Array(0..<6)), count: 50)
    let normal = candidates.normalisingRows()
    for (query, list) in lists.enumerated() {
      let cosines = cosines(query, normal)
      let sorted = rows.filter { !cosines[$0].isNaN }.sorted { (cosines[$1], $0) < (cosines[$0], $1) }.prefix(50)
      #expect(list.candidates.count == 50 && list.candidates[0] == query)
      for (cosine, place) in zip(list.cosines, sorted) {
        let difference: Float = abs(cosine - cosines[place])
        #expect(difference < 1e-6)
      }
    }
    #expect(lists.count == 6)
  }

  @Test func theNearestAreTheFirstOfASortedList() {
    var stream = RandomStream(seed: 3, name: "nearest")
    for (count, most) in [(0, 3), (2, 3), (50, 1), (300, 20), (300, 300), (300, 0)] {
      let values = (0..<count).map { _ in stream.below(9) == 0 ? Float.nan : Float(stream.below(40)) }
      for takesAll in [true, false] {
        var nearest = Nearest(most)
        for start in stride(from: 0, to: count, by: 70) {
          values[start..<min(start + 70, count)].withUnsafeBufferPointer {
            nearest.offer($0, from: start, takesAll: takesAll)
          }
        }
        func key(_ place: Int) -> Float { values[place].isNaN ? -.infinity : values[place] }
        let expected = values.indices.filter { takesAll || !values[$0].isNaN }
          .sorted { key($0) == key($1) ? $0 < $1 : key($0) > key($1) }.prefix(most)
        let places: [Int] = nearest.items.map(\.place)
        #expect(places == Array(expected), "\(count), \(most), \(takesAll)")
      }
    }
  }
}
