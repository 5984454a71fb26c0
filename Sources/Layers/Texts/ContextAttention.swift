import Autograd
import Kernels

extension Tensor {
  /// A dense layer of given parameters, `x Wᵀ + b`.
  func linear(_ weights: DenseWeights) -> Tensor { linear(weight: weights.weight, bias: weights.bias) }
}

/// The parameters of attention whose dense layers stand apart, so that what is looked at may have another width.
public struct ContextAttentionWeights {
  /// Queries, keys, values, and the layer behind the heads.
  public let query, key, value, output: DenseWeights

  /// Puts them together.
  public init(query: DenseWeights, key: DenseWeights, value: DenseWeights, output: DenseWeights) {
    (self.query, self.key, self.value, self.output) = (query, key, value, output)
  }

  /// The keys and values of what is looked at, `[batch, keys, d]` each.
  public func looked(at states: Tensor) -> AttendedStates {
    AttendedStates(keys: states.linear(key), values: states.linear(value))
  }
}

/// Keys and values, `[batch, keys, d]` each.
public struct AttendedStates {
  /// The keys.
  public var keys: Tensor
  /// The values.
  public var values: Tensor

  /// Puts both together.
  public init(keys: Tensor, values: Tensor) { (self.keys, self.values) = (keys, values) }

  /// Those of some rows of the batch, in a given order.
  public func gathering(_ rows: [Int32]) -> AttendedStates {
    func gathered(_ tensor: Tensor) -> Tensor {
      let shape = Array(tensor.shape.dropFirst())
      return tensor.reshaped(to: [tensor.shape[0], shape.reduce(1, *)]).gatheringRows(rows)
        .reshaped(to: [rows.count] + shape)
    }
    return AttendedStates(keys: gathered(keys), values: gathered(values))
  }

  /// These and further ones behind them.
  public func appending(_ others: AttendedStates) -> AttendedStates {
    AttendedStates(
      keys: Tensor.concatenated([keys, others.keys], axis: 1),
      values: Tensor.concatenated([values, others.values], axis: 1))
  }
}

extension CrossAttention {
  /// The parameters as a computation of given parameters takes them.
  public var dense: ContextAttentionWeights {
    func dense(_ layer: Linear) -> DenseWeights { (layer.weight.tensor, layer.biasOrZero) }
    return ContextAttentionWeights(query: dense(query), key: dense(key), value: dense(value), output: dense(output))
  }
}
