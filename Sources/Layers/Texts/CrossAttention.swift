import Autograd
import Kernels

/// Multi-head attention of one sequence's tokens to another's.
///
///     y = W_o heads(softmax(Q Kᵀ / √(inner / heads) + mask) V) + b_o,   Q = W_q x + b_q,   K, V of the context
///
/// Shapes: `[batch, tokens, d]` and a context `[batch, keys, e]` → `[batch, tokens, d]`.
public struct CrossAttention: Module {
  /// Queries, d → inner.
  public let query: Linear
  /// Keys, e → inner.
  public let key: Linear
  /// Values, e → inner.
  public let value: Linear
  /// The dense layer behind the heads, inner → d.
  public let output: Linear
  /// The number of heads.
  public let heads: Int

  /// Creates attention whose dense layers start as `Linear` does.
  public init(dimensions: Int, context: Int, inner: Int, heads: Int, stream: inout RandomStream) {
    query = Linear(dimensions, inner, stream: &stream)
    key = Linear(context, inner, stream: &stream)
    value = Linear(context, inner, stream: &stream)
    output = Linear(inner, dimensions, stream: &stream)
    self.heads = heads
  }

  /// The dense layers.
  public var parts: [ModulePart] {
    [.module("query", query), .module("key", key), .module("value", value), .module("output", output)]
  }

  /// How much each token looks at each of the context's, for pictures of it: the softmax of each head.
  ///
  /// Shapes: as above → for each observation and head `[tokens, keys]`, row-major, one after another.
  ///
  /// - Parameter allowedKeys: for each of the context's tokens whether it may be seen; nil allows all.
  public func weights(_ input: Tensor, context: Tensor, allowedKeys: [Bool]? = nil) -> [[[Float]]] {
    let (batch, tokens, keys) = (input.shape[0], input.shape[1], context.shape[1])
    let width = query.weight.shape[0] / heads
    return Tape.withoutRecording {
      let (queries, known) = (query(input), key(context))
      return (0..<batch).map { observation in
        let hidden = (0..<keys).map { key in allowedKeys.map { $0[observation * keys + key] } ?? true ? Float(0) : -1e9
        }
        func rows(_ values: Tensor, _ count: Int, _ head: Int) -> Tensor {
          values.slice(observation..<observation + 1).slice(axis: 2, head * width..<(head + 1) * width)
            .reshaped(to: [count, width])
        }
        return (0..<heads).map { head in
          let scores = rows(queries, tokens, head).multiplied(by: rows(known, keys, head), otherTransposed: true)
          return (scores * (1 / Float(width).squareRoot()) + Tensor(hidden, shape: [1, keys])).softmax().values
        }
      }
    }
  }
}
