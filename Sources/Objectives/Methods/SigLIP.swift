import Autograd
import Kernels

/// Every pair of a batch as a decision of its own (Zhai et al., SigLIP, 2023, Eq. 2).
///
///     loss = −1/B Σ_ij log σ(y_ij (exp(scale) S_ij + bias)),   S = U Vᵀ,   y_ii = 1, else −1
///
/// Shapes: `u`, `v [batch, dimension]`, rows of length 1; `logScale`, `bias` scalars → scalar. Of large batches rows are
/// taken some at a time; see ``LossByRows``.
///
/// - Parameter sharing: for each observation a key, where observations of equal key are no negatives of each other and
///   their pairs count nothing; nil where all are.
public func sigmoidLoss(
  _ u: Tensor, _ v: Tensor, logScale: Tensor, bias: Tensor, sharing: [Int]? = nil
) -> Tensor {
  precondition(u.shape == v.shape && u.rank == 2, "sigmoidLoss: shapes \(u.shape) and \(v.shape)")
  let batch = u.shape[0]
  func sum(_ own: Tensor, _ rows: Range<Int>, _ others: [Tensor]) -> Tensor {
    let logits = own.multiplied(by: others[0], otherTransposed: true) * others[1].exp() + others[2]
    var signs = [Float](repeating: 1, count: rows.count * batch)
    for (place, row) in rows.enumerated() { signs[place * batch + row] = -1 }
    let losses = (logits * Tensor(signs, shape: [rows.count, batch])).softplus()
    return (SharedItems.weights(sharing, rows: rows).map { losses * $0 } ?? losses).sum()
  }
  let others = [v, logScale, bias]
  let total =
    LossByRows.parts(rows: batch, columns: batch).map { LossByRows.sum(of: u, in: $0, with: others, sum) }
    ?? sum(u, 0..<batch, others)
  return total / Float(batch)
}
