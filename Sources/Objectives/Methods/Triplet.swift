import Autograd
import Kernels
import Layers

/// Triplets within a batch of pairs, in both directions.
///
///     loss = ½ (triplet(u, v, v[n]) + triplet(v, u, u[n]))
///
/// triplet is ``tripletLoss(anchor:positive:negative:margin:)``; n_i ≠ i is another observation of the batch, the same in
/// both directions.
public struct Triplet: Sendable {
  /// Where the negative of an observation comes from.
  public enum Negatives: String, Codable, CaseIterable, Sendable {
    /// Another observation of the batch, each as likely as the others.
    case random
    /// The observation behind it; the first one's for the last. Random, too, where batches are shuffled.
    case next
  }

  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// α, by which the positive should be nearer than the negative.
    public var margin = 0.2
    /// Where negatives come from.
    public var negatives = Negatives.random

    /// The defaults.
    public init() {}

    /// Creates settings.
    public init(margin: Double, negatives: Negatives = .random) {
      (self.margin, self.negatives) = (margin, negatives)
    }
  }

  /// The settings in use.
  public let options: Options

  /// Creates the method.
  public init(_ options: Options = Options()) { self.options = options }

  /// The loss of a batch of pairs, with one term for each direction.
  ///
  /// Shapes: `u`, `v [batch, dimension]`, a batch of at least two.
  ///
  /// - Parameters:
  ///   - sharing: for each observation a key, where observations of equal key are no negatives of each other.
  ///   - stream: gives negatives where these are random; else it stays where it is.
  public func loss(
    _ u: Tensor, _ v: Tensor, sharing: [Int]? = nil, using stream: inout RandomStream
  ) -> LossTerms {
    precondition(
      u.shape == v.shape && u.rank == 2 && u.shape[0] > 1,
      "Triplet: shapes \(u.shape) and \(v.shape); both must be alike, with two rows at least")
    let places = negatives(batch: u.shape[0], sharing: sharing, using: &stream)
    func term(_ anchor: Tensor, _ positive: Tensor) -> Tensor {
      tripletLoss(
        anchor: anchor, positive: positive, negative: positive.gatheringRows(places), margin: Float(options.margin))
        * 0.5
    }
    return LossTerms(summing: [("first-second", term(u, v)), ("second-first", term(v, u))])
  }

  /// For each observation of a batch of at least two the place of its negative; its own where it shares an item with all
  /// others, so that nothing is learnt from it.
  ///
  /// - Parameter sharing: for each observation a key, where observations of equal key are no negatives of each other.
  public func negatives(batch: Int, sharing: [Int]? = nil, using stream: inout RandomStream) -> [Int32] {
    precondition(batch > 1, "Triplet.negatives: a batch of \(batch) has no negatives")
    return (0..<batch).map { row in
      var distances = Array(1..<batch)
      if let sharing { distances.removeAll { sharing[(row + $0) % batch] == sharing[row] } }
      guard !distances.isEmpty else { return Int32(row) }
      let distance = distances[options.negatives == .random ? stream.below(distances.count) : 0]
      return Int32((row + distance) % batch)
    }
  }
}

/// A margin between the Euclidean distances to a positive and to a negative (Schroff et al., FaceNet, 2015).
///
///     loss = mean_i max(0, α + ‖a_i − p_i‖ − ‖a_i − n_i‖)
///
/// A distance of 0 has slope 0. Shapes: `[batch, dimension]` each → scalar.
public func tripletLoss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: Float) -> Tensor {
  precondition(
    anchor.shape == positive.shape && anchor.shape == negative.shape && anchor.rank == 2,
    "tripletLoss: shapes \(anchor.shape), \(positive.shape) and \(negative.shape)")
  func distance(_ other: Tensor) -> Tensor {
    Tensor.maximum((anchor - other).squared().sum(axis: 1), Tensor(1e-20)).squareRoot()
  }
  return (distance(positive) - distance(negative) + margin).relu().mean()
}
