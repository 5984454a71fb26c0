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
}
