import COneDNN

/// Convolutions of bfloat16 images; a pointer to a number is a pointer to its bits. Sums are float32.
extension Convolution {
  /// The convolution of rounded images, in float32; see ``forward(_:input:weights:bias:output:rectified:)``.
  package static func forward(
    _ shape: ConvolutionShape, rounded input: UnsafePointer<UInt16>, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>? = nil, output: UnsafeMutablePointer<Float>
  ) {
    let shape = shape.canonical
    guard !shape.isMatrixProduct else {
      if let bias {
        for b in 0..<shape.batch { (output + b * shape.filters).update(from: bias, count: shape.filters) }
      }
      return withRounded(weights, shape) {
        Bfloat16.multiply(
          m: shape.batch, n: shape.filters, k: shape.channels, input, leading: shape.channels, transposed: false, $0,
          leading: shape.channels, transposed: true, adding: bias != nil, into: output, leading: shape.filters)
      }
    }
    var sizes = od_convolution(shape)
    Work.add(2 * shape.multiplyAdds)
    check(
      od_convolution_forward(&sizes, od_numbers_bfloat16_factors, input, weights, bias, 0, output),
      "Convolution.forward", shape)
  }

  /// The convolution of rounded images, rounded.
  package static func forward(
    _ shape: ConvolutionShape, rounded input: UnsafePointer<UInt16>, weights: UnsafePointer<Float>,
    rounding output: UnsafeMutablePointer<UInt16>
  ) {
    let shape = shape.canonical
    guard !shape.isMatrixProduct else {
      return withRounded(weights, shape) {
        Bfloat16.multiply(
          m: shape.batch, n: shape.filters, k: shape.channels, input, leading: shape.channels, transposed: false, $0,
          leading: shape.channels, transposed: true, rounding: output, leading: shape.filters)
      }
    }
    var sizes = od_convolution(shape)
    Work.add(2 * shape.multiplyAdds)
    check(
      od_convolution_forward(&sizes, od_numbers_bfloat16, input, weights, nil, 0, output), "Convolution.forward", shape)
  }

  /// The gradient with respect to the input, in float32.
  package static func backwardInput(
    _ shape: ConvolutionShape, rounded outputGradient: UnsafePointer<UInt16>, weights: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    let shape = shape.canonical
    guard !shape.isMatrixProduct else {
      return withRounded(weights, shape) {
        Bfloat16.multiply(
          m: shape.batch, n: shape.channels, k: shape.filters, outputGradient, leading: shape.filters, $0,
          leading: shape.channels, into: inputGradient, leading: shape.channels)
      }
    }
    guard shape.channels > 1 else {
      return withRounded(weights, shape) { weights in
        folding(shape, into: inputGradient) { first, rows, columns, products in
          Bfloat16.multiply(
            m: rows, n: columns, k: shape.filters, outputGradient + first * shape.filters, leading: shape.filters,
            weights, leading: columns, into: products, leading: columns)
        }
      }
    }
    var sizes = od_convolution(shape)
    Work.add(2 * shape.multiplyAdds)
    check(
      od_convolution_backward_input(&sizes, od_numbers_bfloat16_factors, outputGradient, weights, inputGradient),
      "Convolution.backwardInput", shape)
  }

  /// The gradient with respect to the input, rounded.
  package static func backwardInput(
    _ shape: ConvolutionShape, rounded outputGradient: UnsafePointer<UInt16>, weights: UnsafePointer<Float>,
    rounding inputGradient: UnsafeMutablePointer<UInt16>
  ) {
    let shape = shape.canonical
    guard !shape.isMatrixProduct else {
      return withRounded(weights, shape) {
        Bfloat16.multiply(
          m: shape.batch, n: shape.channels, k: shape.filters, outputGradient, leading: shape.filters, $0,
          leading: shape.channels, rounding: inputGradient, leading: shape.channels)
      }
    }
    var sizes = od_convolution(shape)
    Work.add(2 * shape.multiplyAdds)
    check(
      od_convolution_backward_input(&sizes, od_numbers_bfloat16, outputGradient, weights, inputGradient),
      "Convolution.backwardInput", shape)
  }

  /// The gradient with respect to the weights, in float32.
  package static func backwardWeights(
    _ shape: ConvolutionShape, rounded input: UnsafePointer<UInt16>, outputGradient: UnsafePointer<UInt16>,
    weightGradient: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    let shape = shape.canonical
    guard !shape.isMatrixProduct else {
      return Bfloat16.multiply(
        m: shape.filters, n: shape.channels, k: shape.batch, outputGradient, leading: shape.filters, transposed: true,
        input, leading: shape.channels, adding: accumulate, into: weightGradient, leading: shape.channels)
    }
    var sizes = od_convolution(shape)
    Work.add(2 * shape.multiplyAdds)
    check(
      od_convolution_backward_weights(
        &sizes, od_numbers_bfloat16_factors, input, outputGradient, weightGradient, nil, accumulate ? 1 : 0),
      "Convolution.backwardWeights", shape)
  }

  private static func withRounded(
    _ weights: UnsafePointer<Float>, _ shape: ConvolutionShape, _ body: (UnsafePointer<UInt16>) -> Void
  ) {
    let count = shape.weightCount
    let rounded = Bfloat16Storage(rounding: weights, leading: count, rows: 1, columns: count)
    withExtendedLifetime(rounded) { body(rounded.pointer) }
  }
}
