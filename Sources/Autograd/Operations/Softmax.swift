import CKernels
import Kernels

extension Tensor {
  /// The number of rows and columns where the last axis makes the rows.
  var rowSizes: (rows: Int, columns: Int) {
    let columns = shape.last ?? 1
    return (columns == 0 ? 0 : count / columns, columns)
  }

  /// exp(x) / Σ exp(x) along the last axis.
  public func softmax() -> Tensor {
    let (rows, columns) = rowSizes
    let result = Tensor(uninitialized: shape)
    ck_softmax(pointer, result.pointer, rows, columns, 1)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_softmax_backward(result.pointer, gradient.pointer, target, rows, columns, 1, adding)
      }
    }
  }

  /// x − log Σ exp(x) along the last axis.
  public func logSoftmax() -> Tensor {
    let (rows, columns) = rowSizes
    let result = Tensor(uninitialized: shape)
    ck_log_softmax(pointer, result.pointer, rows, columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_log_softmax_backward(result.pointer, gradient.pointer, target, rows, columns, adding)
      }
    }
  }

  /// log Σ_c exp(x[…, c]) along the last axis.
  ///
  /// - Parameter skipping: for each row a column that takes no part, or −1.
  public func logSumExp(skipping: [Int32]? = nil) -> Tensor {
    let (rows, columns) = rowSizes
    precondition(
      skipping.map { $0.count == rows && $0.allSatisfy { $0 < columns } } ?? true,
      "logSumExp: the columns to skip do not fit shape \(shape)")
    let result = Tensor(uninitialized: Array(shape.dropLast()))
    ck_log_sum_exp(pointer, skipping, result.pointer, rows, columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_log_sum_exp_backward(
          self.pointer, skipping, result.pointer, gradient.pointer, target, rows, columns, adding)
      }
    }
  }

  /// The cross-entropy of each row with its target class, −log softmax(x)[target].
  ///
  /// Shapes: logits `[rows, classes]`, `rows` targets → `[rows]`.
  public func crossEntropy(targets: [Int32]) -> Tensor {
    let (rows, columns) = rowSizes
    precondition(targets.count == rows, "crossEntropy: \(targets.count) targets for logits of shape \(shape)")
    precondition(
      targets.allSatisfy { $0 >= 0 && $0 < columns }, "crossEntropy: a target outside 0..<\(columns)")
    let result = Tensor(uninitialized: [rows])
    let logSum = Storage(count: rows)
    ck_cross_entropy(pointer, targets, result.pointer, logSum.pointer, rows, columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_cross_entropy_backward(
          self.pointer, targets, logSum.pointer, gradient.pointer, target, rows, columns, adding)
      }
    }
  }

  /// The Euclidean projection of each row onto the probability simplex (Martins & Astudillo, 2016).
  ///
  ///     sparsemax(x)_c = max(x_c − τ, 0),   τ such that the row sums to 1
  ///
  /// The threshold τ is found by Newton's steps from below, without a sort.
  public func sparsemax() -> Tensor {
    let (rows, columns) = rowSizes
    let result = Tensor(uninitialized: shape)
    ck_sparsemax(pointer, result.pointer, rows, columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_sparsemax_backward(result.pointer, gradient.pointer, target, rows, columns, adding)
      }
    }
  }
}
