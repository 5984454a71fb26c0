import Autograd
import Kernels

/// Hinges of a batch's similarities in both directions (VSE0 and VSE++, Faghri et al., 2018, Eqs. 5 and 6).
///
///     loss = Σ_i R_{j ≠ i} max(0, α + S_ij − S_ii) + Σ_j R_{i ≠ j} max(0, α + S_ij − S_jj),   S = U Vᵀ
///
/// R is the sum (VSE0) or the greatest (VSE++). Both are sums over the batch, not means.
///
/// Shapes: `u`, `v [batch, dimension]`, rows of length 1 → scalar.
public func vseLoss(_ u: Tensor, _ v: Tensor, margin: Float = 0.2, hardest: Bool) -> Tensor {
  precondition(u.shape == v.shape && u.rank == 2, "vseLoss: shapes \(u.shape) and \(v.shape)")
  return vseLoss(similarity: u.multiplied(by: v, otherTransposed: true), margin: margin, hardest: hardest)
}

/// The same of a square matrix of similarities.
public func vseLoss(similarity: Tensor, margin: Float = 0.2, hardest: Bool) -> Tensor {
  let batch = similarity.shape[0]
  let own = similarity.diagonal()
  var others = [Float](repeating: 1, count: batch * batch)
  for i in 0..<batch { others[i * (batch + 1)] = 0 }
  let mask = Tensor(others, shape: [batch, batch])
  let rows = (similarity - own.reshaped(to: [batch, 1]) + margin).relu() * mask
  let columns = (similarity - own.reshaped(to: [1, batch]) + margin).relu() * mask
  return hardest ? rows.max(axis: 1).sum() + columns.max(axis: 0).sum() : rows.sum() + columns.sum()
}
