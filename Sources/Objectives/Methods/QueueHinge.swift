import Autograd
import Kernels

/// A margin between a query's own key and the keys of a queue.
///
///     loss = mean_i R_j max(0, α − q_i·k_i + q_i·Q_j),   R the mean, the sum or the greatest
///
/// *Deviation*: multimodal contrastive training (Yuan et al., 2021) contrasts image and text by a loss of another type
/// than within a modality; that it is this one, its margin and its reduction are assumptions, hence options.
public struct QueueHinge: Sendable {
  /// How the hinges of a query with all keys of the queue become one number.
  public enum Reduction: String, Codable, CaseIterable, Sendable {
    /// The mean of the hinges.
    case mean
    /// The sum of the hinges.
    case sum
    /// The greatest one.
    case hardest
  }

  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// α, by which the own key should be nearer than any other.
    public var margin: Float
    /// How hinges become one number.
    public var reduction: Reduction

    /// Creates settings.
    public init(margin: Float, reduction: Reduction) {
      self.margin = margin
      self.reduction = reduction
    }
  }

  /// The settings in use.
  public let options: Options

  /// Creates the method.
  public init(_ options: Options) { self.options = options }

  /// The mean loss of a batch; the gradient reaches the queries alone.
  ///
  /// Shapes: `query`, `key [batch, d]`, `queue [size, d]`, rows of length 1 → scalar.
  ///
  /// - Parameter penalties: what ``NegativeQueue/penalties(for:)`` says of keys that are no negatives; nil where all are.
  public func loss(query: Tensor, key: Tensor, queue: Tensor, penalties: Tensor? = nil) -> Tensor {
    var products = query.products(own: key.detached, others: queue.detached)
    if let penalties { products = products + penalties }
    let own = products.slice(axis: 1, 0..<1)
    let others = products.slice(axis: 1, 1..<products.shape[1])
    let hinges = (others - own + options.margin).relu()
    return switch options.reduction {
    case .mean: hinges.mean()
    case .sum: hinges.sum(axis: 1).mean()
    case .hardest: hinges.max(axis: 1).mean()
    }
  }
}
