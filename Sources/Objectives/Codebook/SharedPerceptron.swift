import Autograd
import Graphs
import Kernels
import Layers

/// A projection with exactly as many parameters as FDT's head, but without codes: the control that tells what the
/// codebook adds from what its size adds.
///
///     u = W₂ gelu(W₁ q(x)),   W₁ [C / 2, d],   W₂ [d, C / 2]
///
/// q is the query map of each modality. The perceptron is shared as the codebook is, and as large: 2 · d · C / 2 = C · d.
///
/// Shapes: `[batch, width]` → `[batch, d]`.
public struct SharedPerceptron: Module {
  /// The query map of each modality.
  public let queryMaps: [(modality: String, map: QueryMap)]
  /// W₁.
  public let up: Linear
  /// W₂.
  public let down: Linear

  /// Creates a projection as large as a head with an even number of codes.
  public init(
    modalities: [(name: String, dimensions: Int)], codes: Int, dimensions: Int, stream: inout RandomStream
  ) {
    precondition(codes > 0 && codes % 2 == 0 && dimensions > 0, "SharedPerceptron: \(codes) codes, width \(dimensions)")
    var maps: [(String, QueryMap)] = []
    for (name, width) in modalities { maps.append((name, QueryMap(width, dimensions, stream: &stream))) }
    queryMaps = maps
    up = Linear(dimensions, codes / 2, bias: false, stream: &stream)
    down = Linear(codes / 2, dimensions, bias: false, stream: &stream)
  }

  /// The perceptron, and the query maps under their modalities.
  public var parts: [ModulePart] {
    [.module("up", up), .module("down", down)] + queryMaps.map { .module("query.\($0.modality)", $0.map) }
  }

  /// Projects the features of a modality, one of those it was created for.
  public func callAsFunction(_ features: Tensor, modality: String) -> Tensor {
    guard let map = queryMaps.first(where: { $0.modality == modality })?.map else {
      preconditionFailure("SharedPerceptron: no query map for \(modality)")
    }
    return down(up(map(features)).gelu())
  }

  /// The projection of a modality as operators.
  public func described(_ features: GraphValue, modality: String) -> GraphValue {
    guard let map = queryMaps.first(where: { $0.modality == modality })?.map else {
      preconditionFailure("SharedPerceptron: no query map for \(modality)")
    }
    return down.described(up.described(map.described(features)).gelu())
  }
}
