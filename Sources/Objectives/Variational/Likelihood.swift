import Autograd
import Foundation

/// How likely an item is, given what a decoder says of it; the coordinates are independent.
///
/// Scale and weight decide what such a model learns: with 0.1 instead of 0.75 as the scale of a Laplace likelihood published
/// results could not be reproduced (an issue of the official code of Shi et al., NeurIPS 2019).
public enum Likelihood: String, Codable, CaseIterable, Sendable {
  /// Numbers in 0…1, by their logits: x y − ln(1 + eʸ).
  case bernoulli
  /// −|x − y| / s − ln 2s
  case laplace
  /// −(x − y)² / 2s² − ln s − ½ ln 2π
  case normal
  /// A class as a one-hot vector, by logits: x · log softmax(y). For counts of several the same, without the count of orders.
  case categorical

  /// ln of the likelihood of items, summed over their coordinates.
  ///
  /// Shapes: items `[rows, n]`, outputs `[…, rows, n]` → `[…, rows]`.
  ///
  /// - Parameter scale: s; only `laplace` and `normal` have one.
  public func logDensity(of items: Tensor, given outputs: Tensor, scale: Float) -> Tensor {
    precondition(
      Array(outputs.shape.suffix(2)) == items.shape,
      "Likelihood: items of shape \(items.shape), outputs of shape \(outputs.shape)")
    switch self {
    case .bernoulli: return (items * outputs - outputs.softplus()).sum(axis: -1)
    case .laplace:
      return ((items - outputs).magnitude() * (-1 / scale) - Float(log(2 * Double(scale)))).sum(axis: -1)
    case .normal:
      let constant = Float(log(Double(scale)) + 0.5 * log(2 * Double.pi))
      return ((items - outputs).squared() * (-0.5 / (scale * scale)) - constant).sum(axis: -1)
    case .categorical: return (items * outputs.logSoftmax()).sum(axis: -1)
    }
  }

  /// The most likely item, or its expectation: a probability for `bernoulli` and `categorical`, else what was said.
  public func expectation(_ outputs: Tensor) -> Tensor {
    switch self {
    case .bernoulli: outputs.sigmoid()
    case .laplace, .normal: outputs
    case .categorical: outputs.softmax()
    }
  }
}
