import CKernels
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
    ck_row_dot(pointer, own.pointer, diagonal.pointer, rows, width)
    ck_affine(diagonal.pointer, scale, 0, diagonal.pointer, rows)
    ck_copy_runs(diagonal.pointer, 1, result.pointer, 1 + count, rows, 1, false)
    if rows > 0, count > 0 {
      BLAS.multiply(
        m: rows, n: count, k: width, alpha: scale, pointer, leading: width, transposed: false, others.pointer,
        leading: width,
        transposed: true, into: result.pointer + 1, leading: 1 + count)
    }
    return result.recorded(from: self, own, others) { gradient in
      let first = Storage(count: rows)
      ck_copy_runs(gradient.pointer, 1 + count, first.pointer, 1, rows, 1, false)
      ck_affine(first.pointer, scale, 0, first.pointer, rows)
      self.node?.accumulate { target, adding in
        ck_scale_rows(first.pointer, own.pointer, target, rows, width, adding)
        guard count > 0 else { return }
        BLAS.multiply(
          m: rows, n: width, k: count, alpha: scale, gradient.pointer + 1, leading: 1 + count, others.pointer,
          leading: width, beta: 1, into: target, leading: width)
      }
      own.node?.accumulate { target, adding in
        ck_scale_rows(first.pointer, self.pointer, target, rows, width, adding)
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
      ck_copy(pointer, copy.pointer, count)
      storage = copy
    }
    ck_copy(replacement.pointer, storage.pointer + start * shape[1], replacement.count)
  }
}
