import Autograd
import Graphs
import Kernels

/// A 2-D convolution of channels-last images.
///
/// Shapes: `[batch, height, width, in]` → `[batch, height′, width′, out]`.
public struct Conv2d: Layer {
  /// The kernels, `[out, kernelHeight, kernelWidth, in]`.
  public let weight: Parameter
  /// One number for each output channel, unless the layer has none.
  public let bias: Parameter?
  /// The steps of the window.
  public let stride: (height: Int, width: Int)
  /// The zeros around each image.
  public let padding: ImagePadding

  /// Creates a layer with weights and bias uniform in ±1/√(in · kernelHeight · kernelWidth).
  public init(
    _ inputChannels: Int, _ outputChannels: Int, kernel: (height: Int, width: Int),
    stride: (height: Int, width: Int) = (1, 1), padding: ImagePadding = .none, bias: Bool = true,
    stream: inout RandomStream
  ) {
    let fanIn = inputChannels * kernel.height * kernel.width
    weight = Parameter(
      Initialiser.fanIn([outputChannels, kernel.height, kernel.width, inputChannels], fanIn: fanIn, &stream))
    self.bias = bias ? Parameter(Initialiser.fanIn([outputChannels], fanIn: fanIn, &stream)) : nil
    self.stride = stride
    self.padding = padding
  }

  /// Creates a layer with a square window.
  public init(
    _ inputChannels: Int, _ outputChannels: Int, kernel: Int, stride: Int = 1, padding: Int = 0, bias: Bool = true,
    stream: inout RandomStream
  ) {
    self.init(
      inputChannels, outputChannels, kernel: (kernel, kernel), stride: (stride, stride),
      padding: ImagePadding(padding), bias: bias, stream: &stream)
  }

  /// The weight, and the bias where there is one.
  public var parts: [ModulePart] {
    [.parameter("weight", weight)] + (bias.map { [.parameter("bias", $0)] } ?? [])
  }

  /// Applies the layer.
  public func callAsFunction<Map: FeatureMap>(_ input: Map) -> Map {
    input.convolved(weight: weight.tensor, bias: bias?.tensor, stride: stride, padding: padding)
  }

  /// Applies the layer; it is the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor { self(input) }

  /// One operator.
  public func described(_ input: GraphValue) -> GraphValue {
    input.convolved(
      weight: weight.constant, bias: bias?.constant, stride: stride,
      padding: [padding.top, padding.left, padding.bottom, padding.right])
  }
}
