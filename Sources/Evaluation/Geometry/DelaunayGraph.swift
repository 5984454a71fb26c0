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
/// nearest neighbour, always a Delaunay edge, is added. Time is O(points² · rays). Memory is a bit for every two points
/// (50 MB for the most points), and ``mostProducts`` numbers for a block of rays; lengths are computed where they are asked
/// for.
public struct DelaunayGraph: Sendable {
  /// The most points a graph is built of.
  public static let mostPoints = 20_000
  /// The most products of directions with points that are held at a time (64 MB), unless one ray has more.
  public static let mostProducts = 1 << 24
  /// The origins between two questions whether to go on.
  private static let originsAtATime = 512

  /// The number of points.
  public let points: Int
  /// The points, `[dimension, points]`.
  private let coordinates: Matrix
  /// The words of a row of bits.
  private let words: Int
  /// Bit y of row x is set where an edge joins both.
  private var neighbours: [UInt64]

  /// Casts rays from every point of `[points, dimension]`.
  ///
  /// - Parameters:
  ///   - mostProducts: the most products of directions with points that are held at a time, unless one ray has more.
  ///   - interruption: called every few hundred points; what it throws ends the search.
  /// - Throws: `UserError` of kind `data` if there are more than `mostPoints` points or values that are not finite.
  public init(
    points data: Matrix, rays: Int, using stream: inout RandomStream, mostProducts: Int = Self.mostProducts,
    interruption: () throws -> Void = {}
  ) throws {
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
    words = (data.rows + 63) / 64
    neighbours = [UInt64](repeating: 0, count: data.rows * words)
    let centred = data.subtractingFromRows(data.columnMeans())
    coordinates = centred.transposed()
    guard points > 1 else { return }
    // Whole vectors of eight, of which products are made faster.
    var padded = Matrix(rows: (points + 7) / 8 * 8, columns: data.columns)
    padded.values.replaceSubrange(0..<centred.values.count, with: centred.values)
    let directions = Matrix(
      rows: rays, columns: data.columns, values: (0..<rays * data.columns).map { _ in stream.normal() })
    let block = max(1, mostProducts / padded.rows)
    for first in stride(from: 0, to: rays, by: block) {
      let some = block >= rays ? directions : directions.gathering(Array(first..<min(first + block, rays)))
      let products = some.multiplied(by: padded, transposingOther: true)
      for start in stride(from: 0, to: points, by: Self.originsAtATime) {
        try interruption()
        DelaunayRays.cast(
          from: start..<min(start + Self.originsAtATime, points), among: coordinates.values, dimensions: data.columns,
          count: points, products: products.values, pitch: padded.rows, rays: some.rows, into: &neighbours,
          words: words)
      }
    }
    DelaunayRays.mirror(&neighbours, count: points, words: words)
  }

  /// All edges, each once with its smaller point first, in the order of their points.
  public var edges: [(first: Int, second: Int, length: Float)] {
    var edges: [(first: Int, second: Int, length: Float)] = []
    var (squares, last) = ([Float](repeating: 0, count: points), -1)
    forEachEdge { first, second in
      if first != last { squaredDistances(from: first, into: &squares) }
      last = first
      edges.append((first, second, squares[second].squareRoot()))
    }
    return edges
  }

  /// Calls for every edge, once with its smaller point first, in the order of their points.
  func forEachEdge(_ body: (_ first: Int, _ second: Int) -> Void) {
    neighbours.withUnsafeBufferPointer { neighbours in
      for first in 0..<points {
        for word in first / 64..<words {
          var rest = neighbours[first * words + word]
          if word == first / 64 { rest &= ~0 << (UInt64(first % 64)) }
          while rest != 0 {
            body(first, word * 64 + rest.trailingZeroBitCount)
            rest &= rest - 1
          }
        }
      }
    }
  }

  /// The edges of a minimum spanning tree by ascending length (Prim); parts that no edge joins are joined by edges of
  /// infinite length.
  var minimumSpanningTree: [(first: Int, second: Int, length: Float)] {
    guard points > 1 else { return [] }
    var squares = [Float](repeating: 0, count: points)
    // Of the points that are not in the tree, in their order: their number, and what links them to the tree best.
    var outside = Array(1..<points)
    var link = [Int](repeating: 0, count: points)
    var distance = [Float](repeating: .infinity, count: points)
    var tree: [(first: Int, second: Int, length: Float)] = []
    var current = 0
    while !outside.isEmpty {
      squaredDistances(from: current, into: &squares)
      let next = nearest(to: current, of: outside, squares: squares, link: &link, distance: &distance)
      let chosen = outside.remove(at: next)
      tree.append((link[chosen], chosen, distance[chosen]))
      current = chosen
    }
    return tree.sorted { ($0.length, $0.first, $0.second) < ($1.length, $1.first, $1.second) }
  }

  /// Which of the points outside is nearest to the tree, the first of equal ones, now that a point has joined it.
  private func nearest(
    to current: Int, of outside: [Int], squares: [Float], link: inout [Int], distance: inout [Float]
  ) -> Int {
    outside.withUnsafeBufferPointer { outside in
      squares.withUnsafeBufferPointer { squares in
        neighbours.withUnsafeBufferPointer { neighbours in
          link.withUnsafeMutableBufferPointer { link in
            distance.withUnsafeMutableBufferPointer { distance in
              var next = 0
              for place in 0..<outside.count {
                let y = outside[place]
                if neighbours[current * words + y >> 6] >> UInt64(y & 63) & 1 == 1 {
                  let length = squares[y].squareRoot()
                  if length < distance[y] { (distance[y], link[y]) = (length, current) }
                }
                if distance[y] < distance[outside[next]] { next = place }
              }
              return next
            }
          }
        }
      }
    }
  }

  private func squaredDistances(from x: Int, into squares: inout [Float]) {
    DelaunayRays.squaredDistances(
      from: x, to: coordinates.values, dimensions: coordinates.rows, count: points, into: &squares)
  }
}
