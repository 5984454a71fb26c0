import Autograd
import Graphs
import Kernels

/// A non-linearity between layers.
public enum Activation: String, Codable, CaseIterable, Sendable, Layer {
  /// max(x, 0)
  case relu
  /// x Φ(x)
  case gelu
  /// x σ(1.702 x), OpenAI's CLIP
  case quickGELU
  /// x σ(x), also called swish
  case silu
  /// tanh x
  case tanh
  /// x
  case identity

  /// Nothing is trained.
  public var parts: [ModulePart] { [] }

  /// The same function where a dense layer can apply it in its own pass.
  var fused: FusedFunction? {
    switch self {
    case .relu: .relu
    case .gelu: .gelu
    case .quickGELU: .quickGELU
    case .silu: .silu
    case .tanh, .identity: nil
    }
  }

  /// Applies the function.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    switch self {
    case .relu: input.relu()
    case .gelu: input.gelu()
    case .quickGELU: input.quickGELU()
    case .silu: input.silu()
    case .tanh: input.tanh()
    case .identity: input
    }
  }

  /// Applies the function; it is the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { self(input) }

  /// The operators of the function.
  public func described(_ input: GraphValue) -> GraphValue {
    switch self {
    case .relu: input.relu()
    case .gelu: input.gelu()
    case .quickGELU: input.quickGELU()
    case .silu: input.silu()
    case .tanh: input.tanh()
    case .identity: input
    }
  }
}

/// Dropout (Srivastava et al., 2014): in training, numbers become 0 with probability `rate`, the others grow.
public struct Dropout: Layer {
  /// The probability of 0.
  public let rate: Float

  /// Creates a layer.
  public init(rate: Float) { self.rate = rate }

  /// Nothing is trained.
  public var parts: [ModulePart] { [] }

  /// Drops numbers in training.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    pass.isTraining ? input.droppingOut(rate: rate, using: &pass.dropout) : input
  }

  /// Nothing, in evaluation.
  public func described(_ input: GraphValue) -> GraphValue { input }
}

/// Joins all axes but the first.
public struct Flatten: Layer {
  /// Creates a layer.
  public init() {}
  /// Nothing is trained.
  public var parts: [ModulePart] { [] }
  /// Flattens.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { input.flattened() }
  /// One operator.
  public func described(_ input: GraphValue) -> GraphValue { input.flattened() }
}

/// Layers one after another, named by their number.
public struct Sequential: Layer {
  /// The layers in order.
  public let layers: [any Layer]

  /// Creates a sequence.
  public init(_ layers: any Layer...) { self.layers = layers }
  /// Creates a sequence.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// The layers under their numbers.
  public var parts: [ModulePart] { layers.enumerated().map { .module("\($0.offset)", $0.element) } }

  /// Applies the layers in order.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    layers.reduce(input) { $1($0, in: pass) }
  }

  /// The layers in order.
  public func described(_ input: GraphValue) -> GraphValue { layers.reduce(input) { $1.described($0) } }
}

/// Dense layers with a non-linearity between them, none behind the last.
public struct MLP: Layer {
  /// The dense layers.
  public let layers: [Linear]
  /// The function between them.
  public let activation: Activation

  /// Creates layers from the widths of input, hidden layers and output.
  public init(widths: [Int], activation: Activation, stream: inout RandomStream) {
    precondition(widths.count >= 2, "MLP: widths \(widths) name no layer")
    var layers: [Linear] = []
    for (input, output) in zip(widths, widths.dropFirst()) { layers.append(Linear(input, output, stream: &stream)) }
    self.layers = layers
    self.activation = activation
  }

  /// Takes dense layers that are there already.
  public init(layers: [Linear], activation: Activation) {
    self.layers = layers
    self.activation = activation
  }

  /// The dense layers under their numbers.
  public var parts: [ModulePart] { layers.enumerated().map { .module("\($0.offset)", $0.element) } }

  /// The parameters of the first and the last of two layers.
  var pairWeights: PerceptronWeights {
    precondition(layers.count == 2, "MLP: \(layers.count) layers are not a pair")
    return PerceptronWeights(
      up: layers[0].weight.tensor, upBias: layers[0].biasOrZero, down: layers[1].weight.tensor,
      downBias: layers[1].biasOrZero)
  }

  /// Applies the layers in order.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    if layers.count == 2, let function = activation.fused {
      return input.perceptron(pairWeights, function: function)
    }
    return layers.dropLast().reduce(input) { $1($0, followedBy: activation) }.linear(
      weight: layers[layers.count - 1].weight.tensor, bias: layers[layers.count - 1].bias?.tensor)
  }

  /// Applies the layers in order; they are the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { self(input) }

  /// The layers in order, the function between them.
  public func described(_ input: GraphValue) -> GraphValue {
    let hidden = layers.dropLast().reduce(input) { activation.described($1.described($0)) }
    return layers[layers.count - 1].described(hidden)
  }
}
