import CKernels

/// Normalisation of rows, with its gradients.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum RowNorm {
  /// y = x / max(‖x‖, epsilon), with the norms kept for the gradient.
  package static func normalise(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, norms norm: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, epsilon: Float
  ) {
    ck_normalize_rows(x, y, norm, rows, columns, epsilon)
  }

  /// The gradient of ``normalise(_:into:norms:rows:columns:epsilon:)``.
  package static func normaliseGradient(
    output y: UnsafePointer<Float>, norms norm: UnsafePointer<Float>, gradient dy: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, rows: Int, columns: Int, epsilon: Float, adding: Bool
  ) {
    ck_normalize_rows_backward(y, norm, dy, dx, rows, columns, epsilon, adding)
  }

  /// y = gain · (x − mean) · inverse + bias, with mean and inverse deviation kept for the gradient.
  package static func layerNorm(
    _ x: UnsafePointer<Float>, gain: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, mean: UnsafeMutablePointer<Float>, inverse: UnsafeMutablePointer<Float>,
    rows: Int, columns: Int, epsilon: Float
  ) {
    ck_layer_norm(x, gain, bias, y, mean, inverse, rows, columns, epsilon)
  }

  /// dx (+)= …; the gradients of gain and bias are added to.
  package static func layerNormGradient(
    _ x: UnsafePointer<Float>, gain: UnsafePointer<Float>, mean: UnsafePointer<Float>, inverse: UnsafePointer<Float>,
    gradient dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    gainGradient dGain: UnsafeMutablePointer<Float>, biasGradient dBias: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, adding: Bool
  ) {
    ck_layer_norm_backward(x, gain, mean, inverse, dy, dx, dGain, dBias, rows, columns, adding)
  }
}
