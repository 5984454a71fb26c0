import CKernels

/// Loops over the middle axis of `[outer, count, inner]`.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum AxisReduction {
  /// y (+)= scale · Σ x over the middle axis.
  package static func sum(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, outer: Int, count: Int, inner: Int, scale: Float,
    adding: Bool
  ) {
    ck_reduce(CK_SUM, x, y, nil, outer, count, inner, scale, adding)
  }

  /// y = the greatest of the middle axis; `places` receives the index of the first greatest value.
  package static func greatest(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, places: UnsafeMutablePointer<Int32>?, outer: Int,
    count: Int, inner: Int
  ) {
    ck_reduce(CK_MAX, x, y, places, outer, count, inner, 1, false)
  }

  /// x (+)= scale · y, repeated along the middle axis.
  package static func spread(
    _ y: UnsafePointer<Float>, into x: UnsafeMutablePointer<Float>, outer: Int, count: Int, inner: Int, scale: Float,
    adding: Bool
  ) {
    ck_repeat(y, x, outer, count, inner, scale, adding)
  }

  /// dx[o, places[o, i], i] += dy[o, i]
  package static func addToGreatest(
    _ dy: UnsafePointer<Float>, places: UnsafePointer<Int32>, into dx: UnsafeMutablePointer<Float>, outer: Int,
    count: Int, inner: Int
  ) {
    ck_scatter_max(dy, places, dx, outer, count, inner)
  }
}
