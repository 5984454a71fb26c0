import CKernels

/// Counts of a row's numbers against bounds, on the thread that asks.
package enum RowCounts {
  /// How many numbers are below a bound, and how many are not above another; what is not a number is neither.
  package static func of(
    _ row: UnsafeBufferPointer<Float>, below low: Float, notAbove high: Float
  ) -> (below: Int32, notAbove: Int32) {
    guard let start = row.baseAddress else { return (0, 0) }
    var (below, notAbove) = (Int32(0), Int32(0))
    ck_count_bounds(start, row.count, low, high, &below, &notAbove)
    return (below, notAbove)
  }
}
