import Kernels

/// The shape two shapes broadcast to: axes are matched from the back, and an axis of size 1 repeats.
func broadcastShape(_ a: [Int], _ b: [Int], _ operation: StaticString) -> [Int] {
  if a == b { return a }
  let rank = max(a.count, b.count)
  return (0..<rank).map { axis in
    let i = axis - (rank - a.count)
    let j = axis - (rank - b.count)
    let first = i >= 0 ? a[i] : 1
    let second = j >= 0 ? b[j] : 1
    precondition(
      first == second || first == 1 || second == 1, "\(operation): shapes \(a) and \(b) do not broadcast")
    return first == 1 ? second : first
  }
}

extension Tensor {
  /// Row-major strides in numbers, with 0 along the axes that repeat to reach `target`.
  func strides(broadcastTo target: [Int]) -> [Int] {
    var strides = [Int](repeating: 0, count: target.count)
    var step = 1
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      strides[axis + target.count - rank] = shape[axis] == 1 ? 0 : step
      step *= shape[axis]
    }
    return strides
  }

  /// Sums over the axes along which a tensor of `shape` was repeated.
  func summed(to target: [Int]) -> Tensor {
    if shape == target { return self }
    var result = self
    let extra = rank - target.count
    for axis in 0..<rank where axis < extra || (target[axis - extra] == 1 && shape[axis] != 1) {
      let (outer, count, inner) = result.sizes(around: axis)
      var reduced = result.shape
      reduced[axis] = 1
      let sum = Tensor(uninitialized: reduced)
      AxisReduction.sum(
        result.pointer, into: sum.pointer, outer: outer, count: count, inner: inner, scale: 1, adding: false)
      result = sum
    }
    return Tensor(shape: target, storage: result.storage, offset: result.offset)
  }

  static func combined(_ operation: BinaryOperation, _ a: Tensor, _ b: Tensor, _ name: StaticString) -> Tensor {
    let shape = broadcastShape(a.shape, b.shape, name)
    let result = Tensor(uninitialized: shape)
    guard result.count > 0 else { return result }
    if shape.isEmpty {
      Elementwise.combine(
        operation, a.pointer, strides: [0], b.pointer, strides: [0], into: result.pointer, sizes: [1], rank: 1)
    } else {
      precondition(shape.count <= ArrayMoves.maximumRank, "\(name): more than \(ArrayMoves.maximumRank) axes")
      Elementwise.combine(
        operation, a.pointer, strides: a.strides(broadcastTo: shape), b.pointer, strides: b.strides(broadcastTo: shape),
        into: result.pointer, sizes: shape, rank: shape.count)
    }
    return result
  }

  /// The sum, with broadcasting.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    combined(.add, a, b, "+").recorded(from: a, b) { gradient in
      a.node?.accumulate(gradient.summed(to: a.shape))
      b.node?.accumulate(gradient.summed(to: b.shape))
    }
  }

  /// The difference, with broadcasting.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    combined(.subtract, a, b, "-").recorded(from: a, b) { gradient in
      a.node?.accumulate(gradient.summed(to: a.shape))
      b.node?.accumulate(gradient.summed(to: b.shape).mapped(scale: -1, shift: 0))
    }
  }

  /// The product number by number, with broadcasting.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    combined(.multiply, a, b, "*").recorded(from: a, b) { gradient in
      a.node?.accumulate(combined(.multiply, gradient, b, "*").summed(to: a.shape))
      b.node?.accumulate(combined(.multiply, gradient, a, "*").summed(to: b.shape))
    }
  }

  /// The quotient number by number, with broadcasting.
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    let quotient = combined(.divide, a, b, "/")
    return quotient.recorded(from: a, b) { gradient in
      let scaled = combined(.divide, gradient, b, "/")
      a.node?.accumulate(scaled.summed(to: a.shape))
      guard let node = b.node else { return }
      node.accumulate(combined(.multiply, scaled, quotient, "*").summed(to: b.shape).mapped(scale: -1, shift: 0))
    }
  }

  /// The greater of two numbers, with broadcasting; where they are equal the gradient goes to the second.
  public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor {
    combined(.maximum, a, b, "maximum").recorded(from: a, b) { gradient in
      let difference = combined(.subtract, a, b, "maximum")
      let first = combined(.multiply, gradient, difference.steps, "maximum")
      a.node?.accumulate(first.summed(to: a.shape))
      b.node?.accumulate(combined(.subtract, gradient, first, "maximum").summed(to: b.shape))
    }
  }

  /// max(a + b, 0) in one pass, as at the end of a residual block; both have the same shape.
  public func addingRectified(_ other: Tensor) -> Tensor {
    precondition(shape == other.shape, "addingRectified: shapes \(shape) and \(other.shape) differ")
    let result = Tensor(uninitialized: shape)
    Elementwise.addReLU(pointer, other.pointer, into: result.pointer, count: count)
    return result.recorded(from: self, other) { gradient in
      let slope = Tensor(uninitialized: self.shape)
      Elementwise.applyGradient(
        .relu, input: result.pointer, output: result.pointer, gradient: gradient.pointer, into: slope.pointer,
        count: self.count, adding: false)
      self.node?.accumulate(slope)
      other.node?.accumulate(slope)
    }
  }

  /// 1 where a number is positive, else 0.
  private var steps: Tensor {
    let ones = Tensor(repeating: 1, shape: shape)
    let result = Tensor(uninitialized: shape)
    let rectified = Tensor(uninitialized: shape)
    Elementwise.apply(.relu, to: pointer, into: rectified.pointer, count: count)
    Elementwise.applyGradient(
      .relu, input: pointer, output: rectified.pointer, gradient: ones.pointer, into: result.pointer, count: count,
      adding: false)
    return result
  }

  /// `scale · self + shift` without recording.
  func mapped(scale: Float, shift: Float) -> Tensor {
    let result = Tensor(uninitialized: shape)
    Elementwise.affine(pointer, scale: scale, shift: shift, into: result.pointer, count: count)
    return result
  }

  /// `scale · self + shift`.
  func affine(scale: Float, shift: Float) -> Tensor {
    mapped(scale: scale, shift: shift).recorded(from: self) { gradient in
      guard let node = self.node else { return }
      if scale == 1 {
        node.accumulate(gradient)
      } else {
        node.accumulate(gradient.mapped(scale: scale, shift: 0))
      }
    }
  }

  /// The sum with a number.
  public static func + (a: Tensor, b: Float) -> Tensor { a.affine(scale: 1, shift: b) }
  /// The sum with a number.
  public static func + (a: Float, b: Tensor) -> Tensor { b.affine(scale: 1, shift: a) }
  /// The difference from a number.
  public static func - (a: Tensor, b: Float) -> Tensor { a.affine(scale: 1, shift: -b) }
  /// The difference from a number.
  public static func - (a: Float, b: Tensor) -> Tensor { b.affine(scale: -1, shift: a) }
  /// The product with a number.
  public static func * (a: Tensor, b: Float) -> Tensor { a.affine(scale: b, shift: 0) }
  /// The product with a number.
  public static func * (a: Float, b: Tensor) -> Tensor { b.affine(scale: a, shift: 0) }
  /// The quotient by a number.
  public static func / (a: Tensor, b: Float) -> Tensor { a.affine(scale: 1 / b, shift: 0) }
  /// The negative.
  public static prefix func - (a: Tensor) -> Tensor { a.affine(scale: -1, shift: 0) }
}
