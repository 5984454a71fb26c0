import CKernels

/// Delaunay graphs that rays find, with a bit for every two points.
///
/// Points are `[dimension, count]`, one after another in each dimension. Origins are divided among the threads of the pool;
/// what is found does not depend on their number.
package enum DelaunayRays {
  /// out[y] = ‖x − y‖², summed from differences, each step rounded: the same from x to y as from y to x.
  package static func squaredDistances(
    from x: Int, to points: UnsafePointer<Float>, dimensions: Int, count: Int,
    into distances: UnsafeMutablePointer<Float>
  ) {
    ck_squared_distances(points, dimensions, count, x, distances)
  }

  /// Sets the bits of the neighbours that rays from some points hit, along each direction and against it, those of the
  /// nearest point, and of points at the same place.
  ///
  /// - Parameters:
  ///   - products: each direction's products with the points, `[rays, pitch]`.
  ///   - neighbours: a row of `words` words for each point.
  package static func cast(
    from origins: Range<Int>, among points: UnsafePointer<Float>, dimensions: Int, count: Int,
    products: UnsafePointer<Float>, pitch: Int, rays: Int, into neighbours: UnsafeMutablePointer<UInt64>, words: Int
  ) {
    ck_cast_rays(
      points, dimensions, count, products, pitch, rays, origins.lowerBound, origins.upperBound, neighbours, words)
  }

  /// Makes neighbours mutual.
  package static func mirror(_ neighbours: UnsafeMutablePointer<UInt64>, count: Int, words: Int) {
    ck_mirror_bits(neighbours, count, words)
  }
}
