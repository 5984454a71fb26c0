import Kernels

/// Clusters of rows around centres of least squared distance (Lloyd, 1982), begun as k-means++ does (Arthur and
/// Vassilvitskii, 2007).
///
/// An empty cluster keeps its last centre. The result depends on the rows and the stream alone.
public struct KMeansClusters: Sendable {
  /// The centres, `[clusters, dimension]`.
  public let centres: Matrix
  /// The cluster of each row, the one of the nearest centre.
  public let assignments: [Int]

  /// Clusters rows, `[rows, dimension]`.
  ///
  /// - Parameters:
  ///   - count: the number of clusters; not more than there are rows.
  ///   - iterations: the most times that centres are moved.
  public init(of rows: Matrix, count: Int, iterations: Int = 20, using stream: inout RandomStream) {
    precondition(
      count > 0 && count <= rows.rows && iterations >= 0, "KMeansClusters: \(count) clusters of \(rows.rows) rows")
    let squares = rows.rowLengths().map { $0 * $0 }
    var centres = Self.firstCentres(rows, squares, count: count, using: &stream)
    var assignments = Self.nearest(rows, squares, centres).map(\.centre)
    for _ in 0..<iterations {
      centres = Self.means(of: rows, assignments, keeping: centres)
      let next = Self.nearest(rows, squares, centres).map(\.centre)
      if next == assignments { break }
      assignments = next
    }
    self.centres = centres
    self.assignments = assignments
  }

  /// Draws each next centre with a probability in proportion to the squared distance from those before.
  private static func firstCentres(
    _ rows: Matrix, _ squares: [Float], count: Int, using stream: inout RandomStream
  ) -> Matrix {
    var chosen = [stream.below(rows.rows)]
    var distances = [Float](repeating: .infinity, count: rows.rows)
    while chosen.count < count {
      let last = rows.gathering([chosen[chosen.count - 1]])
      for (row, found) in nearest(rows, squares, last).enumerated() {
        distances[row] = min(distances[row], max(0, found.distance))
      }
      let total = distances.reduce(0.0) { $0 + Double($1) }
      var left = Double(stream.uniform()) * total
      // Where all rows lie on centres, any will do.
      var next = total > 0 ? distances.lastIndex { $0 > 0 } ?? 0 : stream.below(rows.rows)
      for (row, distance) in distances.enumerated() where total > 0 {
        left -= Double(distance)
        if left < 0 {
          next = row
          break
        }
      }
      chosen.append(next)
    }
    return rows.gathering(chosen)
  }

  private static func nearest(
    _ rows: Matrix, _ squares: [Float], _ centres: Matrix
  ) -> [(centre: Int, distance: Float)] {
    let lengths = centres.rowLengths().map { $0 * $0 }
    var found: [(centre: Int, distance: Float)] = []
    found.reserveCapacity(rows.rows)
    SimilarityBlocks(queries: rows, candidates: centres).forEachRow { row, products in
      var best = (centre: 0, distance: Float.infinity)
      for centre in 0..<centres.rows {
        let distance = squares[row] + lengths[centre] - 2 * products[centre]
        if distance < best.distance { best = (centre, distance) }
      }
      found.append(best)
    }
    return found
  }

  private static func means(of rows: Matrix, _ assignments: [Int], keeping centres: Matrix) -> Matrix {
    var sums = [Double](repeating: 0, count: centres.values.count)
    var counts = [Int](repeating: 0, count: centres.rows)
    for (row, cluster) in assignments.enumerated() {
      counts[cluster] += 1
      for column in 0..<rows.columns { sums[cluster * rows.columns + column] += Double(rows[row, column]) }
    }
    var result = centres
    for cluster in 0..<centres.rows where counts[cluster] > 0 {
      for column in 0..<rows.columns {
        result[cluster, column] = Float(sums[cluster * rows.columns + column] / Double(counts[cluster]))
      }
    }
    return result
  }
}
