import Kernels
import Synchronization

/// Layers in less than float32, for passes without gradients: inputs are rounded as they come, weights once.
///
/// In 8-bit integers linear layers, perceptrons and the dense layers of self-attention take part; embeddings of patches and
/// tokens, convolutions, recurrent layers, norms, softmax, products of attention and of codes are float32 as ever. In
/// bfloat16 the same layers have their weights rounded once, and what else ``ArithmeticPrecision`` rounds is rounded as in
/// training. Parameters must not change while one is in use.
public final class ReducedInference: Sendable {
  private enum Weights: Sendable {
    case int8(Int8Weights)
    case bfloat16(Bfloat16Weights)

    init(_ weight: Tensor, precision: InferencePrecision) {
      let (outputs, inputs) = (weight.shape[0], weight.shape[1])
      self =
        precision == .int8
        ? .int8(Int8Weights(weight.pointer, outputs: outputs, inputs: inputs))
        : .bfloat16(Bfloat16Weights(weight.pointer, outputs: outputs, inputs: inputs))
    }

    var shape: [Int] {
      switch self {
      case .int8(let weights): [weights.outputs, weights.inputs]
      case .bfloat16(let weights): [weights.outputs, weights.inputs]
      }
    }
  }

  private struct Known: Sendable {
    /// Keeps the numbers, by whose address the weights are known.
    let storage: Storage
    let weights: Weights
  }

  private let known = Mutex<[Int: Known]>([:])
  private let precision: InferencePrecision

  /// How many layers' weights are held, and how many numbers of them.
  private static let (mostWeights, mostNumbers) = (1024, 1 << 30)

  @TaskLocal private static var task: ReducedInference?

  /// Creates one that knows no weights yet; nil for float32, where nothing is reduced.
  public init?(_ precision: InferencePrecision) {
    guard precision != .float32 else { return nil }
    self.precision = precision
  }

  /// Runs `body` with layers in this precision.
  public func use<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$task.withValue(self) {
      precision == .bfloat16 ? try ArithmeticPrecision.bfloat16.use(body) : try body()
    }
  }

  /// Runs `body` in float32.
  public static func without<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard task != nil else { return try body() }
    return try $task.withValue(nil) { try ArithmeticPrecision.float32.use(body) }
  }

  /// Runs `body` with dense layers as numbers where they would be 8-bit integers.
  public static func withoutIntegers<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard task?.precision == .int8 else { return try body() }
    return try $task.withValue(nil, operation: body)
  }

  /// The one in use; nil where gradients are recorded.
  static var current: ReducedInference? { Tape.isRecording ? nil : task }

  /// The weights of a dense layer, `[outputs, inputs]`, in 8-bit integers; nil where they are not to be such, or sums of so
  /// many products are too long.
  func integers(_ weight: Tensor) -> Int8Weights? {
    guard precision == .int8, weight.rank == 2, weight.shape[1] <= Int8Weights.longestRow,
      case .int8(let found) = weights(weight)
    else { return nil }
    return found
  }

  /// The weights of a dense layer, `[outputs, inputs]`, rounded; nil where they are not to be.
  func rounded(_ weight: Tensor) -> Bfloat16Weights? {
    guard precision == .bfloat16, weight.rank == 2, case .bfloat16(let found) = weights(weight) else { return nil }
    return found
  }

  private func weights(_ weight: Tensor) -> Weights {
    known.withLock { known in
      let place = Int(bitPattern: weight.pointer)
      if let found = known[place], found.weights.shape == weight.shape { return found.weights }
      // A layer that cuts its weights anew in each call would fill the memory.
      let numbers = known.values.reduce(weight.count) { $0 + $1.weights.shape.reduce(1, *) }
      if known.count >= Self.mostWeights || numbers > Self.mostNumbers { known.removeAll() }
      let made = Weights(weight, precision: precision)
      known[place] = Known(storage: weight.storage, weights: made)
      return made
    }
  }
}

extension Tensor {
  /// `x Wᵀ` in 8-bit integers.
  func product(with weights: Int8Weights) -> Tensor {
    let rows = rowSizes.0
    let result = Tensor(uninitialized: shape.dropLast() + [weights.outputs])
    Int8Rows(rows: rows, inputs: weights.inputs, outputs: weights.outputs).multiply(
      pointer, leading: weights.inputs, count: rows, by: weights, into: result.pointer, leading: weights.outputs)
    return result
  }

  /// `x Wᵀ` of factors rounded to bfloat16.
  func product(with weights: Bfloat16Weights) -> Tensor {
    let rows = rowSizes.0
    let result = Tensor(uninitialized: shape.dropLast() + [weights.outputs])
    let x = Bfloat16Storage(rounding: pointer, leading: weights.inputs, rows: rows, columns: weights.inputs)
    weights.multiply(x.pointer, count: rows, into: result.pointer)
    return withExtendedLifetime(x) { result }
  }
}
