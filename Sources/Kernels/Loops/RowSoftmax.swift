import CKernels

/// Softmax, its relatives and their gradients, row by row.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum RowSoftmax {
  /// y = softmax(scale · x)
  package static func softmax(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int, scale: Float
  ) {
    ck_softmax(x, y, rows, columns, scale)
  }

  /// dx (+)= scale · y · (dy − Σ dy y)
  package static func softmaxGradient(
    output y: UnsafePointer<Float>, gradient dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, scale: Float, adding: Bool
  ) {
    ck_softmax_backward(y, dy, dx, rows, columns, scale, adding)
  }

  /// y = x − logsumexp(x)
  package static func logSoftmax(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    ck_log_softmax(x, y, rows, columns)
  }

  /// dx (+)= dy − exp(y) · Σ dy
  package static func logSoftmaxGradient(
    output y: UnsafePointer<Float>, gradient dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, adding: Bool
  ) {
    ck_log_softmax_backward(y, dy, dx, rows, columns, adding)
  }

  /// y[r] = log Σ_c exp(x[r, c]), leaving out column skip[r] where `skip` is given (−1 leaves out none).
  package static func logSumExp(
    _ x: UnsafePointer<Float>, skipping skip: UnsafePointer<Int32>?, into y: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int
  ) {
    ck_log_sum_exp(x, skip, y, rows, columns)
  }

  /// dx (+)= dy[r] · exp(x − y[r])
  package static func logSumExpGradient(
    _ x: UnsafePointer<Float>, skipping skip: UnsafePointer<Int32>?, output y: UnsafePointer<Float>,
    gradient dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, rows: Int, columns: Int, adding: Bool
  ) {
    ck_log_sum_exp_backward(x, skip, y, dy, dx, rows, columns, adding)
  }

  /// loss[r] = logsumexp(x[r]) − x[r, target[r]], with `logSum` kept for the gradient.
  package static func crossEntropy(
    _ x: UnsafePointer<Float>, targets target: UnsafePointer<Int32>, into loss: UnsafeMutablePointer<Float>,
    logSum: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    ck_cross_entropy(x, target, loss, logSum, rows, columns)
  }

  /// dx (+)= dy[r] · (softmax(x)[r, c] − [c = target[r]])
  package static func crossEntropyGradient(
    _ x: UnsafePointer<Float>, targets target: UnsafePointer<Int32>, logSum: UnsafePointer<Float>,
    gradient dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, rows: Int, columns: Int, adding: Bool
  ) {
    ck_cross_entropy_backward(x, target, logSum, dy, dx, rows, columns, adding)
  }

  /// The Euclidean projection of each row onto the simplex (Martins & Astudillo, 2016), by successive thresholds.
  package static func sparsemax(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int)
  {
    ck_sparsemax(x, y, rows, columns)
  }

  /// dx (+)= [y > 0] · (dy − mean of dy over the support)
  package static func sparsemaxGradient(
    output y: UnsafePointer<Float>, gradient dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, adding: Bool
  ) {
    ck_sparsemax_backward(y, dy, dx, rows, columns, adding)
  }
}
