import CKernels
import Kernels

extension Tensor {
  /// Scales each row to Euclidean length 1: x / max(‖x‖, epsilon).
  public func l2Normalised(epsilon: Float = 1e-12) -> Tensor {
    let (rows, columns) = rowSizes
    let result = Tensor(uninitialized: shape)
    let norm = Storage(count: rows)
    ck_normalize_rows(pointer, result.pointer, norm.pointer, rows, columns, epsilon)
    return result.recorded(from: self) { gradient in
      self.node?.accumulate { target, adding in
        ck_normalize_rows_backward(
          result.pointer, norm.pointer, gradient.pointer, target, rows, columns, epsilon, adding)
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
    ck_layer_norm(pointer, gain.pointer, bias.pointer, result.pointer, mean, inverse, rows, columns, epsilon)
    return result.recorded(from: self, gain, bias) { gradient in
      let parameters = Tensor(repeating: 0, shape: [2, columns])
      let unused = self.node == nil ? Tensor(uninitialized: self.shape) : nil
      let run = { (target: UnsafeMutablePointer<Float>, adding: Bool) in
        ck_layer_norm_backward(
          self.pointer, gain.pointer, statistics.pointer, statistics.pointer + rows, gradient.pointer, target,
          parameters.pointer, parameters.pointer + columns, rows, columns, adding)
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
