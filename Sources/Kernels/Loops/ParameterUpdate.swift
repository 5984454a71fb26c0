import CKernels

/// The steps of optimisers, one pass over flat arrays.
///
/// Arrays are dense, row-major, and divided among the threads of the pool: the same number of threads gives the same bits.
/// `adding` adds to the destination instead of overwriting it.
package enum ParameterUpdate {
  /// A step of gradient descent with momentum.
  package static func sgd(
    _ value: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, velocity: UnsafeMutablePointer<Float>,
    count: Int, scale: Float, learningRate: Float, momentum: Float, weightDecay: Float, isNesterov: Bool, isFirst: Bool
  ) {
    ck_sgd(value, gradient, velocity, count, scale, learningRate, momentum, weightDecay, isNesterov, isFirst)
  }

  /// A step of Adam; `isDecoupled` is AdamW's weight decay; `correction1`, `correction2` are 1 − βᵗ.
  package static func adam(
    _ value: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>,
    second: UnsafeMutablePointer<Float>, count: Int, scale: Float, learningRate: Float, beta1: Float, beta2: Float,
    epsilon: Float, weightDecay: Float, isDecoupled: Bool, correction1: Float, correction2: Float
  ) {
    ck_adam(
      value, gradient, first, second, count, scale, learningRate, beta1, beta2, epsilon, weightDecay, isDecoupled,
      correction1, correction2)
  }

  /// y = m · y + (1 − m) · x
  package static func movingAverage(
    of x: UnsafePointer<Float>, momentum: Float, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    ck_moving_average(x, momentum, y, count)
  }
}
