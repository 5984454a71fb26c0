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
    AxisReduction.sum(
      pointer, into: result.pointer, outer: outer, count: count, inner: inner, scale: scale, adding: false)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        AxisReduction.spread(
          gradient.pointer, into: target, outer: outer, count: count, inner: inner, scale: scale, adding: adding)
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
    AxisReduction.greatest(pointer, into: result.pointer, places: &indices, outer: outer, count: count, inner: inner)
    let places = indices
    let recorded = result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        if !adding { Elementwise.fill(target, with: 0, count: self.count) }
        AxisReduction.addToGreatest(
          gradient.pointer, places: places, into: target, outer: outer, count: count, inner: inner)
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
    RowVectors.dot(pointer, other.pointer, into: result.pointer, rows: rows, columns: columns)
    return result.recorded(from: self, other) { gradient in
      self.node?.accumulate { target, adding in
        RowVectors.scale(
          gradient.pointer, by: other.pointer, into: target, rows: rows, columns: columns, adding: adding)
      }
      other.node?.accumulate { target, adding in
        RowVectors.scale(gradient.pointer, by: self.pointer, into: target, rows: rows, columns: columns, adding: adding)
      }
    }
  }
}
