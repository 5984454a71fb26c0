import Kernels

extension Tensor {
  /// The same numbers in another shape; one axis may be −1 and takes what is left.
  public func reshaped(to newShape: [Int]) -> Tensor {
    var target = newShape
    if let open = target.firstIndex(of: -1) {
      let known = target.reduce(-1, *)
      precondition(known > 0 && count % known == 0, "reshaped: shape \(shape) does not fill \(newShape)")
      target[open] = count / known
    }
    precondition(target.reduce(1, *) == count, "reshaped: shape \(shape) does not fill \(newShape)")
    return Tensor(shape: target, storage: storage, offset: offset).recorded(from: self) { gradient in
      self.node?.accumulate(gradient)
    }
  }

  /// The same numbers as rows: all axes after the first are joined.
  public func flattened() -> Tensor {
    reshaped(to: [shape[0], shape.dropFirst().reduce(1, *)])
  }

  /// The axes in another order; `order[i]` is the old axis that becomes axis i.
  public func transposed(_ order: [Int]) -> Tensor {
    precondition(order.sorted() == Array(0..<rank), "transposed: order \(order) for a tensor of shape \(shape)")
    precondition(rank <= ArrayMoves.maximumRank, "transposed: more than \(ArrayMoves.maximumRank) axes")
    let result = Tensor(uninitialized: order.map { shape[$0] })
    permute(into: result.pointer, order: order, adding: false)
    return result.recorded(from: self) { gradient in
      var inverse = order
      for (new, old) in order.enumerated() { inverse[old] = new }
      self.node?.accumulate { gradient.permute(into: $0, order: inverse, adding: $1) }
    }
  }

  /// The last two axes exchanged.
  public func transposed() -> Tensor {
    transposed(Array(0..<(rank - 2)) + [rank - 1, rank - 2])
  }

  private func permute(into target: UnsafeMutablePointer<Float>, order: [Int], adding: Bool) {
    guard count > 0 else { return }
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    if rank == 0 { return Elementwise.copy(pointer, to: target, count: 1) }
    ArrayMoves.permute(
      pointer, strides: order.map { strides[$0] }, into: target, sizes: order.map { shape[$0] }, rank: rank,
      adding: adding)
  }

  /// A range of an axis.
  public func slice(axis: Int = 0, _ range: Range<Int>) -> Tensor {
    let axis = resolved(axis: axis, "slice")
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[axis], "slice: \(range) of axis \(axis) of shape \(shape)")
    let (outer, size, inner) = sizes(around: axis)
    var newShape = shape
    newShape[axis] = range.count
    let start = range.lowerBound * inner
    let result: Tensor
    if outer == 1 {
      result = part(at: start, shape: newShape)
    } else {
      result = Tensor(uninitialized: newShape)
      ArrayMoves.copyRuns(
        pointer + start, pitch: size * inner, to: result.pointer, pitch: range.count * inner, rows: outer,
        length: range.count * inner, adding: false)
    }
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        if !adding { Elementwise.fill(target, with: 0, count: self.count) }
        ArrayMoves.copyRuns(
          gradient.pointer, pitch: range.count * inner, to: target + start, pitch: size * inner, rows: outer,
          length: range.count * inner, adding: true)
      }
    }
  }

  /// One index of an axis, which disappears.
  public func selecting(_ index: Int, axis: Int) -> Tensor {
    let axis = resolved(axis: axis, "selecting")
    var newShape = shape
    newShape.remove(at: axis)
    return slice(axis: axis, index..<(index + 1)).reshaped(to: newShape)
  }

  /// Tensors joined along an axis.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    precondition(!tensors.isEmpty, "concatenated: no tensors")
    let first = tensors[0]
    let axis = first.resolved(axis: axis, "concatenated")
    var newShape = first.shape
    newShape[axis] = tensors.reduce(0) { $0 + $1.shape[axis] }
    for tensor in tensors {
      var other = tensor.shape
      other[axis] = newShape[axis]
      precondition(other == newShape, "concatenated: shapes \(first.shape) and \(tensor.shape) along axis \(axis)")
    }
    let result = Tensor(uninitialized: newShape)
    let (outer, total, inner) = result.sizes(around: axis)
    var starts: [Int] = []
    var start = 0
    for tensor in tensors {
      let length = tensor.shape[axis] * inner
      ArrayMoves.copyRuns(
        tensor.pointer, pitch: length, to: result.pointer + start, pitch: total * inner, rows: outer, length: length,
        adding: false)
      starts.append(start)
      start += length
    }
    return result.recorded(from: tensors) { gradient in
      for (tensor, start) in zip(tensors, starts) {
        let length = tensor.shape[axis] * inner
        tensor.node?.accumulate { target, adding in
          ArrayMoves.copyRuns(
            gradient.pointer + start, pitch: total * inner, to: target, pitch: length, rows: outer, length: length,
            adding: adding)
        }
      }
    }
  }
}
