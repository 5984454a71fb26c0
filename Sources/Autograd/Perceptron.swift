import CKernels
import Kernels
import Synchronization

/// The parameters of two dense layers with a non-linearity between them.
///
/// Shapes: `up [hidden, in]`, `upBias [hidden]`, `down [out, hidden]`, `downBias [out]`.
public struct PerceptronWeights {
  /// The first layer's weight.
  public let up: Tensor
  /// The first layer's bias.
  public let upBias: Tensor
  /// The second layer's weight.
  public let down: Tensor
  /// The second layer's bias.
  public let downBias: Tensor

  /// Creates the parameters of two layers.
  public init(up: Tensor, upBias: Tensor, down: Tensor, downBias: Tensor) {
    self.up = up
    self.upBias = upBias
    self.down = down
    self.downBias = downBias
  }

  fileprivate var tensors: [Tensor] { [up, upBias, down, downBias] }
}

extension Tensor {
  /// Two dense layers with a non-linearity between them, `f(x W₁ᵀ + b₁) W₂ᵀ + b₂`.
  ///
  /// Rows are taken in blocks whose hidden values stay in cache, each thread its own; of the hidden layer only the sums
  /// before the non-linearity are kept for the gradient.
  ///
  /// Shapes: `[…, in]` → `[…, out]`.
  public func perceptron(_ weights: PerceptronWeights, function: FusedFunction) -> Tensor {
    let core = PerceptronCore(input: self, weights: weights, function: function)
    let result = Tensor(uninitialized: Array(shape.dropLast()) + [core.output])
    let isRecorded = Tape.isRecording && ([self] + weights.tensors).contains { $0.isRecorded }
    let sums = isRecorded ? Storage(count: core.rows * core.hidden) : nil
    core.forward(self, weights, sums: sums, into: result.pointer)
    return result.recorded(from: [self] + weights.tensors) { gradient in
      if let sums { core.backward(self, weights, sums: sums, gradient: gradient) }
    }
  }
}

/// The sizes of a perceptron on rows, and its passes.
private struct PerceptronCore {
  let rows, input, hidden, output: Int
  let operation: ck_unary_operation
  /// Rows in a block: 192 of 768 hidden values are 0.6 MB, which a second-level cache holds.
  let block = 192

  init(input tensor: Tensor, weights: PerceptronWeights, function: FusedFunction) {
    (rows, input) = tensor.rowSizes
    hidden = weights.up.shape[0]
    output = weights.down.shape[0]
    operation = function.operation
    precondition(
      weights.up.shape == [hidden, input] && weights.upBias.shape == [hidden]
        && weights.down.shape == [output, hidden] && weights.downBias.shape == [output],
      "perceptron: input \(tensor.shape), weights \(weights.up.shape) and \(weights.down.shape), biases \(weights.upBias.shape) and \(weights.downBias.shape)"
    )
  }

  private var blocks: Int { (rows + block - 1) / block }

  private func extent(_ index: Int) -> (start: Int, count: Int) {
    (index * block, min(block, rows - index * block))
  }

  func forward(_ x: Tensor, _ weights: PerceptronWeights, sums: Storage?, into y: UnsafeMutablePointer<Float>) {
    Parallel.run(count: blocks) { range in
      let active = Storage(count: block * hidden)
      let own = sums == nil ? Storage(count: block * hidden) : nil
      for index in range {
        let (start, count) = extent(index)
        guard let sum = sums.map({ $0.pointer + start * hidden }) ?? own?.pointer else { continue }
        BLAS.multiply(
          m: count, n: hidden, k: input, x.pointer + start * input, leading: input, transposed: false,
          weights.up.pointer, leading: input, transposed: true, into: sum, leading: hidden)
        ck_bias_unary(operation, sum, weights.upBias.pointer, sum, active.pointer, count, hidden)
        let target = y + start * output
        BLAS.multiply(
          m: count, n: output, k: hidden, active.pointer, leading: hidden, transposed: false, weights.down.pointer,
          leading: hidden, transposed: true, into: target, leading: output)
        ck_add_bias(weights.downBias.pointer, target, count, output)
      }
    }
  }

  /// What one thread adds up over its blocks.
  private final class Sums: Sendable {
    let up, upBias, down, downBias: Storage

    init(_ core: PerceptronCore) {
      up = Storage(count: core.hidden * core.input)
      upBias = Storage(count: core.hidden)
      down = Storage(count: core.output * core.hidden)
      downBias = Storage(count: core.output)
    }

    var all: [Storage] { [up, upBias, down, downBias] }
  }

  func backward(_ x: Tensor, _ weights: PerceptronWeights, sums: Storage, gradient: Tensor) {
    let slope = x.node == nil ? nil : Tensor(uninitialized: x.shape)
    let collected = Mutex<[(start: Int, sums: Sums)]>([])
    let (xs, dy, dx) = (x.pointer, gradient.pointer, slope?.pointer)
    Parallel.run(count: blocks) { range in
      let own = Sums(self)
      let active = Storage(count: block * hidden)
      let change = Storage(count: block * hidden)
      for index in range {
        let (start, count) = extent(index)
        let first = index == range.lowerBound
        let beta: Float = first ? 0 : 1
        let (sum, d) = (sums.pointer + start * hidden, dy + start * output)
        ck_unary(operation, sum, active.pointer, count * hidden)
        // dW₂ = dYᵀ a;  da = dY W₂;  ds = da f′(s);  dW₁ = dsᵀ X;  dX = ds W₁
        BLAS.multiply(
          m: output, n: hidden, k: count, d, leading: output, transposed: true, active.pointer, leading: hidden,
          transposed: false, beta: beta, into: own.down.pointer, leading: hidden)
        ck_reduce(CK_SUM, d, own.downBias.pointer, nil, 1, count, output, 1, !first)
        BLAS.multiply(
          m: count, n: hidden, k: output, d, leading: output, transposed: false, weights.down.pointer,
          leading: hidden, transposed: false, into: change.pointer, leading: hidden)
        ck_unary_backward(
          operation, sum, active.pointer, change.pointer, change.pointer, count * hidden, false)
        BLAS.multiply(
          m: hidden, n: input, k: count, change.pointer, leading: hidden, transposed: true, xs + start * input,
          leading: input, transposed: false, beta: beta, into: own.up.pointer, leading: input)
        ck_reduce(CK_SUM, change.pointer, own.upBias.pointer, nil, 1, count, hidden, 1, !first)
        if let dx {
          BLAS.multiply(
            m: count, n: input, k: hidden, change.pointer, leading: hidden, transposed: false, weights.up.pointer,
            leading: input, transposed: false, into: dx + start * input, leading: input)
        }
      }
      collected.withLock { $0.append((range.lowerBound, own)) }
    }
    if let slope { x.node?.accumulate(slope) }
    // Threads end in any order; their sums are added in the order of the rows.
    let parts = collected.withLock { $0.sorted { $0.start < $1.start }.map(\.sums.all) }
    for (index, parameter) in weights.tensors.enumerated() {
      parameter.node?.accumulate { target, adding in
        if parts.isEmpty, !adding { ck_fill(0, target, parameter.count) }
        for (order, part) in parts.enumerated() {
          if order == 0, !adding {
            ck_copy(part[index].pointer, target, parameter.count)
          } else {
            ck_add_scaled(part[index].pointer, 1, target, parameter.count)
          }
        }
      }
    }
  }
}
