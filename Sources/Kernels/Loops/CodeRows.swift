import CKernels

/// Codebooks: observations of several tokens, scored against rows of one table.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum CodeRows {
  /// The token number that stands for none.
  package static let noToken = Int(CK_NO_TOKEN)

  /// best[c] = max over tokens of scores[t, c], the first of equal ones, and its token in `winners`.
  ///
  /// With `floorsAtZero` a negative maximum becomes 0 and belongs to no token, as does that over no tokens. Runs on one
  /// thread.
  package static func greatestOverTokens(
    _ scores: UnsafePointer<Float>, pitch: Int, tokens: Int, codes: Int, floorsAtZero: Bool,
    into best: UnsafeMutablePointer<Float>, tokens winners: UnsafeMutablePointer<UInt16>?
  ) {
    ck_max_over_tokens(scores, pitch, tokens, codes, floorsAtZero, best, winners)
  }

  /// rows[row(b, c)] += scale · weight[b, c] · codebook[c] for every non-zero weight.
  ///
  /// row(b, c) is starts[b] + winners[b, c], or b where both are nil.
  package static func addCodes(
    weights weight: UnsafePointer<Float>, tokens winners: UnsafePointer<UInt16>?, starts: UnsafePointer<Int32>?,
    _ codebook: UnsafePointer<Float>, to rows: UnsafeMutablePointer<Float>, observations: Int, codes: Int,
    dimensions: Int, scale: Float
  ) {
    ck_add_codes(weight, winners, starts, codebook, rows, observations, codes, dimensions, scale)
  }

  /// codebook[c] += scale · weight[b, c] · rows[row(b, c)] for every non-zero weight, observations in order.
  package static func addRows(
    weights weight: UnsafePointer<Float>, tokens winners: UnsafePointer<UInt16>?, starts: UnsafePointer<Int32>?,
    _ rows: UnsafePointer<Float>, to codebook: UnsafeMutablePointer<Float>, observations: Int, codes: Int,
    dimensions: Int, scale: Float
  ) {
    ck_add_to_codes(weight, winners, starts, rows, codebook, observations, codes, dimensions, scale)
  }
}
