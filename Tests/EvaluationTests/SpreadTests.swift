import Evaluation
import Foundation
import Kernels
import Testing

@Suite struct SpreadTests {
  private func matrix(_ rows: [[Float]]) -> Matrix {
    Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap { $0 })
  }

  @Test func threePointsByHand() throws {
    // Rows of length 1 after scaling: e₁, e₂, −e₁. The centre is (0, 1/3), the spread 1 − 1/9.
    let rows = matrix([[2, 0], [0, 3], [-1, 0]])
    #expect(abs(try #require(Geometry.spread(rows)) - 8.0 / 9) < 1e-6)
    // Centred they are (1, −1/3), (0, 2/3), (−1, −1/3): σ² = 2 and 2/3.
    let (first, second) = (2.0.squareRoot(), (2.0 / 3).squareRoot())
    let shares = [first / (first + second), second / (first + second)]
    let expected = exp(-shares.map { $0 * log($0) }.reduce(0, +))
    #expect(abs(try #require(try Geometry.effectiveRank(rows)) - expected) < 1e-4)
  }

  @Test func theEnds() throws {
    let same = matrix([[1, 2, 3], [1, 2, 3], [2, 4, 6], [1, 2, 3]])
    #expect(try #require(Geometry.spread(same)) < 1e-9)
    #expect(try Geometry.effectiveRank(same) == 1)
    // On a line through the sphere, and all corners of a simplex.
    #expect(abs(try #require(try Geometry.effectiveRank(matrix([[1, 0], [-1, 0], [1, 0], [-1, 0]]))) - 1) < 1e-3)
    let corners = matrix((0..<4).map { row in (0..<4).map { $0 == row ? 1 : 0 } })
    #expect(abs(try #require(try Geometry.effectiveRank(corners)) - 3) < 1e-3)
    #expect(Geometry.spread(Matrix(rows: 0, columns: 2)) == nil)
    #expect(try Geometry.effectiveRank(matrix([[1, 0]])) == nil)
  }
}
