import Autograd
import Datasets
import Encoders
import Graphs
import Kernels
import Layers

/// A map for each encoder into the space that modalities share: linear, or an expander.
struct Projections: Module {
  private let maps: [(name: String, map: any Layer)]
  private let names: [String]

  /// Creates the maps in the order of the encoders.
  ///
  /// - Parameter expander: the widths of the layers of an expander, the last one in place of `dimensions`; none for a
  ///   linear map.
  init(
    _ encoders: EncoderSet, dimensions: Int, bias: Bool = false, expander: [Int] = [], stream: inout RandomStream
  ) {
    var maps: [(name: String, map: any Layer)] = []
    for (name, modality, encoder) in encoders.all {
      guard expander.isEmpty else {
        maps.append((name, BatchNormalisedPerceptron(widths: [encoder.width] + expander, stream: &stream)))
        continue
      }
      let map = Linear(encoder.width, dimensions, bias: bias, stream: &stream)
      if let known = encoders.start?.projection(behind: name, modality), known.shape == map.weight.shape {
        map.weight.assign(known)
        map.bias?.assign(Tensor(repeating: 0, shape: [dimensions]))
      }
      maps.append((name, map))
    }
    self.maps = maps
    names = encoders.names
  }

  /// The maps under the encoders' names.
  var parts: [ModulePart] { maps.map { .module($0.name, $0.map) } }

  /// Projects vectors of a modality, `[batch, width]` → `[batch, d]`.
  func callAsFunction(_ vectors: Tensor, of modality: Int, in pass: ForwardPass = .evaluation) -> Tensor {
    guard let map = maps.first(where: { $0.name == names[modality] })?.map else {
      preconditionFailure("Projections: no map for \(names[modality])")
    }
    return map(vectors, in: pass)
  }

  /// The projection of a modality as operators.
  func described(_ vectors: GraphValue, of modality: Int) -> GraphValue {
    guard let map = maps.first(where: { $0.name == names[modality] })?.map else {
      preconditionFailure("Projections: no map for \(names[modality])")
    }
    return map.described(vectors)
  }
}

/// The mean of representations, not scaled to length 1 again; see ``SubsetRule/mean``.
func averaged(_ representations: [Tensor]) -> Tensor {
  precondition(!representations.isEmpty, "averaged: no representation")
  guard representations.count > 1 else { return representations[0] }
  return representations.dropFirst().reduce(representations[0], +) / Float(representations.count)
}

/// Which pairs of modalities are contrasted.
public enum ContrastedPairs: String, Codable, CaseIterable, Sendable {
  /// Every two.
  case all
  /// The first with each of the others, as pictures with captions of several languages.
  case withFirst

  /// The places of both of each pair.
  func places(of modalities: [Modality]) -> [(first: Int, second: Int)] {
    switch self {
    case .all: modalities.indices.flatMap { first in (first + 1..<modalities.count).map { (first, $0) } }
    case .withFirst: modalities.indices.dropFirst().map { (0, $0) }
    }
  }

  /// The mean over the pairs of a loss between their representations, each of the observations that have both; a term for
  /// each pair.
  ///
  /// - Parameters:
  ///   - representations: of each modality those of the observations that have it, as ``TrainingBatch/presentInputs()``
  ///     has them; nil for fewer than two.
  ///   - loss: takes both representations, `[pairs, d]`, and keys that pairs share which are no negatives of each other.
  func mean(
    of modalities: [Modality], in batch: TrainingBatch, _ representations: [Tensor?],
    _ loss: (_ first: Tensor, _ second: Tensor, _ sharing: [Int]?) throws -> Tensor
  ) rethrows -> [(String, Tensor)] {
    try Self.mean(over: places(of: modalities), of: modalities, in: batch, representations) {
      first, second, sharing, _ in
      try loss(first, second, sharing)
    }
  }

  /// The same over pairs that are named.
  ///
  /// - Parameter loss: takes the place of the second modality, too.
  static func mean(
    over pairs: [(first: Int, second: Int)], of modalities: [Modality], in batch: TrainingBatch,
    _ representations: [Tensor?],
    _ loss: (_ first: Tensor, _ second: Tensor, _ sharing: [Int]?, _ modality: Int) throws -> Tensor
  ) rethrows -> [(String, Tensor)] {
    let presence = batch.presence
    func value(_ first: Int, _ second: Int) throws -> Tensor {
      guard let own = representations[first], let other = representations[second] else { return Tensor(0) }
      let sharing = batch.sharing(first, second)
      guard let presence else { return try loss(own, other, sharing, second) }
      let common = Set(presence[first]).intersection(presence[second])
      // A single pair has nothing to be told from.
      guard common.count > 1 else { return Tensor(0) }
      func kept(_ tensor: Tensor, _ places: [Int32]) -> Tensor {
        let rows = places.indices.filter { common.contains(places[$0]) }
        return rows.count == places.count ? tensor : tensor.gatheringRows(rows.map(Int32.init))
      }
      return try loss(
        kept(own, presence[first]), kept(other, presence[second]),
        sharing.map { keys in common.sorted().map { keys[Int($0)] } }, second)
    }
    return try pairs.map { first, second in
      ("\(modalities[first].name) – \(modalities[second].name)", try value(first, second) * (1 / Float(pairs.count)))
    }
  }
}
