import CKernels
import Kernels

extension Tensor {
  private func unary(_ operation: ck_unary_operation) -> Tensor {
    let result = Tensor(uninitialized: shape)
    ck_unary(operation, pointer, result.pointer, count)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_unary_backward(
          operation, self.pointer, result.pointer, gradient.pointer, target, self.count, adding)
      }
    }
  }

  /// eˣ.
  public func exp() -> Tensor { unary(CK_EXP) }
  /// The natural logarithm.
  public func log() -> Tensor { unary(CK_LOG) }
  /// The square root.
  public func squareRoot() -> Tensor { unary(CK_SQRT) }
  /// x².
  public func squared() -> Tensor { unary(CK_SQUARE) }
  /// 1 / x.
  public func reciprocal() -> Tensor { unary(CK_RECIPROCAL) }
  /// |x|, with slope 0 at 0.
  public func magnitude() -> Tensor { unary(CK_ABSOLUTE) }
  /// max(x, 0), with slope 0 at 0.
  public func relu() -> Tensor { unary(CK_RELU) }
  /// x Φ(x), the exact form with the error function.
  public func gelu() -> Tensor { unary(CK_GELU) }
  /// x σ(x), also called swish.
  public func silu() -> Tensor { unary(CK_SILU) }
  /// The hyperbolic tangent.
  public func tanh() -> Tensor { unary(CK_TANH) }
  /// σ(x) = 1 / (1 + e⁻ˣ).
  public func sigmoid() -> Tensor { unary(CK_SIGMOID) }
  /// log(1 + eˣ), also where eˣ would overflow.
  public func softplus() -> Tensor { unary(CK_SOFTPLUS) }

  /// The number in `range` that is nearest; outside the range the gradient is 0.
  public func clamped(to range: ClosedRange<Float>) -> Tensor {
    let result = Tensor(uninitialized: shape)
    ck_clamp(pointer, range.lowerBound, range.upperBound, result.pointer, count)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_clamp_backward(
          self.pointer, gradient.pointer, range.lowerBound, range.upperBound, target, self.count, adding)
      }
    }
  }

  /// Sets each number to 0 with probability `rate` and scales the others by 1 / (1 − rate).
  ///
  /// The stream moves on by one number for each element.
  public func droppingOut(rate: Float, using stream: inout RandomStream) -> Tensor {
    precondition((0..<1).contains(rate), "droppingOut: a rate of \(rate) is outside 0..<1")
    if rate == 0 { return self }
    let (key, position) = (stream.key, stream.position)
    stream.position += UInt64(count)
    let result = Tensor(uninitialized: shape)
    ck_dropout(key, position, rate, pointer, result.pointer, count, false)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_dropout(key, position, rate, gradient.pointer, target, self.count, adding)
      }
    }
  }
}
