import Kernels

extension Tensor {
  /// A transposed 2-D convolution of channels-last images: the map that the gradient of ``convolved(weight:bias:stride:padding:)``
  /// takes with respect to its images.
  ///
  /// Shapes: `[batch, height, width, in]`, weight `[in, kernelHeight, kernelWidth, out]`, bias `[out]` →
  /// `[batch, (height − 1) · stride + kernelHeight − padding, …, out]`, `padding` being that of both sides together.
  public func transposedConvolved(
    weight: Tensor, bias: Tensor? = nil, stride: (height: Int, width: Int) = (1, 1), padding: ImagePadding = .none
  ) -> Tensor {
    precondition(
      rank == 4 && weight.rank == 4 && weight.shape[0] == shape[3],
      "transposedConvolved: images of shape \(shape) and kernels of shape \(weight.shape) do not fit")
    precondition(
      bias.map { $0.shape == [weight.shape[3]] } ?? true,
      "transposedConvolved: a bias of shape \(bias?.shape ?? []) for kernels of shape \(weight.shape)")
    // The sizes are those of the convolution that leads back.
    let sizes = ConvolutionShape(
      batch: shape[0], height: (shape[1] - 1) * stride.height + weight.shape[1] - padding.top - padding.bottom,
      width: (shape[2] - 1) * stride.width + weight.shape[2] - padding.left - padding.right, channels: weight.shape[3],
      filters: shape[3], kernelHeight: weight.shape[1], kernelWidth: weight.shape[2], strideHeight: stride.height,
      strideWidth: stride.width, padding: padding)
    let result = Tensor(uninitialized: [sizes.batch, sizes.height, sizes.width, sizes.channels])
    Convolution.backwardInput(
      sizes, outputGradient: pointer, weights: weight.pointer, inputGradient: result.pointer)
    let recorded = result.recorded(from: self, weight) { gradient in
      weight.node?.accumulate { target, adding in
        Convolution.backwardWeights(
          sizes, input: gradient.pointer, outputGradient: self.pointer, weightGradient: target, accumulate: adding)
      }
      guard let node = self.node else { return }
      let slope = Tensor(uninitialized: self.shape)
      Convolution.forward(
        sizes, input: gradient.pointer, weights: weight.pointer, bias: nil, output: slope.pointer)
      node.accumulate(slope)
    }
    return bias.map { recorded + $0 } ?? recorded
  }
}
