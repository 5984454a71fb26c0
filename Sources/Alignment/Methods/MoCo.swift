import Autograd
import Kernels

/// The contrastive loss of a query with its key against a queue of past keys (He et al., MoCo, 2020, Eq. 1).
///
///     loss = mean_i [ log( exp(q_i·k_i / τ) + Σ_j exp(q_i·Q_j / τ) ) − q_i·k_i / τ ]
///
/// The positive is in the denominator; the keys of the same batch are not.
public struct MoCo: Sendable {
  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// τ, which divides the similarities.
    public var temperature: Float = 0.2
    /// The number of keys in the queue.
    public var queueSize = 4096
    /// m, how much of its parameters the momentum twin keeps in a step.
    public var momentum: Float = 0.99

    /// The temperature of MoCo v2; queue and momentum for small data, as in the official CIFAR-10 demonstration.
    public init() {}

    /// Creates settings.
    public init(temperature: Float, queueSize: Int = 4096, momentum: Float = 0.99) {
      self.temperature = temperature
      self.queueSize = queueSize
      self.momentum = momentum
    }
  }

  /// The settings in use.
  public let options: Options

  /// Creates the method.
  public init(_ options: Options = Options()) { self.options = options }

  /// The mean loss of a batch; the gradient reaches the queries alone.
  ///
  /// Shapes: `query`, `key [batch, d]`, `queue [size, d]`, rows of length 1 → scalar.
  public func loss(query: Tensor, key: Tensor, queue: Tensor) -> Tensor {
    let logits = query.products(own: key.detached, others: queue.detached, scale: 1 / options.temperature)
    return logits.crossEntropy(targets: [Int32](repeating: 0, count: query.shape[0])).mean()
  }
}
