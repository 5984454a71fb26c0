import Diagnostics
import Evaluation
import Kernels
import Testing

@Suite struct DelaunayTests {
  private func graph(_ points: Matrix, rays: Int = 300) throws -> DelaunayGraph {
    var stream = RandomStream(seed: 1, name: "rays")
    return try DelaunayGraph(points: points, rays: rays, using: &stream)
  }

  private func blob(_ count: Int, at x: Float, seed: UInt64) -> Matrix {
    var points = normalMatrix(count, 2, seed: seed)
    for row in 0..<count { points[row, 0] += x }
    return points
  }

  private func joined(_ first: Matrix, _ second: Matrix) -> Matrix {
    Matrix(rows: first.rows + second.rows, columns: first.columns, values: first.values + second.values)
  }

  @Test func pointsOnALineAreAChain() throws {
    let edges = try graph(matrix([[3], [0], [1], [7]])).edges
    #expect(edges.map { [$0.first, $0.second] } == [[0, 2], [0, 3], [1, 2]])
    #expect(edges.map(\.length) == [2, 4, 1])
  }

  @Test func theShortDiagonalOfARhombusIsAnEdge() throws {
    let edges = try graph(matrix([[-3, 0], [0, 1], [3, 0], [0, -1]])).edges
    #expect(edges.map { [$0.first, $0.second] } == [[0, 1], [0, 3], [1, 2], [1, 3], [2, 3]])
  }

  @Test func edgesHaveAnEmptyCircle() throws {
    let points = normalMatrix(40, 2, seed: 41)
    let edges = try graph(points).edges
    #expect(edges.count > 80 && edges.count <= 3 * 40 - 6)
    // Two points are Delaunay neighbours if some circle through both, centred on their bisector, has no point inside.
    for (first, second, _) in edges {
      let (ax, ay) = (Double(points[first, 0]), Double(points[first, 1]))
      let (bx, by) = (Double(points[second, 0]), Double(points[second, 1]))
      let (dx, dy) = (bx - ax, by - ay)
      var (low, high) = (-Double.infinity, Double.infinity)
      for other in 0..<40 where other != first && other != second {
        // With the centre at the middle plus s · (−dy, dx), the point is outside if s · across ≤ along.
        let (px, py) = (Double(points[other, 0]) - (ax + bx) / 2, Double(points[other, 1]) - (ay + by) / 2)
        let along = (px * px + py * py - (dx * dx + dy * dy) / 4) / 2
        let across = px * -dy + py * dx
        if across > 0 { high = min(high, along / across) } else { low = max(low, along / across) }
      }
      #expect(low <= high + 1e-3)
    }
  }

  @Test func twoCloudsOneShared() throws {
    // R lies in both clouds, E only in the first: every E is covered, half of R.
    let reference = joined(blob(30, at: 0, seed: 1), blob(30, at: 100, seed: 2))
    var stream = RandomStream(seed: 2, name: "rays")
    let result = try DelaunayComponents(reference: reference, evaluated: blob(40, at: 0, seed: 3), using: &stream)
    #expect(result.components.count == 2 && result.outlierCount == 0)
    #expect(result.precision == 1 && result.recall == 0.5)
    let (shared, lonely) = (result.components[0], result.components[1])
    #expect(shared.reference == Array(0..<30) && shared.evaluated == Array(0..<40) && shared.isFundamental)
    #expect(isClose(shared.consistency, 1 - 10.0 / 70) && shared.quality > 0.3 && shared.quality < 0.7)
    #expect(lonely.reference == Array(30..<60) && lonely.consistency == 0 && lonely.quality == 0)
    #expect(
      isClose(result.networkQuality, Double(shared.mixedEdges) / Double(shared.edges + lonely.edges)))
  }

  @Test func setsApartShareNothing() throws {
    var stream = RandomStream(seed: 2, name: "rays")
    let result = try DelaunayComponents(
      reference: blob(30, at: 0, seed: 1), evaluated: blob(30, at: 50, seed: 3), using: &stream)
    #expect(result.components.count == 2 && result.precision == 0 && result.recall == 0)
    #expect(result.networkQuality == 0)
  }

  @Test func aFarPointIsNoise() throws {
    let reference = joined(joined(blob(20, at: 0, seed: 1), blob(20, at: 60, seed: 2)), matrix([[30, 400]]))
    var stream = RandomStream(seed: 2, name: "rays")
    let result = try DelaunayComponents(
      reference: reference, evaluated: joined(blob(20, at: 0, seed: 4), blob(20, at: 60, seed: 5)), using: &stream)
    #expect(result.outlierCount == 1 && result.precision == 1 && isClose(result.recall, 40.0 / 41))
  }

  @Test func coincidingPointsAndTooFew() throws {
    let same = joined(Matrix(rows: 15, columns: 2), Matrix(rows: 15, columns: 2, repeating: 5))
    var stream = RandomStream(seed: 2, name: "rays")
    let twins = try DelaunayComponents(reference: same, evaluated: same, using: &stream)
    #expect(twins.components.count == 2 && twins.precision == 1 && twins.recall == 1)
    let few = try DelaunayComponents(reference: matrix([[0, 1]]), evaluated: matrix([[1, 0]]), using: &stream)
    #expect(few.components.isEmpty && few.precision == 0 && few.outlierCount == 2 && few.networkQuality == 0)
    let none = Matrix(rows: 0, columns: 2)
    let nothing = try DelaunayComponents(reference: none, evaluated: none, using: &stream)
    #expect(nothing.precision == nil && nothing.recall == nil)
  }

  @Test(arguments: [(130, 3, 20), (40, 1, 5), (1_030, 2, 1)])
  func edgesAreThoseOfThePlainRule(count: Int, width: Int, rays: Int) throws {
    var points = normalMatrix(count, width, seed: 43)
    // Two at one place, and one as far from the first as another is.
    for column in 0..<width {
      points[7, column] = points[3, column]
      points[8, column] = 2 * points[0, column] - points[9, column]
    }
    var stream = RandomStream(seed: 1, name: "rays")
    let directions = (0..<rays * width).map { _ in stream.normal() }
    let centred = points.subtractingFromRows(points.columnMeans())
    let products = Matrix(rows: rays, columns: width, values: directions).multiplied(
      by: centred, transposingOther: true)
    var expected: Set<[Int]> = []
    for x in 0..<count {
      let squares = (0..<count).map { y in
        (0..<width).reduce(Float(0)) { sum, column in
          let difference = centred[x, column] - centred[y, column]
          return sum + difference * difference
        }
      }
      let others = (0..<count).filter { $0 != x }
      var found = others.filter { squares[$0] == 0 } + [others.min { squares[$0] < squares[$1] } ?? x]
      for ray in 0..<rays {
        for sign in [Float(1), -1] {
          func nearness(_ y: Int) -> Float {
            squares[y] > 0 ? sign * (products[ray, y] - products[ray, x]) * (1 / squares[y]) : 0
          }
          if let y = others.filter({ nearness($0) > 0 }).max(by: { nearness($0) < nearness($1) }) { found.append(y) }
        }
      }
      expected.formUnion(found.map { [min(x, $0), max(x, $0)] })
    }
    let found = try graph(points, rays: rays).edges
    // Products of other shapes may differ in their last bits, and so, once in thousands, in which of two is greater.
    let differing = Set(found.map { [$0.first, $0.second] }).symmetricDifference(expected)
    #expect(differing.count <= expected.count / 1_000)
    #expect(found.map { $0.first * count + $0.second } == found.map { $0.first * count + $0.second }.sorted())
    #expect(
      found.allSatisfy { edge in
        let square = (0..<width).reduce(Float(0)) {
          let difference = centred[edge.first, $1] - centred[edge.second, $1]
          return $0 + difference * difference
        }
        return edge.length == square.squareRoot()
      })
  }

  @Test func raysInBlocksFindTheSame() throws {
    let points = normalMatrix(90, 2, seed: 44)
    var stream = RandomStream(seed: 1, name: "rays")
    // 96 products a ray with the padding: seven rays at a time, of fifty.
    let blocks = try DelaunayGraph(points: points, rays: 50, using: &stream, mostProducts: 700).edges
    let whole = try graph(points, rays: 50).edges
    #expect(blocks.map { [$0.first, $0.second] } == whole.map { [$0.first, $0.second] })
    #expect(whole.count > 100)
  }

  @Test func theSearchCanBeEnded() throws {
    struct Stop: Error {}
    var stream = RandomStream(seed: 2, name: "rays")
    var asked = 0
    #expect(throws: Stop.self) {
      try DelaunayComponents(
        reference: normalMatrix(700, 2, seed: 1), evaluated: normalMatrix(700, 2, seed: 2), rays: 2, using: &stream
      ) {
        asked += 1
        if asked == 3 { throw Stop() }
      }
    }
    #expect(asked == 3)
  }

  @Test func brokenOrTooManyPointsAreErrors() {
    var stream = RandomStream(seed: 2, name: "rays")
    #expect(throws: UserError.self) {
      try DelaunayGraph(points: matrix([[.nan, 1], [0, 0]]), rays: 5, using: &stream)
    }
    #expect(throws: UserError.self) {
      try DelaunayGraph(points: Matrix(rows: DelaunayGraph.mostPoints + 1, columns: 1), rays: 5, using: &stream)
    }
  }
}
