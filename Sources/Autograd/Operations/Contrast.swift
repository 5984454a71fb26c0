import Kernels

extension Tensor {
  /// The products of each row with a row of its own, first, and with every row of a table, without joining the two.
  ///
  ///     s[r, 0] = scale · ⟨x[r], own[r]⟩,   s[r, 1 + j] = scale · ⟨x[r], others[j]⟩
  ///
  /// Shapes: `x`, `own [rows, d]`, `others [count, d]` → `[rows, 1 + count]`.
  public func products(own: Tensor, others: Tensor, scale: Float = 1) -> Tensor {
    precondition(
      rank == 2 && own.shape == shape && others.rank == 2 && others.shape[1] == shape[1],
      "products: rows of shape \(shape), own \(own.shape), others \(others.shape)")
    let (rows, width, count) = (shape[0], shape[1], others.shape[0])
    let result = Tensor(uninitialized: [rows, 1 + count])
    let diagonal = Storage(count: rows)
    RowVectors.dot(pointer, own.pointer, into: diagonal.pointer, rows: rows, columns: width)
    Elementwise.affine(diagonal.pointer, scale: scale, shift: 0, into: diagonal.pointer, count: rows)
    ArrayMoves.copyRuns(
      diagonal.pointer, pitch: 1, to: result.pointer, pitch: 1 + count, rows: rows, length: 1, adding: false)
    if rows > 0, count > 0 {
      BLAS.multiply(
        m: rows, n: count, k: width, alpha: scale, pointer, leading: width, transposed: false, others.pointer,
        leading: width,
        transposed: true, into: result.pointer + 1, leading: 1 + count)
    }
    return result.recorded(from: self, own, others) { gradient in
      let first = Storage(count: rows)
      ArrayMoves.copyRuns(
        gradient.pointer, pitch: 1 + count, to: first.pointer, pitch: 1, rows: rows, length: 1, adding: false)
      Elementwise.affine(first.pointer, scale: scale, shift: 0, into: first.pointer, count: rows)
      self.node?.accumulate { target, adding in
        RowVectors.scale(first.pointer, by: own.pointer, into: target, rows: rows, columns: width, adding: adding)
        guard count > 0 else { return }
        BLAS.multiply(
          m: rows, n: width, k: count, alpha: scale, gradient.pointer + 1, leading: 1 + count, others.pointer,
          leading: width, beta: 1, into: target, leading: width)
      }
      own.node?.accumulate { target, adding in
        RowVectors.scale(first.pointer, by: self.pointer, into: target, rows: rows, columns: width, adding: adding)
      }
      guard count > 0 else { return }
      others.node?.accumulate { target, adding in
        BLAS.multiply(
          m: count, n: width, k: rows, alpha: scale, gradient.pointer + 1, leading: 1 + count, transposed: true,
          self.pointer, leading: width, beta: adding ? 1 : 0, into: target, leading: width)
      }
    }
  }

  /// Writes rows over those from `start` on, in place where nobody else holds these numbers, else in a copy.
  ///
  /// Shapes: a tensor `[rows, d]`, `replacement [n, d]`. Neither is recorded.
  public mutating func replaceRows(from start: Int, with replacement: Tensor) {
    precondition(
      rank == 2 && replacement.rank == 2 && replacement.shape[1] == shape[1] && start >= 0
        && start + replacement.shape[0] <= shape[0],
      "replaceRows: rows of shape \(replacement.shape) from \(start) in shape \(shape)")
    precondition(node == nil && offset == 0, "replaceRows: the tensor is part of a recording or of another tensor")
    if !isKnownUniquelyReferenced(&storage) {
      let copy = Storage(count: count)
      Elementwise.copy(pointer, to: copy.pointer, count: count)
      storage = copy
    }
    Elementwise.copy(replacement.pointer, to: storage.pointer + start * shape[1], count: replacement.count)
  }
}
