import Autograd
import Kernels
import Layers

/// A number read off a representation, as GMC's supervised experiment has it (Poklukar et al., 2022, `gmc_code/supervised`).
///
///     o = W₂ max(0, W₁ z + b₁) + b₂ + z,   y = w · o + b
///
/// Shapes: `[batch, d]` → `[batch, 1]`.
public struct ResidualRegression: Module {
  /// W₁.
  public let first: Linear
  /// W₂.
  public let second: Linear
  /// w.
  public let output: Linear

  /// Creates a regression from d numbers.
  public init(dimensions: Int, stream: inout RandomStream) {
    first = Linear(dimensions, dimensions, stream: &stream)
    second = Linear(dimensions, dimensions, stream: &stream)
    output = Linear(dimensions, 1, stream: &stream)
  }

  /// The three dense layers.
  public var parts: [ModulePart] {
    [.module("first", first), .module("second", second), .module("output", output)]
  }

  /// Predicts a number for each row.
  public func callAsFunction(_ representation: Tensor) -> Tensor {
    Self.predict(
      representation,
      PerceptronWeights(
        up: first.weight.tensor, upBias: first.biasTensor, down: second.weight.tensor, downBias: second.biasTensor),
      weight: output.weight.tensor, bias: output.biasTensor)
  }

  /// Predicts by given parameters.
  public static func predict(
    _ representation: Tensor, _ perceptron: PerceptronWeights, weight: Tensor, bias: Tensor
  ) -> Tensor {
    (representation.perceptron(perceptron, function: .relu) + representation).linear(weight: weight, bias: bias)
  }
}

/// The mean of the distances |prediction − target|.
///
/// Shapes: both `[batch, 1]` → a scalar.
public func l1Loss(_ prediction: Tensor, _ target: Tensor) -> Tensor {
  precondition(
    prediction.shape == target.shape, "l1Loss: predictions \(prediction.shape) and targets \(target.shape)")
  return (prediction - target).magnitude().mean()
}

extension Linear {
  /// The bias, or zeros where there is none.
  fileprivate var biasTensor: Tensor { bias?.tensor ?? Tensor(repeating: 0, shape: [weight.shape[0]]) }
}
