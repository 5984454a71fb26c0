import Autograd
import Kernels

/// A margin between the Euclidean distances to a positive and to a negative (Schroff et al., FaceNet, 2015).
///
///     loss = mean_i max(0, α + ‖a_i − p_i‖ − ‖a_i − n_i‖)
///
/// A distance of 0 has slope 0. Shapes: `[batch, dimension]` each → scalar.
public func tripletLoss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: Float = 1) -> Tensor {
  precondition(
    anchor.shape == positive.shape && anchor.shape == negative.shape && anchor.rank == 2,
    "tripletLoss: shapes \(anchor.shape), \(positive.shape) and \(negative.shape)")
  func distance(_ other: Tensor) -> Tensor {
    Tensor.maximum((anchor - other).squared().sum(axis: 1), Tensor(1e-20)).squareRoot()
  }
  return (distance(positive) - distance(negative) + margin).relu().mean()
}
