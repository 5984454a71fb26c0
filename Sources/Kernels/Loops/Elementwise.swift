import CKernels

/// Loops over every element of an array.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum Elementwise {
  /// y = f(x)
  package static func apply(
    _ operation: UnaryOperation, to x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    ck_unary(operation.code, x, y, count)
  }

  /// dx (+)= dy · f′(x); `x` is the operation's input and `y` its output.
  package static func applyGradient(
    _ operation: UnaryOperation, input x: UnsafePointer<Float>, output y: UnsafePointer<Float>,
    gradient dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, count: Int, adding: Bool
  ) {
    ck_unary_backward(operation.code, x, y, dy, dx, count, adding)
  }

  /// y = f(a, b), broadcast by strides: a stride of 0 repeats; the last axis is the fastest.
  package static func combine(
    _ operation: BinaryOperation, _ a: UnsafePointer<Float>, strides aStrides: UnsafePointer<Int>,
    _ b: UnsafePointer<Float>, strides bStrides: UnsafePointer<Int>, into y: UnsafeMutablePointer<Float>,
    sizes: UnsafePointer<Int>, rank: Int
  ) {
    ck_binary(operation.code, a, aStrides, b, bStrides, y, sizes, Int32(rank))
  }

  /// y = scale · x + shift
  package static func affine(
    _ x: UnsafePointer<Float>, scale: Float, shift: Float, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    ck_affine(x, scale, shift, y, count)
  }

  /// y += scale · x
  package static func add(_ x: UnsafePointer<Float>, scale: Float, to y: UnsafeMutablePointer<Float>, count: Int) {
    ck_add_scaled(x, scale, y, count)
  }

  /// y = value
  package static func fill(_ y: UnsafeMutablePointer<Float>, with value: Float, count: Int) {
    ck_fill(value, y, count)
  }

  /// y = x
  package static func copy(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    ck_copy(x, y, count)
  }

  /// y = min(max(x, low), high)
  package static func clamp(
    _ x: UnsafePointer<Float>, from low: Float, through high: Float, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    ck_clamp(x, low, high, y, count)
  }

  /// dx (+)= dy where low ≤ x ≤ high.
  package static func clampGradient(
    _ x: UnsafePointer<Float>, gradient dy: UnsafePointer<Float>, from low: Float, through high: Float,
    into dx: UnsafeMutablePointer<Float>, count: Int, adding: Bool
  ) {
    ck_clamp_backward(x, dy, low, high, dx, count, adding)
  }

  /// y[r, c] = f(x[r, c] + bias[c]); `sum` (may be nil, or `x` itself) receives the sum before f.
  package static func applyBehindBias(
    _ operation: UnaryOperation, _ x: UnsafePointer<Float>, bias: UnsafePointer<Float>,
    sum: UnsafeMutablePointer<Float>?, into y: UnsafeMutablePointer<Float>, rows: Int, columns: Int
  ) {
    ck_bias_unary(operation.code, x, bias, sum, y, rows, columns)
  }

  /// y = max(a + b, 0)
  package static func addReLU(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    ck_add_relu(a, b, y, count)
  }

  /// y[r, c] += bias[c]
  package static func addBias(_ bias: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, rows: Int, columns: Int)
  {
    ck_add_bias(bias, y, rows, columns)
  }

  /// Whether every value is finite.
  package static func areFinite(_ x: UnsafePointer<Float>, count: Int) -> Bool {
    ck_all_finite(x, count)
  }

  /// The number of values that are not 0.
  package static func countNonzero(_ x: UnsafePointer<Float>, count: Int) -> Int {
    ck_count_nonzero(x, count)
  }

  /// Σ x² in double precision, summed in a fixed order.
  package static func sumOfSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
    ck_sum_of_squares(x, count)
  }
}
