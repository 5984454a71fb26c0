import Kernels

extension Tensor {
  /// Scales each row to Euclidean length 1: x / max(‖x‖, epsilon).
  public func l2Normalised(epsilon: Float = 1e-12) -> Tensor {
    let (rows, columns) = rowSizes
    let result = Tensor(uninitialized: shape)
    let norm = Storage(count: rows)
    RowNorm.normalise(
      pointer, into: result.pointer, norms: norm.pointer, rows: rows, columns: columns, epsilon: epsilon)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        RowNorm.normaliseGradient(
          output: result.pointer, norms: norm.pointer, gradient: gradient.pointer, into: target, rows: rows,
          columns: columns, epsilon: epsilon, adding: adding)
      }
    }
  }

  /// Layer normalisation over the last axis (Ba, Kiros, Hinton, 2016).
  ///
  ///     y = (x − mean) / √(variance + epsilon) · gain + bias,   variance biased
  ///
  /// Shapes: `x […, d]`, `gain [d]`, `bias [d]`.
  public func layerNormalised(gain: Tensor, bias: Tensor, epsilon: Float = 1e-5) -> Tensor {
    let (rows, columns) = rowSizes
    precondition(
      gain.shape == [columns] && bias.shape == [columns],
      "layerNormalised: gain \(gain.shape) and bias \(bias.shape) for a tensor of shape \(shape)")
    let result = Tensor(uninitialized: shape)
    let statistics = Storage(count: 2 * rows)
    let (mean, inverse) = (statistics.pointer, statistics.pointer + rows)
    RowNorm.layerNorm(
      pointer, gain: gain.pointer, bias: bias.pointer, into: result.pointer, mean: mean, inverse: inverse, rows: rows,
      columns: columns, epsilon: epsilon)
    return result.recorded(from: self, gain, bias) { gradient in
      let parameters = Tensor(repeating: 0, shape: [2, columns])
      let unused = self.node == nil ? Tensor(uninitialized: self.shape) : nil
      let run = { (target: UnsafeMutablePointer<Float>, adding: Bool) in
        RowNorm.layerNormGradient(
          self.pointer, gain: gain.pointer, mean: statistics.pointer, inverse: statistics.pointer + rows,
          gradient: gradient.pointer, into: target, gainGradient: parameters.pointer,
          biasGradient: parameters.pointer + columns, rows: rows, columns: columns, adding: adding)
      }
      if let node = self.node { node.accumulate(run) } else if let unused { run(unused.pointer, false) }
      gain.node?.accumulate(parameters.part(at: 0, shape: [columns]))
      bias.node?.accumulate(parameters.part(at: columns, shape: [columns]))
    }
  }

  /// A piece of the numbers as a tensor of its own shape, sharing them, without recording.
  func part(at start: Int, shape: [Int]) -> Tensor {
    Tensor(shape: shape, storage: storage, offset: offset + start)
  }
}
