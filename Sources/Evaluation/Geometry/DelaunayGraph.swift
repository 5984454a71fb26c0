import Diagnostics
import Kernels

/// The neighbourhoods of points that random rays find: a subset of the Delaunay graph's edges, the widest faces first
/// (Polianskii and Pokorny, 2020).
///
/// A ray that starts at point `x` in direction `u` leaves the Voronoi cell of `x` into that of the neighbour
///
///     y = argmin_y ‖y − x‖² / (2 u · (y − x))   over   u · (y − x) > 0
///
/// *Deviation*: the same directions, each also reversed, are cast from every point, which costs one matrix product; the
/// nearest neighbour, always a Delaunay edge, is added. Time is O(points² · rays), memory O(points²).
public struct DelaunayGraph: Sendable {
  /// The most points a graph is built of.
  public static let mostPoints = 5000
  /// The number of points.
  public let points: Int
  /// The length of the edge between two points, row by row; infinite where there is none.
  private var lengths: [Float]

  /// Casts rays from every point of `[points, dimension]`.
  ///
  /// - Throws: `UserError` of kind `data` if there are more than `mostPoints` points or values that are not finite.
  public init(points data: Matrix, rays: Int, using stream: inout RandomStream) throws(UserError) {
    precondition(rays > 0, "Delaunay graph: the number of rays must be positive, not \(rays)")
    guard data.rows <= Self.mostPoints else {
      throw UserError(
        .data, "the Delaunay graph of \(data.rows) points would take too long",
        mend: "choose at most \(Self.mostPoints) points")
    }
    guard data.values.allSatisfy(\.isFinite) else {
      throw UserError(
        .data, "the Delaunay graph of points with values that are not finite is undefined",
        mend: "look for a diverged run or a broken data file")
    }
    points = data.rows
    lengths = [Float](repeating: .infinity, count: points * points)
    guard points > 1 else { return }
    // Whole vectors of eight: the padding has no influence, as its reciprocal distance is zero.
    let blocks = (points + 7) / 8
    let centred = data.subtractingFromRows(data.columnMeans())
    var padded = Matrix(rows: blocks * 8, columns: data.columns)
    padded.values.replaceSubrange(0..<centred.values.count, with: centred.values)
    let directions = Matrix(
      rows: rays, columns: data.columns, values: (0..<rays * data.columns).map { _ in stream.normal() })
    let products = directions.multiplied(by: padded, transposingOther: true)
    let ramp = SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7)
    var reciprocals = [SIMD8<Float>](repeating: .zero, count: blocks)
    for x in 0..<points {
      let squares = Self.squaredDistances(from: x, in: centred)
      var nearest = x == 0 ? 1 : 0
      for y in 0..<points where y != x {
        if squares[y] < squares[nearest] { nearest = y }
        if squares[y] == 0 { connect(x, y, 0) }
      }
      connect(x, nearest, squares[nearest])
      for y in 0..<points { reciprocals[y / 8][y % 8] = squares[y] > 0 ? 1 / squares[y] : 0 }
      products.values.withUnsafeBytes { bytes in
        for ray in 0..<rays {
          let start = ray * blocks * 32
          let own = SIMD8<Float>(repeating: products[ray, x])
          var (most, least) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
          var (mostIndex, leastIndex) = (SIMD8<Int32>(repeating: -1), SIMD8<Int32>(repeating: -1))
          for block in 0..<blocks {
            let product = bytes.loadUnaligned(fromByteOffset: start + block * 32, as: SIMD8<Float>.self)
            let nearness = (product - own) * reciprocals[block]
            let index = ramp &+ Int32(block * 8)
            let above = nearness .> most
            let below = nearness .< least
            most.replace(with: nearness, where: above)
            mostIndex.replace(with: index, where: above)
            least.replace(with: nearness, where: below)
            leastIndex.replace(with: index, where: below)
          }
          if let y = Self.winner(mostIndex, values: most) { connect(x, y, squares[y]) }
          if let y = Self.winner(leastIndex, values: 0 - least) { connect(x, y, squares[y]) }
        }
      }
    }
  }

  /// All edges, each once with its smaller point first, in the order of their points.
  public var edges: [(first: Int, second: Int, length: Float)] {
    var edges: [(first: Int, second: Int, length: Float)] = []
    for first in 0..<points {
      for second in first + 1..<max(points, first + 1) where lengths[first * points + second].isFinite {
        edges.append((first, second, lengths[first * points + second]))
      }
    }
    return edges
  }

  /// The edges of a minimum spanning tree by ascending length (Prim); parts that no edge joins are joined by edges of
  /// infinite length.
  var minimumSpanningTree: [(first: Int, second: Int, length: Float)] {
    guard points > 1 else { return [] }
    var isInTree = [Bool](repeating: false, count: points)
    var link = [Int](repeating: 0, count: points)
    var distance = [Float](repeating: .infinity, count: points)
    var tree: [(first: Int, second: Int, length: Float)] = []
    var current = 0
    for _ in 1..<points {
      isInTree[current] = true
      var next = -1
      for y in 0..<points where !isInTree[y] {
        let length = lengths[current * points + y]
        if length < distance[y] { (distance[y], link[y]) = (length, current) }
        if next < 0 || distance[y] < distance[next] { next = y }
      }
      tree.append((link[next], next, distance[next]))
      current = next
    }
    return tree.sorted { ($0.length, $0.first, $0.second) < ($1.length, $1.first, $1.second) }
  }

  private mutating func connect(_ x: Int, _ y: Int, _ square: Float) {
    let length = square.squareRoot()
    lengths[x * points + y] = length
    lengths[y * points + x] = length
  }

  private static func winner(_ indices: SIMD8<Int32>, values: SIMD8<Float>) -> Int? {
    let best = values.max()
    guard best > 0 else { return nil }
    return (0..<8).filter { values[$0] == best }.map { Int(indices[$0]) }.min()
  }

  /// Summed from differences, since the products of near points would cancel.
  private static func squaredDistances(from x: Int, in data: Matrix) -> [Float] {
    let width = data.columns
    return data.values.withUnsafeBufferPointer { values in
      (0..<data.rows).map { y in
        var sum: Float = 0
        for column in 0..<width {
          let difference = values[x * width + column] - values[y * width + column]
          sum += difference * difference
        }
        return sum
      }
    }
  }
}
