import COneDNN

/// 2-D convolutions on channels-last images, forward and backward.
///
/// Images are float32, or bfloat16 with float32 sums; weights and biases are float32 outside.
///
///     output[b, y, x, f] = bias[f] + Σ_{i, j, c} input[b, y·s_h + i − top, x·s_w + j − left, c] · weights[f, i, j, c]
public enum Convolution {
  /// The convolution of images with kernels; nil bias is none.
  ///
  /// Shapes: as ``ConvolutionShape`` has them; the bias is `[filters]`.
  ///
  /// - Parameter rectified: whether a rectifier, max(0, ·), follows in the same pass.
  public static func forward(
    _ shape: ConvolutionShape, input: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>? = nil, output: UnsafeMutablePointer<Float>, rectified: Bool = false
  ) {
    let shape = shape.canonical
    guard !shape.isMatrixProduct else {
      return multiply(
        shape, input: input, weights: weights, bias: bias, output: output, rectified: rectified)
    }
    var sizes = od_convolution(shape)
    Work.add(2 * shape.multiplyAdds)
    let status = od_convolution_forward(
      &sizes, od_numbers_float32, input, weights, bias, rectified ? 1 : 0, output)
    check(status, "Convolution.forward", shape)
  }

  /// The gradient with respect to the input.
  public static func backwardInput(
    _ shape: ConvolutionShape, outputGradient: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    let shape = shape.canonical
    guard !shape.isMatrixProduct else {
      return multiplyBackwardInput(
        shape, outputGradient: outputGradient, weights: weights, inputGradient: inputGradient)
    }
    guard shape.channels > 1 else {
      return foldBackwardInput(
        shape, outputGradient: outputGradient, weights: weights, inputGradient: inputGradient)
    }
    var sizes = od_convolution(shape)
    Work.add(2 * shape.multiplyAdds)
    let status = od_convolution_backward_input(&sizes, od_numbers_float32, outputGradient, weights, inputGradient)
    check(status, "Convolution.backwardInput", shape)
  }

  /// The gradients with respect to the weights and, unless nil, the bias.
  ///
  /// - Parameter accumulate: whether the gradients are added to what is there, rather than written over it.
  public static func backwardWeights(
    _ shape: ConvolutionShape, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    weightGradient: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>? = nil, accumulate: Bool
  ) {
    let shape = shape.canonical
    guard !shape.isMatrixProduct else {
      return multiplyBackwardWeights(
        shape, input: input, outputGradient: outputGradient, weightGradient: weightGradient,
        biasGradient: biasGradient, accumulate: accumulate)
    }
    var sizes = od_convolution(shape)
    Work.add(2 * shape.multiplyAdds)
    let status = od_convolution_backward_weights(
      &sizes, od_numbers_float32, input, outputGradient, weightGradient, biasGradient, accumulate ? 1 : 0)
    check(status, "Convolution.backwardWeights", shape)
  }

  static func check(_ status: Int32, _ operation: String, _ shape: ConvolutionShape) {
    precondition(status == 0, "\(operation): \(String(cString: od_message(status))) for \(shape)")
  }
}

extension od_convolution {
  /// The sizes as the library's face takes them.
  init(_ shape: ConvolutionShape) {
    self.init(
      batch: Int64(shape.batch), height: Int64(shape.height), width: Int64(shape.width),
      channels: Int64(shape.channels), filters: Int64(shape.filters), kernel_height: Int64(shape.kernelHeight),
      kernel_width: Int64(shape.kernelWidth), stride_height: Int64(shape.strideHeight),
      stride_width: Int64(shape.strideWidth), padding_top: Int64(shape.padding.top),
      padding_bottom: Int64(shape.padding.bottom), padding_left: Int64(shape.padding.left),
      padding_right: Int64(shape.padding.right))
  }
}
