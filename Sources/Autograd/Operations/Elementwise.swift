import Kernels

extension Tensor {
  private func unary(_ operation: UnaryOperation) -> Tensor {
    let result = Tensor(uninitialized: shape)
    Elementwise.apply(operation, to: pointer, into: result.pointer, count: count)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        Elementwise.applyGradient(
          operation, input: self.pointer, output: result.pointer, gradient: gradient.pointer, into: target,
          count: self.count, adding: adding)
      }
    }
  }

  /// eˣ.
  public func exp() -> Tensor { unary(.exp) }
  /// The natural logarithm.
  public func log() -> Tensor { unary(.log) }
  /// The square root.
  public func squareRoot() -> Tensor { unary(.squareRoot) }
  /// x².
  public func squared() -> Tensor { unary(.square) }
  /// 1 / x.
  public func reciprocal() -> Tensor { unary(.reciprocal) }
  /// |x|, with slope 0 at 0.
  public func magnitude() -> Tensor { unary(.magnitude) }
  /// max(x, 0), with slope 0 at 0.
  public func relu() -> Tensor { unary(.relu) }
  /// x Φ(x), the exact form with the error function.
  public func gelu() -> Tensor { unary(.gelu) }
  /// x σ(1.702 x), near to GELU; OpenAI's CLIP has it.
  public func quickGELU() -> Tensor { unary(.quickGELU) }
  /// x σ(x), also called swish.
  public func silu() -> Tensor { unary(.silu) }
  /// The hyperbolic tangent.
  public func tanh() -> Tensor { unary(.tanh) }
  /// σ(x) = 1 / (1 + e⁻ˣ).
  public func sigmoid() -> Tensor { unary(.sigmoid) }
  /// log(1 + eˣ), also where eˣ would overflow.
  public func softplus() -> Tensor { unary(.softplus) }

  /// The number in `range` that is nearest; outside the range the gradient is 0.
  public func clamped(to range: ClosedRange<Float>) -> Tensor {
    let result = Tensor(uninitialized: shape)
    Elementwise.clamp(pointer, from: range.lowerBound, through: range.upperBound, into: result.pointer, count: count)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        Elementwise.clampGradient(
          self.pointer, gradient: gradient.pointer, from: range.lowerBound, through: range.upperBound, into: target,
          count: self.count, adding: adding)
      }
    }
  }

  /// Sets each number to 0 with probability `rate` and scales the others by 1 / (1 − rate).
  ///
  /// The stream moves on by one number for each element.
  public func droppingOut(rate: Float, using stream: inout RandomStream) -> Tensor {
    precondition((0..<1).contains(rate), "droppingOut: a rate of \(rate) is outside 0..<1")
    if rate == 0 { return self }
    let (key, position) = (stream.key, stream.take(count))
    let result = Tensor(uninitialized: shape)
    RandomNumbers.dropout(
      key: key, position: position, rate: rate, pointer, into: result.pointer, count: count, adding: false)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        RandomNumbers.dropout(
          key: key, position: position, rate: rate, gradient.pointer, into: target, count: self.count, adding: adding)
      }
    }
  }
}
