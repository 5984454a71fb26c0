import Autograd
import Kernels

/// The contrastive loss of a query with its key against a queue of past keys (He et al., MoCo, 2020, Eq. 1).
///
///     loss = mean_i [ log( exp(q_i·k_i / τ) + Σ_j exp(q_i·Q_j / τ) ) − q_i·k_i / τ ]
///
/// The positive is in the denominator; the keys of the same batch are not.
public struct MoCo: Equatable, Sendable {
  /// τ, which divides the similarities.
  public let temperature: Float

  /// Creates the method with a temperature.
  public init(temperature: Float) { self.temperature = temperature }

  /// The mean loss of a batch; the gradient reaches the queries alone.
  ///
  /// Shapes: `query`, `key [batch, d]`, `queue [size, d]`, rows of length 1 → scalar.
  ///
  /// - Parameter penalties: what ``NegativeQueue/penalties(for:)`` says of keys that are no negatives; nil where all are.
  public func loss(query: Tensor, key: Tensor, queue: Tensor, penalties: Tensor? = nil) -> Tensor {
    var logits = query.products(own: key.detached, others: queue.detached, scale: 1 / temperature)
    if let penalties { logits = logits + penalties }
    return logits.crossEntropy(targets: [Int32](repeating: 0, count: query.shape[0])).mean()
  }
}
