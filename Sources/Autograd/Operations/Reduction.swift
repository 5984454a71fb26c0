import CKernels
import Kernels

extension Tensor {
  /// The sum over an axis, or over everything.
  public func sum(axis: Int? = nil, keepingAxis: Bool = false) -> Tensor {
    reduced(axis: axis, keepingAxis: keepingAxis, scale: 1, "sum")
  }

  /// The mean over an axis, or over everything.
  public func mean(axis: Int? = nil, keepingAxis: Bool = false) -> Tensor {
    let count = axis.map { shape[resolved(axis: $0, "mean")] } ?? self.count
    return reduced(axis: axis, keepingAxis: keepingAxis, scale: 1 / Float(count), "mean")
  }

  private func reduced(axis: Int?, keepingAxis: Bool, scale: Float, _ name: StaticString) -> Tensor {
    let (outer, count, inner): (Int, Int, Int)
    var reducedShape: [Int] = []
    if let axis {
      let axis = resolved(axis: axis, name)
      (outer, count, inner) = sizes(around: axis)
      reducedShape = shape
      if keepingAxis { reducedShape[axis] = 1 } else if rank > 0 { reducedShape.remove(at: axis) }
    } else {
      (outer, count, inner) = (1, self.count, 1)
      if keepingAxis { reducedShape = shape.map { _ in 1 } }
    }
    let result = Tensor(uninitialized: reducedShape)
    ck_reduce(CK_SUM, pointer, result.pointer, nil, outer, count, inner, scale, false)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_repeat(gradient.pointer, target, outer, count, inner, scale, adding)
      }
    }
  }

  /// The greatest number along an axis; the gradient goes to the first of equal ones.
  public func max(axis: Int) -> Tensor { maxWithIndices(axis: axis).values }

  /// The greatest number along an axis and where it stands.
  public func maxWithIndices(axis: Int) -> (values: Tensor, indices: [Int32]) {
    let axis = resolved(axis: axis, "max")
    let (outer, count, inner) = sizes(around: axis)
    precondition(count > 0, "max: axis \(axis) of shape \(shape) is empty")
    var reducedShape = shape
    if rank > 0 { reducedShape.remove(at: axis) }
    let result = Tensor(uninitialized: reducedShape)
    var indices = [Int32](repeating: 0, count: outer * inner)
    ck_reduce(CK_MAX, pointer, result.pointer, &indices, outer, count, inner, 1, false)
    let places = indices
    let recorded = result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        if !adding { ck_fill(0, target, self.count) }
        ck_scatter_max(gradient.pointer, places, target, outer, count, inner)
      }
    }
    return (recorded, indices)
  }

  /// Σ_c a[…, c] · b[…, c], one number for each row.
  ///
  /// Shapes: two tensors `[…, d]` → `[…]`.
  public func rowDot(_ other: Tensor) -> Tensor {
    precondition(shape == other.shape && rank > 0, "rowDot: shapes \(shape) and \(other.shape) differ")
    let columns = shape[rank - 1]
    let rows = columns == 0 ? 0 : count / columns
    let result = Tensor(uninitialized: Array(shape.dropLast()))
    ck_row_dot(pointer, other.pointer, result.pointer, rows, columns)
    return result.recorded(from: self, other) { gradient in
      self.node?.accumulate { target, adding in
        ck_scale_rows(gradient.pointer, other.pointer, target, rows, columns, adding)
      }
      other.node?.accumulate { target, adding in
        ck_scale_rows(gradient.pointer, self.pointer, target, rows, columns, adding)
      }
    }
  }
}
