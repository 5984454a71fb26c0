import CKernels
import Kernels

/// What normalises a batch: its own statistics, or those collected in training.
public enum BatchStatistics {
  /// The batch's own mean and biased variance.
  case batch
  /// A given mean and variance, `[channels]` each.
  case running(mean: Tensor, variance: Tensor)
}

extension Tensor {
  /// Batch normalisation over all axes but the last (Ioffe & Szegedy, 2015).
  ///
  ///     y = (x − mean) / √(variance + epsilon) · gain + bias,   variance biased
  ///
  /// Shapes: `[…, channels]`, gain and bias `[channels]`.
  ///
  /// - Parameter rectified: whether max(0, ·) follows in the same pass.
  /// - Returns: the result, and the mean and biased variance that normalised it, as constants.
  public func batchNormalised(
    gain: Tensor, bias: Tensor, statistics: BatchStatistics, epsilon: Float = 1e-5, rectified: Bool = false
  ) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    let (rows, channels) = rowSizes
    precondition(
      gain.shape == [channels] && bias.shape == [channels],
      "batchNormalised: gain \(gain.shape) and bias \(bias.shape) for a tensor of shape \(shape)")
    if case .running(let mean, let variance) = statistics {
      precondition(
        mean.shape == [channels] && variance.shape == [channels],
        "batchNormalised: statistics \(mean.shape) and \(variance.shape) for a tensor of shape \(shape)")
      let inverse = (variance + epsilon).squareRoot().reciprocal()
      let scale = gain * inverse
      let output = self * scale + (bias - mean * scale)
      return (rectified ? output.relu() : output, mean, variance)
    }
    let sizes = BatchNormalisationShape(batch: rows, channels: channels, epsilon: epsilon, rectified: rectified)
    let result = Tensor(uninitialized: shape)
    let mean = Tensor(uninitialized: [channels])
    let variance = Tensor(uninitialized: [channels])
    let bytes = BatchNormalisation.workspaceSize(sizes)
    let kept = bytes > 0 ? Storage(count: (bytes + 3) / 4) : nil
    BatchNormalisation.forward(
      sizes, input: pointer, scale: gain.pointer, offset: bias.pointer, mean: mean.pointer,
      variance: variance.pointer, output: result.pointer, workspace: kept.map { UnsafeMutableRawPointer($0.pointer) })
    let recorded = result.recorded(from: self, gain, bias) { gradient in
      let slope = Tensor(uninitialized: self.shape)
      let gainSlope = Tensor(uninitialized: [channels])
      let biasSlope = Tensor(uninitialized: [channels])
      BatchNormalisation.backward(
        sizes, input: self.pointer, scale: gain.pointer, mean: mean.pointer, variance: variance.pointer,
        outputGradient: gradient.pointer, workspace: kept.map { UnsafeRawPointer($0.pointer) },
        inputGradient: slope.pointer, scaleGradient: gainSlope.pointer, offsetGradient: biasSlope.pointer)
      self.node?.accumulate(slope)
      gain.node?.accumulate(gainSlope)
      bias.node?.accumulate(biasSlope)
    }
    return (recorded, mean, variance)
  }
}
