import Kernels

extension RoundedImages: FeatureMap {
  /// A 2-D convolution without a bias; see ``Tensor/convolved(weight:bias:stride:padding:)``.
  public func convolved(
    weight: Tensor, bias: Tensor?, stride: (height: Int, width: Int), padding: ImagePadding
  ) -> RoundedImages {
    guard bias == nil else {
      return RoundedImages(widened().convolved(weight: weight, bias: bias, stride: stride, padding: padding))
    }
    precondition(
      weight.rank == 4 && weight.shape[3] == shape[3],
      "convolved: images of shape \(shape) and kernels of shape \(weight.shape) do not fit")
    let sizes = ConvolutionShape(
      batch: shape[0], height: shape[1], width: shape[2], channels: shape[3], filters: weight.shape[0],
      kernelHeight: weight.shape[1], kernelWidth: weight.shape[2], strideHeight: stride.height,
      strideWidth: stride.width, padding: padding)
    let result = RoundedImages(uninitialized: sizes.outputShape)
    Convolution.forward(
      sizes, rounded: storage.pointer, weights: weight.pointer, rounding: result.storage.pointer)
    let (images, count) = (storage, count)
    return result.recorded(isRecorded: node != nil || weight.node != nil) { [node] gradient in
      weight.node?.accumulate { target, adding in
        Convolution.backwardWeights(
          sizes, rounded: images.pointer, outputGradient: gradient.pointer, weightGradient: target, accumulate: adding)
      }
      if let node {
        let slope = Bfloat16Storage(count: count)
        Convolution.backwardInput(
          sizes, rounded: gradient.pointer, weights: weight.pointer, rounding: slope.pointer)
        node.accumulate(slope)
      }
      withExtendedLifetime((images, gradient)) {}
    }
  }

  /// Batch normalisation by the batch's own statistics, with what is added and the rectifier in the same pass.
  public func batchNormalised(
    gain: Tensor, bias: Tensor, epsilon: Float, adding branch: RoundedImages?, rectified: Bool, groups: Int
  ) -> (output: RoundedImages, mean: Tensor, variance: Tensor) {
    let channels = shape[3]
    precondition(
      gain.shape == [channels] && bias.shape == [channels],
      "batchNormalised: gain \(gain.shape) and bias \(bias.shape) for images of shape \(shape)")
    precondition(
      branch.map { $0.shape == shape } ?? true,
      "batchNormalised: images of shape \(branch?.shape ?? []) cannot be added to those of shape \(shape)")
    precondition(
      groups > 0 && groups <= shape[0], "batchNormalised: \(groups) groups for images of shape \(shape)")
    let parts = ImageGroup.parts(of: shape, groups: groups, epsilon: epsilon, rectified: rectified)
    let result = RoundedImages(uninitialized: shape)
    let mean = Tensor(uninitialized: [groups, channels])
    let variance = Tensor(uninitialized: [groups, channels])
    for (group, part) in parts.enumerated() {
      BatchNormalisation.forward(
        part.sizes, input: storage.pointer + part.start, scale: gain.pointer, offset: bias.pointer,
        adding: branch.map { $0.storage.pointer + part.start }, mean: mean.pointer + group * channels,
        variance: variance.pointer + group * channels, output: result.storage.pointer + part.start)
    }
    let (input, count) = (storage, count)
    let output = rectified ? result.storage : storage
    let branchNode = branch?.node
    let recorded = result.recorded(
      isRecorded: node != nil || branchNode != nil || gain.node != nil || bias.node != nil
    ) { [node] gradient in
      let slope = Bfloat16Storage(count: count)
      let branchSlope = branchNode != nil && rectified ? Bfloat16Storage(count: count) : nil
      let gainSlopes = Tensor(uninitialized: [groups, channels])
      let biasSlopes = Tensor(uninitialized: [groups, channels])
      for (group, part) in parts.enumerated() {
        BatchNormalisation.backward(
          part.sizes, input: input.pointer + part.start, output: output.pointer + part.start, scale: gain.pointer,
          mean: mean.pointer + group * channels, variance: variance.pointer + group * channels,
          outputGradient: gradient.pointer + part.start, inputGradient: slope.pointer + part.start,
          branchGradient: branchSlope.map { $0.pointer + part.start },
          scaleGradient: gainSlopes.pointer + group * channels, offsetGradient: biasSlopes.pointer + group * channels)
      }
      node?.accumulate(slope)
      branchNode?.accumulate(branchSlope ?? gradient)
      gain.node?.accumulate(gainSlopes.sum(axis: 0))
      bias.node?.accumulate(biasSlopes.sum(axis: 0))
      withExtendedLifetime((input, output)) {}
    }
    return (recorded, mean.mean(axis: 0), variance.mean(axis: 0))
  }
}

/// Neighbouring images of a batch that are normalised together.
private struct ImageGroup {
  let sizes: BatchNormalisationShape
  /// Where its numbers begin.
  let start: Int

  /// A batch in `groups` parts as equal as they can be.
  static func parts(of shape: [Int], groups: Int, epsilon: Float, rectified: Bool) -> [ImageGroup] {
    (0..<groups).map { group in
      let images = (group * shape[0] / groups)..<((group + 1) * shape[0] / groups)
      return ImageGroup(
        sizes: BatchNormalisationShape(
          batch: images.count, height: shape[1], width: shape[2], channels: shape[3], epsilon: epsilon,
          rectified: rectified),
        start: images.lowerBound * shape[1] * shape[2] * shape[3])
    }
  }
}
