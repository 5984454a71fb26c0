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
/// Shapes: `u`, `v [batch, dimension]`, rows of length 1; `logScale` a scalar → scalar.
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
  var similarity = u.multiplied(by: v, otherTransposed: true) * logScale.exp()
  let keys = sharing.flatMap { Set($0).count < batch ? $0 : nil }
  if let penalties = SharedItems.penalties(keys) { similarity = similarity + penalties }
  let own = (0..<Int32(batch)).map { $0 }
  // Which pairs are hidden is symmetric, so both directions have the same targets.
  let targets = smoothing > 0 ? smoothedTargets(batch: batch, keys: keys, smoothing: smoothing) : nil
  func loss(_ logits: Tensor) -> Tensor {
    guard let targets else { return logits.crossEntropy(targets: own).mean() }
    return (logits.logSumExp() - (logits * targets).sum(axis: 1)).mean()
  }
  let rows = loss(similarity)
  if direction == .firstToSecond { return rows }
  return (rows + loss(similarity.transposed())) * 0.5
}

/// 1 − ε at each row's own column, and ε spread evenly over all columns that are not hidden from it, `[batch, batch]`.
private func smoothedTargets(batch: Int, keys: [Int]?, smoothing: Float) -> Tensor {
  var targets = [Float](repeating: 0, count: batch * batch)
  for row in 0..<batch {
    let seen = (0..<batch).filter { column in
      column == row || keys.map { $0[row] != $0[column] } ?? true
    }
    for column in seen { targets[row * batch + column] = smoothing / Float(seen.count) }
    targets[row * (batch + 1)] += 1 - smoothing
  }
  return Tensor(targets, shape: [batch, batch])
}
