import CKernels
import Kernels

extension Tensor {
  /// The rows named by `indices`; the embedding look-up.
  ///
  /// Shapes: a table `[rows, d]` and n indices → `[n, d]`. An index outside the table is a precondition failure.
  public func gatheringRows(_ indices: [Int32]) -> Tensor {
    precondition(rank == 2, "gatheringRows: a table of shape \(shape) needs two axes")
    let (rows, columns) = (shape[0], shape[1])
    precondition(
      indices.allSatisfy { $0 >= 0 && $0 < rows }, "gatheringRows: an index outside 0..<\(rows)")
    let result = Tensor(uninitialized: [indices.count, columns])
    ck_gather_rows(pointer, indices, result.pointer, indices.count, columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        if !adding { ck_fill(0, target, self.count) }
        ck_scatter_add_rows(gradient.pointer, indices, target, indices.count, columns, rows)
      }
    }
  }

  /// The main diagonal of a square matrix, `[n, n]` → `[n]`.
  public func diagonal() -> Tensor {
    precondition(rank == 2 && shape[0] == shape[1], "diagonal: shape \(shape) is not square")
    let n = shape[0]
    let result = Tensor(uninitialized: [n])
    ck_copy_runs(pointer, n + 1, result.pointer, 1, n, 1, false)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        if !adding { ck_fill(0, target, n * n) }
        ck_copy_runs(gradient.pointer, 1, target, n + 1, n, 1, true)
      }
    }
  }
}
