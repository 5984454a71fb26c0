import CKernels

/// Arrays moved to other places.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum ArrayMoves {
  /// The most axes that a loop can take.
  package static let maximumRank = Int(CK_MAX_RANK)

  /// y (+)= x with axes in another order; strides are those of `x`, in the order of the axes of `y`.
  package static func permute(
    _ x: UnsafePointer<Float>, strides xStrides: UnsafePointer<Int>, into y: UnsafeMutablePointer<Float>,
    sizes: UnsafePointer<Int>, rank: Int, adding: Bool
  ) {
    ck_permute(x, xStrides, y, sizes, Int32(rank), adding)
  }

  /// Copies, or adds, `rows` runs of `length` numbers between two pitches.
  package static func copyRuns(
    _ x: UnsafePointer<Float>, pitch xPitch: Int, to y: UnsafeMutablePointer<Float>, pitch yPitch: Int, rows: Int,
    length: Int, adding: Bool
  ) {
    ck_copy_runs(x, xPitch, y, yPitch, rows, length, adding)
  }
}
