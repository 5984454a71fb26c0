import Kernels
import Synchronization

/// Dense layers in 8-bit integers, for passes without gradients: rows are quantised as they come, weights once.
///
/// Linear layers, perceptrons and the dense layers of self-attention take part; embeddings of patches and tokens,
/// convolutions, recurrent layers, norms, softmax, products of attention and of codes are float32 as ever. Parameters must
/// not change while one is in use.
public final class Int8Inference: Sendable {
  private struct Known: Sendable {
    /// Keeps the numbers, by whose address the weights are known.
    let storage: Storage
    let weights: Int8Weights
  }

  private let known = Mutex<[Int: Known]>([:])

  /// How many layers' weights are held, and how many numbers of them.
  private static let (mostWeights, mostNumbers) = (1024, 1 << 30)

  @TaskLocal private static var task: Int8Inference?

  /// Creates one that knows no weights yet.
  public init() {}

  /// Runs `body` with dense layers in 8-bit integers.
  public func use<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$task.withValue(self, operation: body)
  }

  /// Runs `body` in float32.
  public static func without<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $task.withValue(nil, operation: body)
  }

  /// The one in use; nil where gradients are recorded.
  static var current: Int8Inference? { Tape.isRecording ? nil : task }

  /// The weights of a dense layer, `[outputs, inputs]`; nil where sums of so many products are too long.
  func weights(_ weight: Tensor) -> Int8Weights? {
    guard weight.rank == 2, weight.shape[1] <= Int8Weights.longestRow else { return nil }
    return known.withLock { known in
      let place = Int(bitPattern: weight.pointer)
      if let found = known[place], found.weights.outputs == weight.shape[0], found.weights.inputs == weight.shape[1] {
        return found.weights
      }
      // A layer that cuts its weights anew in each call would fill the memory.
      let numbers = known.values.reduce(weight.count) { $0 + $1.weights.outputs * $1.weights.inputs }
      if known.count >= Self.mostWeights || numbers > Self.mostNumbers { known.removeAll() }
      let made = Int8Weights(weight.pointer, outputs: weight.shape[0], inputs: weight.shape[1])
      known[place] = Known(storage: weight.storage, weights: made)
      return made
    }
  }
}

extension Tensor {
  /// `x Wᵀ` in 8-bit integers.
  func quantisedProduct(with weights: Int8Weights) -> Tensor {
    let rows = rowSizes.0
    let result = Tensor(uninitialized: shape.dropLast() + [weights.outputs])
    Int8Rows(rows: rows, inputs: weights.inputs, outputs: weights.outputs).multiply(
      pointer, leading: weights.inputs, count: rows, by: weights, into: result.pointer, leading: weights.outputs)
    return result
  }
}
