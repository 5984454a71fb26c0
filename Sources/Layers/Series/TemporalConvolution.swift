import Autograd
import Graphs
import Kernels

/// A 1-D convolution along time.
///
/// Shapes: `[batch, time, in]` → `[batch, time′, out]`.
public struct TemporalConvolution: Layer {
  /// The zeros around a series.
  public enum Padding: Equatable, Sendable {
    /// As many steps before as behind.
    case both(Int)
    /// As many before as make a step see itself and earlier ones; with stride 1 the series keeps its length.
    case causal
  }

  /// The kernels, `[out, kernel, in]`.
  public let weight: Parameter
  /// One number for each output channel, unless the layer has none.
  public let bias: Parameter?
  /// The step of the window.
  public let stride: Int
  /// The distance of the window's steps.
  public let dilation: Int
  /// The zeros around a series.
  public let padding: Padding

  /// Creates a layer with weights and bias uniform in ±1/√(in · kernel).
  public init(
    _ inputChannels: Int, _ outputChannels: Int, kernel: Int, stride: Int = 1, dilation: Int = 1,
    padding: Padding = .both(0), bias: Bool = true, stream: inout RandomStream
  ) {
    let fanIn = inputChannels * kernel
    weight = Parameter(Initialiser.fanIn([outputChannels, kernel, inputChannels], fanIn: fanIn, &stream))
    self.bias = bias ? Parameter(Initialiser.fanIn([outputChannels], fanIn: fanIn, &stream)) : nil
    (self.stride, self.dilation, self.padding) = (stride, dilation, padding)
  }

  /// The weight, and the bias where there is one.
  public var parts: [ModulePart] {
    [.parameter("weight", weight)] + (bias.map { [.parameter("bias", $0)] } ?? [])
  }

  private var zeros: (before: Int, after: Int) {
    switch padding {
    case .both(let steps): (before: steps, after: steps)
    case .causal: (before: (weight.shape[1] - 1) * dilation, after: 0)
    }
  }

  /// Applies the layer.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.convolvedInTime(
      weight: weight.tensor, bias: bias?.tensor, stride: stride, dilation: dilation, padding: zeros)
  }

  /// Applies the layer; it is the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { self(input) }

  /// One operator.
  public func described(_ input: GraphValue) -> GraphValue {
    input.convolvedInTime(
      weight: weight.constant, bias: bias?.constant, stride: stride, dilation: dilation, padding: zeros)
  }
}
