import Autograd
import Kernels

/// A transposed 2-D convolution of channels-last images, which makes them larger.
///
/// Shapes: `[batch, height, width, in]` → `[batch, (height − 1) · stride + kernel − padding, …, out]`, `padding` being that
/// of both sides together.
public struct TransposedConv2d: Layer {
  /// The kernels, `[in, kernelHeight, kernelWidth, out]`.
  public let weight: Parameter
  /// One number for each output channel.
  public let bias: Parameter
  /// The steps of the window.
  public let stride: (height: Int, width: Int)
  /// What is cut off each side.
  public let padding: ImagePadding

  /// Creates a layer with weights and bias uniform in ±1/√(out · kernelHeight · kernelWidth), as PyTorch draws them.
  public init(
    _ inputChannels: Int, _ outputChannels: Int, kernel: (height: Int, width: Int),
    stride: (height: Int, width: Int) = (1, 1), padding: ImagePadding = .none, stream: inout RandomStream
  ) {
    let fanIn = outputChannels * kernel.height * kernel.width
    weight = Parameter(
      Initialiser.fanIn([inputChannels, kernel.height, kernel.width, outputChannels], fanIn: fanIn, &stream))
    bias = Parameter(Initialiser.fanIn([outputChannels], fanIn: fanIn, &stream))
    (self.stride, self.padding) = (stride, padding)
  }

  /// The weight and the bias.
  public var parts: [ModulePart] { [.parameter("weight", weight), .parameter("bias", bias)] }

  /// Applies the layer; it is the same in training and evaluation.
  public func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor {
    input.transposedConvolved(weight: weight.tensor, bias: bias.tensor, stride: stride, padding: padding)
  }
}
