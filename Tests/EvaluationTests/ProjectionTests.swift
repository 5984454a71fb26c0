import Diagnostics
import Evaluation
import Kernels
import Testing

@Suite struct ProjectionTests {
  @Test func componentsOfAConstructedCovariance() throws {
    // ±3 along (0.6, 0.8) and ±1 along (−0.8, 0.6), around (5, −2): variances 18/3 and 2/3.
    let data = matrix([[6.8, 0.4], [3.2, -4.4], [4.2, -1.4], [5.8, -2.6]])
    let principal = try PrincipalComponents(of: data, count: 2)
    #expect(isClose(principal.variances[0], 6, within: 1e-5) && isClose(principal.variances[1], 2.0 / 3, within: 1e-5))
    #expect(zip(principal.components.values, [0.6, 0.8, 0.8, -0.6]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(isClose(principal.varianceShares[0], 0.9, within: 1e-6))
    #expect(zip(principal.mean, [5, -2]).allSatisfy { abs($0 - $1) < 1e-6 })
    let projected = principal.projection(of: matrix([[6.8, 0.4], [5.8, -2.6]]))
    #expect(zip(projected.values, [3, 0, 0, 1]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func wideDataGiveTheSameComponentsAsPaddedTallData() throws {
    // The same scatter from few rows (singular vectors) and from those rows twice (eigenvectors).
    let wide = normalMatrix(6, 8, seed: 21)
    let tall = Matrix(rows: 12, columns: 8, values: wide.values + wide.values)
    let (few, many) = (try PrincipalComponents(of: wide, count: 3), try PrincipalComponents(of: tall, count: 3))
    #expect(zip(few.components.values, many.components.values).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(zip(few.varianceShares, many.varianceShares).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(few.components.rows == 3)
  }

  @Test func allComponentsHoldAllVariance() throws {
    let principal = try PrincipalComponents(of: normalMatrix(50, 5, seed: 22), count: 100)
    #expect(principal.components.rows == 5 && isClose(principal.varianceShares.reduce(0, +), 1, within: 1e-5))
    #expect(principal.variances == principal.variances.sorted(by: >))
  }

  @Test func oneRowNoneAndBroken() throws {
    let one = try PrincipalComponents(of: matrix([[1, 2, 3]]), count: 2)
    #expect(one.totalVariance == 0 && one.varianceShares == [0])
    #expect(try PrincipalComponents(of: Matrix(rows: 0, columns: 3), count: 2).components.rows == 0)
    #expect(throws: UserError.self) {
      try PrincipalComponents(of: matrix([[.infinity, 1], [0, 1], [2, 2]]), count: 1)
    }
  }

  @Test(arguments: [1, 5]) func mapSeparatesTwoBlobs(width: Int) throws {
    var data = normalMatrix(60, width, seed: 23)
    for row in 30..<60 { data[row, 0] += 30 }
    let mapper = TSNE(perplexity: 8, steps: 400)
    let map = try mapper.map(of: data)
    #expect(map.rows == 60 && map.columns == 2 && map.values.allSatisfy(\.isFinite))
    func squaredDistance(_ i: Int, _ j: Int) -> Float {
      let (dx, dy) = (map[i, 0] - map[j, 0], map[i, 1] - map[j, 1])
      return dx * dx + dy * dy
    }
    // Every point's five nearest points are of its own blob.
    for i in 0..<60 {
      let nearest = (0..<60).filter { $0 != i }.sorted { squaredDistance(i, $0) < squaredDistance(i, $1) }.prefix(5)
      #expect(nearest.allSatisfy { $0 / 30 == i / 30 })
    }
    #expect(try mapper.map(of: data) == map)
  }

  @Test func mapOfFewOrEqualPoints() throws {
    #expect(try TSNE().map(of: Matrix(rows: 0, columns: 3)).rows == 0)
    #expect(try TSNE().map(of: matrix([[1, 2]])).values == [0, 0])
    #expect(try TSNE(steps: 50).map(of: Matrix(rows: 9, columns: 3, repeating: 1)).values.allSatisfy(\.isFinite))
    #expect(try TSNE(steps: 50).map(of: matrix([[0, 0], [1, 0], [0, 1]])).values.allSatisfy(\.isFinite))
  }

  @Test func mapRefusesTooManyPoints() {
    let data = Matrix(rows: TSNE.mostPoints + 1, columns: 1)
    #expect(throws: UserError.self) { try TSNE().map(of: data) }
  }
}
