import Kernels

extension Tensor {
  /// The matrix product over the last two axes, `op(a) · op(b)`, batched over equal leading axes.
  ///
  /// Shapes: `[…, m, k] · […, k, n] → […, m, n]` after transposing. Where `b` has two axes, it serves every batch.
  public func multiplied(by other: Tensor, transposed: Bool = false, otherTransposed: Bool = false) -> Tensor {
    precondition(
      rank >= 2 && other.rank >= 2, "matrix product: shapes \(shape) and \(other.shape) need at least two axes")
    let shared = other.rank == 2 && !transposed
    let batch = shared ? 1 : shape[..<(rank - 2)].reduce(1, *)
    let rows = shared ? count / Swift.max(shape[rank - 1], 1) : shape[rank - 2]
    let (m, k) = transposed ? (shape[rank - 1], rows) : (rows, shape[rank - 1])
    let (otherRows, otherColumns) = (other.shape[other.rank - 2], other.shape[other.rank - 1])
    let (inner, n) = otherTransposed ? (otherColumns, otherRows) : (otherRows, otherColumns)
    precondition(
      k == inner && (shared || shape.dropLast(2) == other.shape.dropLast(2)),
      "matrix product: shapes \(shape)\(transposed ? "ᵀ" : "") and \(other.shape)\(otherTransposed ? "ᵀ" : "") do not fit"
    )
    let lastAxes = shared ? shape.dropLast() + [n] : shape.dropLast(2) + [m, n]
    let result = Tensor(uninitialized: Array(lastAxes))
    let product = BatchedProduct(batch: batch, m: m, n: n, k: k)
    product.run(self, transposed, other, otherTransposed, into: result.pointer, adding: false)
    return result.recorded(from: self, other) { gradient in
      self.node?.accumulate { target, adding in
        // dA = dC Bᵀ, or its transpose where A was transposed.
        if transposed {
          BatchedProduct(batch: batch, m: k, n: m, k: n)
            .run(other, otherTransposed, gradient, true, into: target, adding: adding)
        } else {
          BatchedProduct(batch: batch, m: m, n: k, k: n)
            .run(gradient, false, other, !otherTransposed, into: target, adding: adding)
        }
      }
      other.node?.accumulate { target, adding in
        // dB = Aᵀ dC, or its transpose where B was transposed.
        if otherTransposed {
          BatchedProduct(batch: batch, m: n, n: k, k: m)
            .run(gradient, true, self, transposed, into: target, adding: adding)
        } else {
          BatchedProduct(batch: batch, m: k, n: n, k: m)
            .run(self, !transposed, gradient, false, into: target, adding: adding)
        }
      }
    }
  }

  /// `x Wᵀ + b`, the dense layer.
  ///
  /// Factors are rounded where ``ArithmeticPrecision`` says so, and once for all calls, or quantised, where ``ReducedInference`` does.
  ///
  /// Shapes: `x […, in]`, `weight [out, in]`, `bias [out]` → `[…, out]`.
  public func linear(weight: Tensor, bias: Tensor? = nil) -> Tensor {
    let product = layerProduct(with: weight)
    guard let bias else { return product }
    precondition(
      bias.shape == [weight.shape[0]], "linear: a bias of shape \(bias.shape) for a weight of shape \(weight.shape)")
    return product.addingBias(bias)
  }

  /// A dense layer and its non-linearity, `f(x Wᵀ + b)`, with bias and function in one pass.
  ///
  /// Shapes: as `linear(weight:bias:)`.
  public func linear(weight: Tensor, bias: Tensor, followedBy function: FusedFunction) -> Tensor {
    precondition(
      bias.shape == [weight.shape[0]], "linear: a bias of shape \(bias.shape) for a weight of shape \(weight.shape)")
    let product = layerProduct(with: weight)
    let columns = bias.count
    let rows = columns == 0 ? 0 : product.count / columns
    let operation = function.operation
    let result = Tensor(uninitialized: product.shape)
    // The sum takes over the numbers of the fresh product; a rectifier's gradient reads the result alone.
    Elementwise.applyBehindBias(
      operation, product.pointer, bias: bias.pointer, sum: function == .relu ? nil : product.pointer,
      into: result.pointer, rows: rows, columns: columns)
    return result.recorded(from: product, bias) { gradient in
      let slope = Tensor(uninitialized: product.shape)
      Elementwise.applyGradient(
        operation, input: product.pointer, output: result.pointer, gradient: gradient.pointer, into: slope.pointer,
        count: product.count, adding: false)
      bias.node?.accumulate { target, adding in
        AxisReduction.sum(slope.pointer, into: target, outer: 1, count: rows, inner: columns, scale: 1, adding: adding)
      }
      product.node?.accumulate(slope)
    }
  }

  /// `x Wᵀ` in the precision that layers compute in.
  private func layerProduct(with weight: Tensor) -> Tensor {
    let (rows, input) = rowSizes
    if weight.rank == 2, weight.shape[1] == input, let reduced = ReducedInference.current {
      if let weights = reduced.integers(weight) { return product(with: weights) }
      if let weights = reduced.rounded(weight) { return product(with: weights) }
    }
    guard
      ArithmeticPrecision.current == .bfloat16, weight.rank == 2, weight.shape[1] == input,
      Bfloat16.isWorthwhile(m: rows, n: weight.shape[0], k: input)
    else { return multiplied(by: weight, otherTransposed: true) }
    return roundedProduct(with: weight)
  }

  /// `x Wᵀ` of factors rounded to bfloat16; for the gradient the rounded factors are kept.
  private func roundedProduct(with weight: Tensor) -> Tensor {
    let (rows, input) = rowSizes
    let output = weight.shape[0]
    let x = Bfloat16Storage(rounding: pointer, leading: input, rows: rows, columns: input)
    let w = Bfloat16Storage(rounding: weight.pointer, leading: input, rows: output, columns: input)
    let result = Tensor(uninitialized: shape.dropLast() + [output])
    Bfloat16.multiply(
      m: rows, n: output, k: input, x.pointer, leading: input, transposed: false, w.pointer, leading: input,
      transposed: true,
      into: result.pointer, leading: output)
    let (node, weightNode) = (node, weight.node)
    return result.recorded(from: self, weight) { gradient in
      let slope = Bfloat16Storage(rounding: gradient.pointer, leading: output, rows: rows, columns: output)
      node?.accumulate { target, adding in
        Bfloat16.multiply(
          m: rows, n: input, k: output, slope.pointer, leading: output, w.pointer, leading: input, adding: adding,
          into: target, leading: input)
      }
      weightNode?.accumulate { target, adding in
        Bfloat16.multiply(
          m: output, n: input, k: rows, slope.pointer, leading: output, transposed: true, x.pointer, leading: input,
          adding: adding, into: target, leading: input)
      }
      withExtendedLifetime((x, w, slope)) {}
    }
  }

  /// Adds `bias` along the last axis, in place: the sum takes over the numbers of `self`, a fresh product.
  private func addingBias(_ bias: Tensor) -> Tensor {
    let columns = bias.count
    let rows = columns == 0 ? 0 : count / columns
    Elementwise.addBias(bias.pointer, to: pointer, rows: rows, columns: columns)
    let sum = Tensor(shape: shape, storage: storage, offset: offset)
    return sum.recorded(from: self, bias) { gradient in
      self.node?.accumulate(gradient)
      bias.node?.accumulate { target, adding in
        AxisReduction.sum(
          gradient.pointer, into: target, outer: 1, count: rows, inner: columns, scale: 1, adding: adding)
      }
    }
  }
}

/// A non-linearity that a dense layer can apply in the pass that adds its bias.
public enum FusedFunction: Sendable {
  /// max(x, 0)
  case relu
  /// x Φ(x)
  case gelu
  /// x σ(1.702 x)
  case quickGELU
  /// x σ(x)
  case silu

  var operation: UnaryOperation {
    switch self {
    case .relu: .relu
    case .gelu: .gelu
    case .quickGELU: .quickGELU
    case .silu: .silu
    }
  }
}

/// `batch` products of an `[m, k]` and a `[k, n]` matrix, one after another in memory.
private struct BatchedProduct {
  let batch, m, n, k: Int

  func run(
    _ a: Tensor, _ aTransposed: Bool, _ b: Tensor, _ bTransposed: Bool, into c: UnsafeMutablePointer<Float>,
    adding: Bool
  ) {
    guard m > 0, n > 0 else { return }
    guard k > 0 else {
      if !adding { Elementwise.fill(c, with: 0, count: batch * m * n) }
      return
    }
    let one = { (i: Int) in
      BLAS.multiply(
        m: m, n: n, k: k, a.pointer + i * m * k, leading: aTransposed ? m : k, transposed: aTransposed,
        b.pointer + i * k * n, leading: bTransposed ? k : n, transposed: bTransposed, beta: adding ? 1 : 0,
        into: c + i * m * n, leading: n)
    }
    if batch == 1 { return one(0) }
    // Small products run one on each thread; OpenBLAS takes a single thread inside a parallel region.
    Parallel.run(count: batch, grain: Swift.max(1, 65_536 / (m * n * k))) { for i in $0 { one(i) } }
  }
}
