import Autograd

/// The cross-entropy of the words of texts: the loss of language models.
///
///     l_i = −(1 − ε) ln p_i[label_i] − (ε / V) Σ_v ln p_i[v],   L = Σ_i l_i / number of i that count
///
/// Positions without a label do not count.
public enum TokenCrossEntropy {
  /// What is computed of all positions.
  public struct Value {
    /// The mean over the positions that count; 0 where none does.
    public let loss: Tensor
    /// l of each position, 0 where it does not count, `[positions]`.
    public let each: Tensor
    /// How many positions count.
    public let count: Int
  }

  /// The loss of logits.
  ///
  /// - Parameters:
  ///   - logits: `[positions, vocabulary]`.
  ///   - labels: for each position the word, or nil where it does not count.
  ///   - smoothing: ε.
  public static func loss(_ logits: Tensor, labels: [Int32?], smoothing: Float = 0) -> Value {
    precondition(
      logits.rank == 2 && labels.count == logits.shape[0],
      "TokenCrossEntropy: \(labels.count) labels for logits of shape \(logits.shape)")
    let counted = labels.indices.filter { labels[$0] != nil }
    guard !counted.isEmpty else {
      return Value(loss: Tensor(0), each: Tensor(repeating: 0, shape: [labels.count]), count: 0)
    }
    let mask = Tensor(labels.map { $0 == nil ? 0 : 1 })
    var each = logits.crossEntropy(targets: labels.map { $0 ?? 0 })
    if smoothing > 0 {
      let spread = logits.logSumExp() - logits.mean(axis: 1)
      each = each * (1 - smoothing) + spread * smoothing
    }
    let masked = each * mask
    return Value(loss: masked.sum() / Float(counted.count), each: masked, count: counted.count)
  }

  /// The same loss of states through a last layer, computed some positions at a time: scores of the whole vocabulary are never
  /// held for all positions at once.
  ///
  /// The gradient computes each part anew.
  ///
  /// - Parameters:
  ///   - states: `[positions, d]`.
  ///   - weight: `[vocabulary, d]`; `bias`: `[vocabulary]`, or nil.
  ///   - part: how many positions are taken at a time.
  public static func loss(
    of states: Tensor, weight: Tensor, bias: Tensor? = nil, labels: [Int32?], smoothing: Float = 0, part: Int = 1024
  ) -> Tensor {
    precondition(
      states.rank == 2 && labels.count == states.shape[0] && part > 0,
      "TokenCrossEntropy: \(labels.count) labels for states of shape \(states.shape)")
    let counted = labels.indices.filter { labels[$0] != nil }.map { Int32($0) }
    guard !counted.isEmpty else { return Tensor(0) }
    let (kept, words) = (states.gatheringRows(counted), counted.map { labels[Int($0)] })
    var sum: Tensor?
    for start in stride(from: 0, to: words.count, by: part) {
      let range = start..<min(start + part, words.count)
      let share = kept.slice(range).checkpointed(with: [weight] + (bias.map { [$0] } ?? [])) { rows, parameters in
        let logits = rows.linear(weight: parameters[0], bias: parameters.count > 1 ? parameters[1] : nil)
        return loss(logits, labels: Array(words[range]), smoothing: smoothing).loss * Float(range.count)
      }
      sum = sum.map { $0 + share } ?? share
    }
    return (sum ?? Tensor(0)) / Float(words.count)
  }
}
