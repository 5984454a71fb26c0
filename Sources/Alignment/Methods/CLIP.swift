import Autograd
import Kernels

/// Symmetric cross-entropy between two modalities (Radford et al., CLIP, 2021).
///
///     loss = ½ (CE(S, diagonal) + CE(Sᵀ, diagonal)),   S = exp(scale) · U Vᵀ
///
/// Shapes: `u`, `v [batch, dimension]`, rows of length 1; `logScale` a scalar → scalar.
public func clipLoss(_ u: Tensor, _ v: Tensor, logScale: Tensor) -> Tensor {
  precondition(u.shape == v.shape && u.rank == 2, "clipLoss: shapes \(u.shape) and \(v.shape)")
  let similarity = u.multiplied(by: v, otherTransposed: true) * logScale.exp()
  let own = (0..<Int32(u.shape[0])).map { $0 }
  let rows = similarity.crossEntropy(targets: own).mean()
  let columns = similarity.transposed().crossEntropy(targets: own).mean()
  return (rows + columns) * 0.5
}
