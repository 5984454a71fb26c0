import CKernels

/// Arrays of random numbers, those of ``RandomStream`` at the same key and position.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum RandomNumbers {
  /// y is uniform in [low, high).
  package static func uniform(
    key: UInt64, position: UInt64, from low: Float, to high: Float, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    ck_random_uniform(key, position, low, high, y, count)
  }

  /// y (+)= keep ? x / (1 − rate) : 0, number i of the stream deciding on element i.
  package static func dropout(
    key: UInt64, position: UInt64, rate: Float, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    count: Int, adding: Bool
  ) {
    ck_dropout(key, position, rate, x, y, count, adding)
  }
}
