import Autograd
import Kernels

/// Symmetric cross-entropy between two modalities (Radford et al., CLIP, 2021).
///
///     loss = ½ (CE(S, diagonal) + CE(Sᵀ, diagonal)),   S = exp(scale) · U Vᵀ
///
/// Shapes: `u`, `v [batch, dimension]`, rows of length 1; `logScale` a scalar → scalar.
///
/// - Parameter sharing: for each observation a key, where observations of equal key are no negatives of each other, such as
///   pictures of one caption; nil where all are.
public func clipLoss(_ u: Tensor, _ v: Tensor, logScale: Tensor, sharing: [Int]? = nil) -> Tensor {
  precondition(u.shape == v.shape && u.rank == 2, "clipLoss: shapes \(u.shape) and \(v.shape)")
  let batch = u.shape[0]
  precondition(
    sharing.map { $0.count == batch } ?? true, "clipLoss: \(sharing?.count ?? 0) keys for a batch of \(batch)")
  var similarity = u.multiplied(by: v, otherTransposed: true) * logScale.exp()
  if let sharing, Set(sharing).count < batch {
    var hidden = [Float](repeating: 0, count: batch * batch)
    for row in 0..<batch {
      // exp of what is left is 0 beside any cosine, whatever the scale.
      for column in 0..<batch where row != column && sharing[row] == sharing[column] {
        hidden[row * batch + column] = -1e9
      }
    }
    similarity = similarity + Tensor(hidden, shape: [batch, batch])
  }
  let own = (0..<Int32(batch)).map { $0 }
  let rows = similarity.crossEntropy(targets: own).mean()
  let columns = similarity.transposed().crossEntropy(targets: own).mean()
  return (rows + columns) * 0.5
}
