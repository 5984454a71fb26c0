import Kernels

/// Numbers that gradients are multiplied by on their way back, to be named after what they pass was computed.
public final class GradientScale {
  /// The factors, of a shape that can be multiplied with the gradient without growing it; nil leaves gradients as they are.
  public var factors: Tensor?

  /// Leaves gradients as they are until factors are named.
  public init() {}
}

extension Tensor {
  /// The same numbers, whose gradient is multiplied by the factors of `scale` as they are when it comes back.
  ///
  /// This is what the doubly reparametrised estimator asks for (Tucker et al., ICLR 2019): weights that are known only
  /// after the loss.
  public func scalingGradient(by scale: GradientScale) -> Tensor {
    Tensor(shape: shape, storage: storage, offset: offset).recorded(from: self) { gradient in
      guard let factors = scale.factors else {
        self.node?.accumulate(gradient)
        return
      }
      let scaled = gradient * factors.detached
      precondition(scaled.shape == gradient.shape, "scalingGradient: factors of shape \(factors.shape)")
      self.node?.accumulate(scaled)
    }
  }
}
