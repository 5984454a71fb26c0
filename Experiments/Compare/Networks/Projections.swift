import Autograd
import Datasets
import Kernels
import Layers

/// A linear map without bias for each encoder, into the space that modalities share.
struct Projections: Module {
  private let maps: [(name: String, map: Linear)]
  private let names: [String]

  init(_ encoders: EncoderSet, dimensions: Int, stream: inout RandomStream) {
    var maps: [(name: String, map: Linear)] = []
    for (name, width) in encoders.outputs {
      maps.append((name, Linear(width, dimensions, bias: false, stream: &stream)))
    }
    self.maps = maps
    names = encoders.names
  }

  /// The maps under the encoders' names.
  var parts: [ModulePart] { maps.map { .module($0.name, $0.map) } }

  /// Projects vectors of a modality, `[batch, width]` → `[batch, d]`.
  func callAsFunction(_ vectors: Tensor, of modality: Int) -> Tensor {
    guard let map = maps.first(where: { $0.name == names[modality] })?.map else {
      preconditionFailure("Projections: no map for \(names[modality])")
    }
    return map(vectors)
  }
}

/// The mean of representations of the modalities that are there, not scaled to length 1 again: GMC's rule, which every
/// method without a joint encoder follows here.
func averaged(_ representations: [Tensor]) -> Tensor {
  precondition(!representations.isEmpty, "averaged: no representation")
  guard representations.count > 1 else { return representations[0] }
  return representations.dropFirst().reduce(representations[0], +) / Float(representations.count)
}

/// The mean over every two modalities of a loss between their representations, a term for each pair.
///
/// - Parameters:
///   - modalities: as many as there are representations, in their order.
///   - loss: that of the modalities at two places.
func meanOverPairs(of modalities: [Modality], _ loss: (_ first: Int, _ second: Int) -> Tensor) -> LossTerms {
  let pairs = modalities.indices.flatMap { first in (first + 1..<modalities.count).map { (first, $0) } }
  return LossTerms(
    summing: pairs.map { first, second in
      ("\(modalities[first].name) – \(modalities[second].name)", loss(first, second) * (1 / Float(pairs.count)))
    })
}
