import Autograd
import Kernels

/// Which of two modalities is classified among the other's representations.
public enum ContrastDirection: String, Codable, CaseIterable, Sendable {
  /// Each among the other's; the loss is the mean of both.
  case both
  /// The first among the second's alone.
  case firstToSecond
}

/// Symmetric cross-entropy between two modalities (Radford et al., CLIP, 2021).
///
///     loss = ½ (CE(S, diagonal) + CE(Sᵀ, diagonal)),   S = exp(scale) · U Vᵀ
///     CE(S, diagonal) = mean_i [ −(1 − ε) log p_ii − ε mean_j log p_ij ],   p_i = softmax(S_i)
///
/// In one direction the loss is CE(S, diagonal) alone. ε is 0 in CLIP; with ε = 0.1 the loss is ALIGN's (Jia et al., 2021).
/// A fixed temperature τ is the constant scale −ln τ.
///
/// Shapes: `u`, `v [batch, dimension]`, rows of length 1; `logScale` a scalar → scalar. Of large batches rows are taken some
/// at a time; see ``LossByRows``.
///
/// - Parameters:
///   - sharing: for each observation a key, where observations of equal key are no negatives of each other, such as
///     pictures of one caption; nil where all are. Smoothing leaves those out, too.
///   - smoothing: ε, the share of each target that is spread over all classes, in `0..<1`.
///   - direction: which directions count.
public func clipLoss(
  _ u: Tensor, _ v: Tensor, logScale: Tensor, sharing: [Int]? = nil, smoothing: Float = 0,
  direction: ContrastDirection = .both
) -> Tensor {
  precondition(u.shape == v.shape && u.rank == 2, "clipLoss: shapes \(u.shape) and \(v.shape)")
  let batch = u.shape[0]
  precondition(
    sharing.map { $0.count == batch } ?? true, "clipLoss: \(sharing?.count ?? 0) keys for a batch of \(batch)")
  precondition((0..<1).contains(smoothing), "clipLoss: a smoothing of \(smoothing) is outside 0..<1")
  let keys = sharing.flatMap { Set($0).count < batch ? $0 : nil }
  if let parts = LossByRows.parts(rows: batch, columns: batch) {
    func loss(_ queries: Tensor, _ keyed: Tensor) -> Tensor {
      LossByRows.sum(of: queries, in: parts, with: [keyed, logScale]) { own, rows, others in
        var logits = own.multiplied(by: others[0], otherTransposed: true) * others[1].exp()
        if let penalties = SharedItems.penalties(keys, rows: rows) { logits = logits + penalties }
        guard smoothing > 0 else { return logits.crossEntropy(targets: rows.map(Int32.init)).sum() }
        let targets = smoothedTargets(of: rows, batch: batch, keys: keys, smoothing: smoothing)
        return (logits.logSumExp() - (logits * targets).sum(axis: 1)).sum()
      } / Float(batch)
    }
    let rows = loss(u, v)
    return direction == .firstToSecond ? rows : (rows + loss(v, u)) * 0.5
  }
  var similarity = u.multiplied(by: v, otherTransposed: true) * logScale.exp()
  if let penalties = SharedItems.penalties(keys) { similarity = similarity + penalties }
  let own = (0..<Int32(batch)).map { $0 }
  // Which pairs are hidden is symmetric, so both directions have the same targets.
  let targets = smoothing > 0 ? smoothedTargets(of: 0..<batch, batch: batch, keys: keys, smoothing: smoothing) : nil
  func loss(_ logits: Tensor) -> Tensor {
    guard let targets else { return logits.crossEntropy(targets: own).mean() }
    return (logits.logSumExp() - (logits * targets).sum(axis: 1)).mean()
  }
  let rows = loss(similarity)
  if direction == .firstToSecond { return rows }
  return (rows + loss(similarity.transposed())) * 0.5
}

/// 1 − ε at each row's own column, and ε spread evenly over all columns that are not hidden from it, `[rows, batch]`.
private func smoothedTargets(of rows: Range<Int>, batch: Int, keys: [Int]?, smoothing: Float) -> Tensor {
  var targets = [Float](repeating: 0, count: rows.count * batch)
  for (place, row) in rows.enumerated() {
    let seen = (0..<batch).filter { column in
      column == row || keys.map { $0[row] != $0[column] } ?? true
    }
    for column in seen { targets[place * batch + column] = smoothing / Float(seen.count) }
    targets[place * batch + row] += 1 - smoothing
  }
  return Tensor(targets, shape: [rows.count, batch])
}
