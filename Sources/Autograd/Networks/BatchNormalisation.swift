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
  /// - Parameters:
  ///   - rectified: whether max(0, ·) follows in the same pass.
  ///   - groups: the number of parts, of neighbours along the first axis, that are normalised each by itself where the
  ///     batch's own statistics do it.
  /// - Returns: the result, and the mean and biased variance that normalised it, as constants; the means of all groups'.
  public func batchNormalised(
    gain: Tensor, bias: Tensor, statistics: BatchStatistics, epsilon: Float = 1e-5, rectified: Bool = false,
    groups: Int = 1
  ) -> (output: Tensor, mean: Tensor, variance: Tensor) {
    let channels = shape.last ?? 1
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
    precondition(
      groups > 0 && rank > 1 && groups <= shape[0],
      "batchNormalised: \(groups) groups for a tensor of shape \(shape)")
    let parts = BatchPart.parts(of: shape, groups: groups, epsilon: epsilon, rectified: rectified)
    let result = Tensor(uninitialized: shape)
    let mean = Tensor(uninitialized: [groups, channels])
    let variance = Tensor(uninitialized: [groups, channels])
    for (group, part) in parts.enumerated() {
      let statistics = group * channels
      BatchNormalisation.forward(
        part.sizes, input: pointer + part.start, scale: gain.pointer, offset: bias.pointer,
        mean: mean.pointer + statistics, variance: variance.pointer + statistics, output: result.pointer + part.start,
        workspace: part.workspace)
    }
    let recorded = result.recorded(from: self, gain, bias) { gradient in
      let slope = Tensor(uninitialized: self.shape)
      let gainSlopes = Tensor(uninitialized: [groups, channels])
      let biasSlopes = Tensor(uninitialized: [groups, channels])
      for (group, part) in parts.enumerated() {
        let statistics = group * channels
        BatchNormalisation.backward(
          part.sizes, input: self.pointer + part.start, scale: gain.pointer, mean: mean.pointer + statistics,
          variance: variance.pointer + statistics, outputGradient: gradient.pointer + part.start,
          workspace: part.workspace, inputGradient: slope.pointer + part.start,
          scaleGradient: gainSlopes.pointer + statistics, offsetGradient: biasSlopes.pointer + statistics)
      }
      self.node?.accumulate(slope)
      gain.node?.accumulate(groups > 1 ? gainSlopes.detached.sum(axis: 0) : gainSlopes.part(at: 0, shape: [channels]))
      bias.node?.accumulate(groups > 1 ? biasSlopes.detached.sum(axis: 0) : biasSlopes.part(at: 0, shape: [channels]))
    }
    guard groups > 1 else {
      return (recorded, mean.part(at: 0, shape: [channels]), variance.part(at: 0, shape: [channels]))
    }
    return (recorded, mean.mean(axis: 0), variance.mean(axis: 0))
  }
}

/// Neighbouring items of a batch that are normalised together.
private struct BatchPart {
  let sizes: BatchNormalisationShape
  /// Where its numbers begin.
  let start: Int
  /// What a rectified normalisation keeps for its backward pass.
  let kept: Storage?

  var workspace: UnsafeMutableRawPointer? { kept.map { UnsafeMutableRawPointer($0.pointer) } }

  /// A batch in `groups` parts as equal as they can be.
  static func parts(of shape: [Int], groups: Int, epsilon: Float, rectified: Bool) -> [BatchPart] {
    let channels = shape[shape.count - 1]
    let rows = shape[1..<(shape.count - 1)].reduce(1, *)
    return (0..<groups).map { group in
      let items = (group * shape[0] / groups)..<((group + 1) * shape[0] / groups)
      let sizes = BatchNormalisationShape(
        batch: items.count * rows, channels: channels, epsilon: epsilon, rectified: rectified)
      let bytes = BatchNormalisation.workspaceSize(sizes)
      return BatchPart(
        sizes: sizes, start: items.lowerBound * rows * channels,
        kept: bytes > 0 ? Storage(count: (bytes + 3) / 4) : nil)
    }
  }
}
