import CKernels

/// Loops over the rows of a matrix as vectors.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum RowVectors {
  /// y[r] = Σ_c a[r, c] · b[r, c]
  package static func dot(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    ck_row_dot(a, b, y, rows, columns)
  }

  /// y[r, c] (+)= s[r] · x[r, c]
  package static func scale(
    _ x: UnsafePointer<Float>, by s: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
    adding: Bool
  ) {
    ck_scale_rows(x, s, y, rows, columns, adding)
  }

  /// y[r] = table[index[r]]
  package static func gather(
    from table: UnsafePointer<Float>, rows index: UnsafePointer<Int32>, into y: UnsafeMutablePointer<Float>, count: Int,
    columns: Int
  ) {
    ck_gather_rows(table, index, y, count, columns)
  }

  /// table[index[r]] += dy[r]; rows of the same index are added in order.
  package static func scatterAdd(
    _ dy: UnsafePointer<Float>, rows index: UnsafePointer<Int32>, into table: UnsafeMutablePointer<Float>, count: Int,
    columns: Int, tableRows: Int
  ) {
    ck_scatter_add_rows(dy, index, table, count, columns, tableRows)
  }
}
