import Evaluation
import Foundation
import Kernels
import Testing

@Suite struct GeometryTests {
  /// Of many rows only some are paired, evenly spread: what is done stays the same however many there are.
  @Test func uniformityLooksAtABoundedNumberOfPairs() {
    var rows = Matrix(rows: 100, columns: 3)
    for row in 0..<100 { for column in 0..<3 { rows[row, column] = Float((row * 7 + column * 13) % 11) - 5 } }
    let few = rows.gathering([0, 25, 50, 75])
    #expect(Geometry.uniformity(rows, most: 4) == Geometry.uniformity(few))
    #expect(Geometry.uniformity(rows, most: 100) == Geometry.uniformity(rows))
  }

  @Test func goldenValues() {
    #expect(isClose(Geometry.alignment(Golden.a, Golden.b), 0.0998031556))
    #expect(isClose(Geometry.uniformity(Golden.a), -4.3756903784, within: 2e-6))
    #expect(isClose(Geometry.modalityGap(Golden.a, Golden.b), 0.2022233081))
    #expect(isClose(Geometry.matchedCosine(Golden.a, Golden.b), 0.9500984222))
    #expect(isClose(Geometry.coneCosine(Golden.a), -0.0939225946))
  }

  @Test func alignmentOfOtherPowers() {
    // Right angles: every distance is √2.
    let (x, y) = (matrix([[1, 0], [0, 3]]), matrix([[0, 1], [1, 0]]))
    #expect(isClose(Geometry.alignment(x, y), 2))
    #expect(isClose(Geometry.alignment(x, y, power: 1), 2.0.squareRoot()))
  }

  @Test func agreesWithTheDirectFormula() {
    let x = normalMatrix(60, 9, seed: 11).normalisingRows()
    var (potential, cosine) = (0.0, 0.0)
    for i in 0..<60 {
      for j in i + 1..<60 {
        let product = zip(x[row: i], x[row: j]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        potential += exp(-2 * (2 - 2 * product))
        cosine += product
      }
    }
    #expect(isClose(Geometry.uniformity(x), log(potential / 1770), within: 1e-5))
    #expect(isClose(Geometry.coneCosine(x), cosine / 1770))
  }

  @Test func coincidingRows() {
    let same = Matrix(rows: 5, columns: 3, repeating: 2)
    #expect(isClose(Geometry.uniformity(same), 0))
    #expect(isClose(Geometry.coneCosine(same), 1))
    #expect(isClose(Geometry.modalityGap(same, same), 0) && isClose(Geometry.alignment(same, same), 0))
  }

  @Test func oneRowAndNone() {
    let (one, none) = (matrix([[3, 4]]), Matrix(rows: 0, columns: 2))
    #expect(Geometry.uniformity(one) == nil && Geometry.coneCosine(one) == nil)
    #expect(isClose(Geometry.alignment(one, matrix([[4, 3]])), 0.08))
    #expect(isClose(Geometry.modalityGap(one, matrix([[-3, -4]])), 2))
    #expect(Geometry.uniformity(none) == nil && Geometry.alignment(none, none) == nil)
    #expect(Geometry.modalityGap(one, none) == nil && Geometry.matchedCosine(none, none) == nil)
    #expect(SimilarityDistributions(none, none) == nil)
  }

  @Test func shiftingClosesAndWidensTheGap() throws {
    let gap = try #require(Geometry.modalityGap(Golden.a, Golden.b))
    let (u, v) = Geometry.shifting(Golden.a, Golden.b, by: gap)
    #expect(isClose(Geometry.modalityGap(u, v), 0.1195205751))
    let (wideU, wideV) = Geometry.shifting(Golden.a, Golden.b, by: -0.5)
    #expect(isClose(Geometry.modalityGap(wideU, wideV), 0.4164641686))
    #expect(wideU.rowLengths().allSatisfy { abs($0 - 1) < 1e-6 })
    let (same, other) = Geometry.shifting(Golden.a, Golden.a, by: 1)
    #expect(same == Golden.a.normalisingRows() && other == same)
  }

  @Test func distributionsApart() throws {
    let apart = try #require(SimilarityDistributions(identity(3), identity(3), bins: 10))
    #expect(apart.positives == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
    #expect(apart.negatives == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    #expect(apart.positiveMean == 1 && apart.negativeMean == 0 && apart.overlap == 0)
    #expect(isClose(apart.centres[0], -0.9) && isClose(apart.centres[9], 0.9))
  }

  @Test func distributionsOverlapping() throws {
    let same = Matrix(rows: 4, columns: 2, repeating: 1)
    let collapsed = try #require(SimilarityDistributions(same, same))
    #expect(isClose(collapsed.overlap, 1) && isClose(collapsed.negativeMean, 1))
    // Cosines 1 and 0 matched; 0 and 1 unmatched.
    let half = try #require(SimilarityDistributions(matrix([[1, 0], [1, 0]]), matrix([[1, 0], [0, 1]])))
    #expect(isClose(half.overlap, 1) && half.positiveMean == 0.5 && half.negativeMean == 0.5)
    let one = try #require(SimilarityDistributions(matrix([[1, 0]]), matrix([[1, 0]])))
    #expect(one.negativeMean == nil && one.overlap == nil && one.negatives.allSatisfy { $0 == 0 })
    let broken = try #require(SimilarityDistributions(matrix([[.nan, 0]]), matrix([[1, 0]])))
    #expect(broken.positives[0] == 1 && broken.positiveMean.isNaN)
  }
}
