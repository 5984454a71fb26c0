import Autograd
import Kernels

/// What a state passes before a word or a region is told of it, as in BERT: `norm(gelu(W x + b))`.
///
/// Shapes: `[…, d]` → `[…, d]`.
public struct PredictionTransform: Module {
  /// W and b.
  public let layer: Linear
  /// The norm behind GELU.
  public let norm: LayerNorm

  /// Creates a layer.
  public init(_ dimensions: Int, stream: inout RandomStream) {
    layer = Linear(dimensions, dimensions, stream: &stream)
    norm = LayerNorm(dimensions, epsilon: PostNormBlock.epsilon)
  }

  /// The dense layer and the norm.
  public var parts: [ModulePart] { [.module("layer", layer), .module("norm", norm)] }

  /// Applies the layer.
  public func callAsFunction(_ states: Tensor) -> Tensor { norm(layer(states, followedBy: .gelu)) }
}
