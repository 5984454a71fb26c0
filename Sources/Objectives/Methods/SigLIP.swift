import Autograd
import Kernels

/// Every pair of a batch as a decision of its own (Zhai et al., SigLIP, 2023, Eq. 2).
///
///     loss = −1/B Σ_ij log σ(y_ij (exp(scale) S_ij + bias)),   S = U Vᵀ,   y_ii = 1, else −1
///
/// Shapes: `u`, `v [batch, dimension]`, rows of length 1; `logScale`, `bias` scalars → scalar.
///
/// - Parameter sharing: for each observation a key, where observations of equal key are no negatives of each other and
///   their pairs count nothing; nil where all are.
public func sigmoidLoss(
  _ u: Tensor, _ v: Tensor, logScale: Tensor, bias: Tensor, sharing: [Int]? = nil
) -> Tensor {
  precondition(u.shape == v.shape && u.rank == 2, "sigmoidLoss: shapes \(u.shape) and \(v.shape)")
  let batch = u.shape[0]
  let logits = u.multiplied(by: v, otherTransposed: true) * logScale.exp() + bias
  var signs = [Float](repeating: 1, count: batch * batch)
  for i in 0..<batch { signs[i * (batch + 1)] = -1 }
  let losses = (logits * Tensor(signs, shape: [batch, batch])).softplus()
  return (SharedItems.weights(sharing).map { losses * $0 } ?? losses).sum() / Float(batch)
}
