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
    RowVectors.gather(from: pointer, rows: indices, into: result.pointer, count: indices.count, columns: columns)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        if !adding { Elementwise.fill(target, with: 0, count: self.count) }
        RowVectors.scatterAdd(
          gradient.pointer, rows: indices, into: target, count: indices.count, columns: columns, tableRows: rows)
      }
    }
  }

  /// The main diagonal of a square matrix, `[n, n]` → `[n]`.
  public func diagonal() -> Tensor {
    precondition(rank == 2 && shape[0] == shape[1], "diagonal: shape \(shape) is not square")
    let n = shape[0]
    let result = Tensor(uninitialized: [n])
    ArrayMoves.copyRuns(pointer, pitch: n + 1, to: result.pointer, pitch: 1, rows: n, length: 1, adding: false)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        if !adding { Elementwise.fill(target, with: 0, count: n * n) }
        ArrayMoves.copyRuns(gradient.pointer, pitch: 1, to: target, pitch: n + 1, rows: n, length: 1, adding: true)
      }
    }
  }
}
