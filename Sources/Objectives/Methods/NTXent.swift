import Autograd
import Kernels

/// The normalised, temperature-scaled cross-entropy of two views (Chen et al., SimCLR, 2020, Eq. 1).
///
///     loss = mean_r [ logsumexp_{c ≠ r} S[r, c] − S[r, positive(r)] ],   S = U Uᵀ / τ,   U = [a; b]
///
/// Shapes: `a`, `b [batch, dimension]`, rows of length 1 → scalar, the mean over the 2·batch rows. Of large batches rows are
/// taken some at a time; see ``LossByRows``.
///
/// - Parameter sharing: for each observation a key, where observations of equal key are no negatives of each other; nil
///   where all are.
public func ntXent(_ a: Tensor, _ b: Tensor, temperature: Float, sharing: [Int]? = nil) -> Tensor {
  precondition(a.shape == b.shape && a.rank == 2, "ntXent: shapes \(a.shape) and \(b.shape)")
  let count = a.shape[0]
  let both = Tensor.concatenated([a, b])
  if let parts = LossByRows.parts(rows: 2 * count, columns: 2 * count) {
    let negative = LossByRows.sum(of: both, in: parts, with: [both]) { own, rows, others in
      var similarity = own.multiplied(by: others[0], otherTransposed: true) / temperature
      if let penalties = SharedItems.penalties(sharing, views: 2, rows: rows) { similarity = similarity + penalties }
      return similarity.logSumExp(skipping: rows.map(Int32.init)).sum()
    }
    return negative / Float(2 * count) - a.rowDot(b).mean() / temperature
  }
  var similarity = both.multiplied(by: both, otherTransposed: true) / temperature
  if let penalties = SharedItems.penalties(sharing, views: 2) { similarity = similarity + penalties }
  let own = (0..<Int32(2 * count)).map { $0 }
  let positive = a.rowDot(b).mean() / temperature
  return similarity.logSumExp(skipping: own).mean() - positive
}
