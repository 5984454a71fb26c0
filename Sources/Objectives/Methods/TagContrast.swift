import Autograd
import Kernels

/// Supervised contrast over a queue: keys that share tags with a query are its positives.
///
///     P_i  = {own key} ∪ {a in queue : ⟨t_a, t_i⟩ > ε}
///     loss = mean_i 1/|P_i| Σ_{p ∈ P_i} [ logsumexp_a(q_i·a / τ) − q_i·p / τ ],   a over own key and queue
///
/// The form is that of supervised contrastive learning with the mean outside the logarithm (Khosla et al., 2020).
/// *Deviation*: multimodal contrastive training (Yuan et al., 2021) names such a term, but its formula was not to be had;
/// form and threshold are ours. Without tags it is the loss of ``MoCo``.
public struct TagContrast: Sendable {
  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// τ, which divides the similarities.
    public var temperature: Float
    /// ε, above which the product of two rows of tags makes a positive.
    public var threshold: Float

    /// Creates settings.
    public init(temperature: Float, threshold: Float) {
      self.temperature = temperature
      self.threshold = threshold
    }
  }

  /// The settings in use.
  public let options: Options

  /// Creates the method.
  public init(_ options: Options) { self.options = options }

  /// The mean loss of a batch; the gradient reaches the queries alone.
  ///
  /// - Parameter penalties: what ``NegativeQueue/penalties(for:)`` says of keys that are no negatives; nil where all are.
  ///   A key that shares tags stays a positive.
  public func loss(
    query: Tensor, key: Tensor, tags: Tensor, queue: Tensor, queueTags: Tensor, penalties: Tensor? = nil
  ) -> Tensor {
    rows(query: query, key: key, tags: tags, queue: queue, queueTags: queueTags, penalties: penalties).mean()
  }

  /// The loss of each query.
  ///
  /// Shapes: `query`, `key [batch, d]`, `queue [size, d]`, rows of length 1; `tags [batch, tagCount]`,
  /// `queueTags [size, tagCount]` → `[batch]`.
  public func rows(
    query: Tensor, key: Tensor, tags: Tensor, queue: Tensor, queueTags: Tensor, penalties: Tensor? = nil
  ) -> Tensor {
    precondition(
      tags.rank == 2 && tags.shape[0] == query.shape[0] && queueTags.shape == [queue.shape[0], tags.shape[1]],
      "TagContrast: tags of shape \(tags.shape) and \(queueTags.shape) for queries \(query.shape), queue \(queue.shape)"
    )
    var logits = query.products(own: key.detached, others: queue.detached, scale: 1 / options.temperature)
    let positives = positives(tags, queueTags)
    if let penalties {
      let hidden = zip(penalties.values, positives.values).map { $1 > 0 ? 0 : $0 }
      logits = logits + Tensor(hidden, shape: penalties.shape)
    }
    return logits.logSumExp() - (logits * positives).sum(axis: 1)
  }

  /// 1/|P_i| at the positives of each query, `[batch, 1 + size]`, the own key first.
  private func positives(_ tags: Tensor, _ queueTags: Tensor) -> Tensor {
    let shared = tags.detached.multiplied(by: queueTags.detached, otherTransposed: true)
    let (batch, size) = (shared.shape[0], shared.shape[1])
    let overlap = shared.values
    let weights = [Float](unsafeUninitializedCapacity: batch * (1 + size)) { weights, count in
      for i in 0..<batch {
        var positives: Float = 1
        for j in 0..<size where overlap[i * size + j] > options.threshold { positives += 1 }
        let weight = 1 / positives
        weights[i * (1 + size)] = weight
        for j in 0..<size {
          weights[i * (1 + size) + 1 + j] = overlap[i * size + j] > options.threshold ? weight : 0
        }
      }
      count = batch * (1 + size)
    }
    return Tensor(weights, shape: [batch, 1 + size])
  }
}
