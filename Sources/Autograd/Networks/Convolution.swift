import Kernels

extension Tensor {
  /// A 2-D convolution of channels-last images (cross-correlation, as the field has it).
  ///
  /// Shapes: `[batch, height, width, in]`, weight `[out, kernelHeight, kernelWidth, in]`, bias `[out]` →
  /// `[batch, height′, width′, out]`.
  public func convolved(
    weight: Tensor, bias: Tensor? = nil, stride: (height: Int, width: Int) = (1, 1), padding: ImagePadding = .none
  ) -> Tensor {
    precondition(
      rank == 4 && weight.rank == 4 && weight.shape[3] == shape[3],
      "convolved: images of shape \(shape) and kernels of shape \(weight.shape) do not fit")
    precondition(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "convolved: a bias of shape \(bias?.shape ?? []) for kernels of shape \(weight.shape)")
    let sizes = ConvolutionShape(
      batch: shape[0], height: shape[1], width: shape[2], channels: shape[3], filters: weight.shape[0],
      kernelHeight: weight.shape[1], kernelWidth: weight.shape[2], strideHeight: stride.height,
      strideWidth: stride.width, padding: padding)
    if ArithmeticPrecision.rounds { return roundedConvolution(sizes, weight, bias) }
    let result = Tensor(uninitialized: sizes.outputShape)
    Convolution.forward(sizes, input: pointer, weights: weight.pointer, bias: bias?.pointer, output: result.pointer)
    return result.recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
      weight.node?.accumulate { target, adding in
        Convolution.backwardWeights(
          sizes, input: self.pointer, outputGradient: gradient.pointer, weightGradient: target, accumulate: adding)
      }
      bias?.accumulateSums(of: gradient)
      guard let node = self.node else { return }
      let slope = Tensor(uninitialized: self.shape)
      Convolution.backwardInput(
        sizes, outputGradient: gradient.pointer, weights: weight.pointer, inputGradient: slope.pointer)
      node.accumulate(slope)
    }
  }

  /// The convolution of images rounded to bfloat16, which the gradient keeps in place of these.
  private func roundedConvolution(_ sizes: ConvolutionShape, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
    let images = Bfloat16Storage(rounding: pointer, leading: count, rows: 1, columns: count)
    let result = Tensor(uninitialized: sizes.outputShape)
    Convolution.forward(
      sizes, rounded: images.pointer, weights: weight.pointer, bias: bias?.pointer, output: result.pointer)
    let (node, shape) = (node, shape)
    return result.recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
      let slopes = Bfloat16Storage(
        rounding: gradient.pointer, leading: gradient.count, rows: 1, columns: gradient.count)
      weight.node?.accumulate { target, adding in
        Convolution.backwardWeights(
          sizes, rounded: images.pointer, outputGradient: slopes.pointer, weightGradient: target, accumulate: adding)
      }
      bias?.accumulateSums(of: gradient)
      if let node {
        let slope = Tensor(uninitialized: shape)
        Convolution.backwardInput(
          sizes, rounded: slopes.pointer, weights: weight.pointer, inputGradient: slope.pointer)
        node.accumulate(slope)
      }
      withExtendedLifetime((images, slopes)) {}
    }
  }

  /// Adds the sums of a gradient over all axes but the last to the gradient of this bias.
  private func accumulateSums(of gradient: Tensor) {
    node?.accumulate { target, adding in
      AxisReduction.sum(
        gradient.pointer, into: target, outer: 1, count: gradient.count / count, inner: count, scale: 1, adding: adding)
    }
  }

  /// The greatest value under each window of channels-last images.
  ///
  /// Shapes: `[batch, height, width, c]` → `[batch, height′, width′, c]`.
  public func maxPooled(window: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
    pooled(poolingShape(.maximum, window: window, stride: stride, padding: padding))
  }

  /// The mean under each window of channels-last images.
  ///
  /// Shapes: `[batch, height, width, c]` → `[batch, height′, width′, c]`.
  public func averagePooled(window: Int, stride: Int? = nil, padding: Int = 0, countsPadding: Bool = true) -> Tensor {
    pooled(
      poolingShape(.average(countsPadding: countsPadding), window: window, stride: stride, padding: padding))
  }

  /// The mean over each whole image, `[batch, height, width, c]` → `[batch, c]`.
  public func globallyAveraged() -> Tensor {
    precondition(rank == 4, "globallyAveraged: shape \(shape) is not [batch, height, width, channels]")
    return reshaped(to: [shape[0], shape[1] * shape[2], shape[3]]).mean(axis: 1)
  }

  private func poolingShape(
    _ reduction: PoolingShape.Reduction, window: Int, stride: Int?, padding: Int
  ) -> PoolingShape {
    precondition(rank == 4, "pooling: shape \(shape) is not [batch, height, width, channels]")
    return PoolingShape(
      reduction, batch: shape[0], height: shape[1], width: shape[2], channels: shape[3], windowHeight: window,
      windowWidth: window, strideHeight: stride ?? window, strideWidth: stride ?? window,
      padding: ImagePadding(padding))
  }

  private func pooled(_ sizes: PoolingShape) -> Tensor {
    let result = Tensor(uninitialized: [shape[0], sizes.outputHeight, sizes.outputWidth, sizes.channels])
    let kept = Tape.isRecording && node != nil ? Storage(count: (Pooling.workspaceSize(sizes) + 3) / 4) : nil
    Pooling.forward(
      sizes, input: pointer, output: result.pointer, workspace: kept.map { UnsafeMutableRawPointer($0.pointer) })
    return result.recorded(from: self) { gradient in
      let slope = Tensor(uninitialized: self.shape)
      Pooling.backward(
        sizes, outputGradient: gradient.pointer, workspace: kept.map { UnsafeRawPointer($0.pointer) },
        inputGradient: slope.pointer)
      self.node?.accumulate(slope)
    }
  }
}

extension ConvolutionShape {
  /// The shape of the convolved images.
  var outputShape: [Int] { [batch, outputHeight, outputWidth, filters] }
}
