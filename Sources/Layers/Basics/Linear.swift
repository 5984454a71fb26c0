import Autograd
import Graphs
import Kernels

/// The weight and the bias of a dense layer, `[out, in]` and `[out]`.
public typealias DenseWeights = (weight: Tensor, bias: Tensor)

/// A dense layer, `y = x Wᵀ + b`.
///
/// Shapes: `[…, inputDimensions]` → `[…, outputDimensions]`.
public struct Linear: Layer {
  /// W, `[out, in]`.
  public let weight: Parameter
  /// b, `[out]`, unless the layer has none.
  public let bias: Parameter?

  /// Creates a layer with weights and bias uniform in ±1/√in.
  public init(_ inputDimensions: Int, _ outputDimensions: Int, bias: Bool = true, stream: inout RandomStream) {
    weight = Parameter(
      Initialiser.fanIn([outputDimensions, inputDimensions], fanIn: inputDimensions, &stream))
    self.bias = bias ? Parameter(Initialiser.fanIn([outputDimensions], fanIn: inputDimensions, &stream)) : nil
  }

  /// Takes parameters that are there already: `weight [out, in]`, `bias [out]`.
  public init(weight: Parameter, bias: Parameter?) {
    self.weight = weight
    self.bias = bias
  }

  /// The weight, and the bias where there is one.
  public var parts: [ModulePart] {
    [.parameter("weight", weight)] + (bias.map { [.parameter("bias", $0)] } ?? [])
  }

  /// The bias, or zeros where there is none.
  var biasOrZero: Tensor { bias?.tensor ?? Tensor(repeating: 0, shape: [weight.shape[0]]) }

  /// Applies the layer.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.linear(weight: weight.tensor, bias: bias?.tensor)
  }

  /// Applies the layer and a non-linearity, in one pass where there is a bias.
  public func callAsFunction(_ input: Tensor, followedBy activation: Activation) -> Tensor {
    guard let bias, let function = activation.fused else { return activation(self(input)) }
    return input.linear(weight: weight.tensor, bias: bias.tensor, followedBy: function)
  }

  /// Applies the layer; it is the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { self(input) }

  /// A product and a sum.
  public func described(_ input: GraphValue) -> GraphValue {
    input.linear(weight: weight.constant, bias: bias?.constant)
  }
}
