import Kernels

extension Tensor {
  /// Multi-head attention with dropout on its weights.
  ///
  ///     y = dropout(softmax(Q Kᵀ / √(d / heads) + mask)) V   for each head
  ///
  /// The stream moves on by one number for each weight where there is dropout.
  ///
  /// Shapes: as ``attention(query:key:value:heads:mask:)``.
  public static func attention(
    query: Tensor, key: Tensor, value: Tensor, heads: Int, mask: AttentionMask = AttentionMask(), dropoutRate: Float,
    using stream: inout RandomStream
  ) -> Tensor {
    if dropoutRate == 0 { return attention(query: query, key: key, value: value, heads: heads, mask: mask) }
    precondition(
      query.rank == 3 && key.shape == value.shape && key.rank == 3 && query.shape[0] == key.shape[0]
        && query.shape[2] == key.shape[2] && heads > 0 && query.shape[2] % heads == 0,
      "attention: query \(query.shape), key \(key.shape), value \(value.shape) and \(heads) heads do not fit")
    let (batch, queries, keys) = (query.shape[0], query.shape[1], key.shape[1])
    let headWidth = query.shape[2] / heads
    func headed(_ tensor: Tensor) -> Tensor {
      tensor.reshaped(to: [batch, tensor.shape[1], heads, headWidth]).transposed([0, 2, 1, 3])
        .reshaped(to: [batch * heads, tensor.shape[1], headWidth])
    }
    var scores =
      headed(query).multiplied(by: headed(key), otherTransposed: true) * (1 / Float(headWidth).squareRoot())
    if mask.isCausal {
      let hidden = (0..<queries).flatMap { query in
        (0..<keys).map { $0 > query + mask.offset ? -Float.infinity : 0 }
      }
      scores = scores + Tensor(hidden, shape: [1, queries, keys])
    }
    if let allowed = mask.allowedKeys {
      let hidden = allowed.map { $0 ? 0 : -Float.infinity }
      scores =
        (scores.reshaped(to: [batch, heads, queries, keys]) + Tensor(hidden, shape: [batch, 1, 1, keys]))
        .reshaped(to: [batch * heads, queries, keys])
    }
    let weights = scores.softmax().droppingOut(rate: dropoutRate, using: &stream)
    return weights.multiplied(by: headed(value)).reshaped(to: [batch, heads, queries, headWidth])
      .transposed([0, 2, 1, 3]).reshaped(to: query.shape)
  }
}
