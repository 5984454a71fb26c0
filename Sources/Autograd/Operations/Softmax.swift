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
    RowSoftmax.softmax(pointer, into: result.pointer, rows: rows, columns: columns, scale: 1)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        RowSoftmax.softmaxGradient(
          output: result.pointer, gradient: gradient.pointer, into: target, rows: rows, columns: columns, scale: 1,
          adding: adding)
      }
    }
  }

  /// x − log Σ exp(x) along the last axis.
  public func logSoftmax() -> Tensor {
    let (rows, columns) = rowSizes
    let result = Tensor(uninitialized: shape)
    RowSoftmax.logSoftmax(pointer, into: result.pointer, rows: rows, columns: columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        RowSoftmax.logSoftmaxGradient(
          output: result.pointer, gradient: gradient.pointer, into: target, rows: rows, columns: columns, adding: adding
        )
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
    RowSoftmax.logSumExp(pointer, skipping: skipping, into: result.pointer, rows: rows, columns: columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        RowSoftmax.logSumExpGradient(
          self.pointer, skipping: skipping, output: result.pointer, gradient: gradient.pointer, into: target,
          rows: rows, columns: columns, adding: adding)
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
    RowSoftmax.crossEntropy(
      pointer, targets: targets, into: result.pointer, logSum: logSum.pointer, rows: rows, columns: columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        RowSoftmax.crossEntropyGradient(
          self.pointer, targets: targets, logSum: logSum.pointer, gradient: gradient.pointer, into: target, rows: rows,
          columns: columns, adding: adding)
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
    RowSoftmax.sparsemax(pointer, into: result.pointer, rows: rows, columns: columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        RowSoftmax.sparsemaxGradient(
          output: result.pointer, gradient: gradient.pointer, into: target, rows: rows, columns: columns, adding: adding
        )
      }
    }
  }
}
