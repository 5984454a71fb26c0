import Autograd
import Graphs
import Kernels

/// The parameters of a recurrent layer with `gates` gates, uniform in ±1/√hidden.
private func recurrentParameters(
  gates: Int, input: Int, hidden: Int, stream: inout RandomStream
) -> [Parameter] {
  [[gates * hidden, input], [gates * hidden, hidden], [gates * hidden], [gates * hidden]].map {
    Parameter(Initialiser.fanIn($0, fanIn: hidden, &stream))
  }
}

private func recurrentParts(_ parameters: [Parameter]) -> [ModulePart] {
  zip(["inputWeight", "hiddenWeight", "inputBias", "hiddenBias"], parameters).map { .parameter($0, $1) }
}

private func recurrentWeights(_ parameters: [Parameter]) -> RecurrentWeights {
  RecurrentWeights(
    inputWeight: parameters[0].tensor, hiddenWeight: parameters[1].tensor, inputBias: parameters[2].tensor,
    hiddenBias: parameters[3].tensor)
}

private func recurrentNodes(
  _ kind: GraphValue.Recurrence, _ input: GraphValue, _ parameters: [Parameter]
) -> GraphValue {
  input.recurrent(
    kind, inputWeight: parameters[0].constant, hiddenWeight: parameters[1].constant, inputBias: parameters[2].constant,
    hiddenBias: parameters[3].constant)
}

/// A long short-term memory layer.
///
/// Shapes: `[batch, time, inputDimensions]` → all hidden states, `[batch, time, hiddenDimensions]`.
public struct LSTM: Layer {
  private let tensors: [Parameter]

  /// Creates a layer whose parameters are uniform in ±1/√hidden.
  public init(_ inputDimensions: Int, _ hiddenDimensions: Int, stream: inout RandomStream) {
    tensors = recurrentParameters(gates: 4, input: inputDimensions, hidden: hiddenDimensions, stream: &stream)
  }

  /// Both weights and both biases.
  public var parts: [ModulePart] { recurrentParts(tensors) }

  /// All hidden states.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.lstm(recurrentWeights(tensors)) }

  /// The weights, for steps from states that are known.
  public var weights: RecurrentWeights { recurrentWeights(tensors) }

  /// All hidden states; they are the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { self(input) }

  /// One operator, between two that put time first and back.
  public func described(_ input: GraphValue) -> GraphValue { recurrentNodes(.lstm, input, tensors) }
}

/// A gated recurrent layer.
///
/// Shapes: `[batch, time, inputDimensions]` → all hidden states, `[batch, time, hiddenDimensions]`.
public struct GRU: Layer {
  private let tensors: [Parameter]

  /// Creates a layer whose parameters are uniform in ±1/√hidden.
  public init(_ inputDimensions: Int, _ hiddenDimensions: Int, stream: inout RandomStream) {
    tensors = recurrentParameters(gates: 3, input: inputDimensions, hidden: hiddenDimensions, stream: &stream)
  }

  /// Both weights and both biases.
  public var parts: [ModulePart] { recurrentParts(tensors) }

  /// All hidden states.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.gru(recurrentWeights(tensors)) }

  /// All hidden states; they are the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { self(input) }

  /// One operator, between two that put time first and back.
  public func described(_ input: GraphValue) -> GraphValue { recurrentNodes(.gru, input, tensors) }
}
