import Autograd
import Kernels
import Layers

/// Triplets within a batch of pairs, in both directions (Schroff et al., FaceNet, 2015).
///
///     loss = ½ (triplet(u, v, v[n]) + triplet(v, u, u[m]))
///
/// triplet is ``tripletLoss(anchor:positive:negative:margin:distance:)``; n_i ≠ i is another observation of the batch.
/// Semi-hard ones are found for each direction by itself, the others are the same in both.
public struct Triplet: Sendable {
  /// Where the negative of an observation comes from.
  public enum Negatives: String, Codable, CaseIterable, Sendable {
    /// The nearest of the batch that is farther than the positive, as in FaceNet; where there is none, the farthest.
    case semiHard
    /// Another observation of the batch, each as likely as the others.
    case random
    /// The observation behind it; the first one's for the last. Random, too, where batches are shuffled.
    case next
  }

  /// How far two representations are apart.
  public enum Distance: String, Codable, CaseIterable, Sendable {
    /// ‖a − b‖², as in FaceNet.
    case squared
    /// ‖a − b‖.
    case euclidean
  }

  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// α, by which the positive should be nearer than the negative.
    public var margin = 0.2
    /// Where negatives come from.
    public var negatives = Negatives.semiHard
    /// What the margin is between.
    public var distance = Distance.squared

    /// Those of FaceNet.
    public init() {}

    /// Creates settings.
    public init(margin: Double, negatives: Negatives = .semiHard, distance: Distance = .squared) {
      (self.margin, self.negatives, self.distance) = (margin, negatives, distance)
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
    let drawn =
      options.negatives == .semiHard ? nil : negatives(batch: u.shape[0], sharing: sharing, using: &stream)
    func term(_ anchor: Tensor, _ positive: Tensor) -> Tensor {
      let places = drawn ?? Self.semiHardNegatives(anchor, positive, sharing: sharing)
      return tripletLoss(
        anchor: anchor, positive: positive, negative: positive.gatheringRows(places), margin: Float(options.margin),
        distance: options.distance) * 0.5
    }
    return LossTerms(summing: [("first-second", term(u, v)), ("second-first", term(v, u))])
  }

  /// For each anchor the place of its semi-hard negative among the positives of the others; its own where it shares an item
  /// with all of them, so that nothing is learnt from it.
  ///
  /// Shapes: `anchors`, `positives [batch, dimension]`.
  public static func semiHardNegatives(_ anchors: Tensor, _ positives: Tensor, sharing: [Int]? = nil) -> [Int32] {
    let batch = anchors.shape[0]
    let distances = Tape.withoutRecording {
      let (a, p) = (anchors.detached, positives.detached)
      let lengths = p.squared().sum(axis: 1).reshaped(to: [1, batch])
      // The anchor's own length is the same for all of its candidates.
      return (lengths - 2 * a.multiplied(by: p, otherTransposed: true)).values
    }
    return (0..<batch).map { row in
      let own = distances[row * batch + row]
      var (nearest, farthest): (Int?, Int?) = (nil, nil)
      for other in 0..<batch where other != row && sharing.map({ $0[row] != $0[other] }) ?? true {
        let distance = distances[row * batch + other]
        if distance > own, nearest.map({ distance < distances[row * batch + $0] }) ?? true { nearest = other }
        if farthest.map({ distance > distances[row * batch + $0] }) ?? true { farthest = other }
      }
      return Int32(nearest ?? farthest ?? row)
    }
  }

  /// For each observation of a batch of at least two the place of a negative that does not depend on distances; its own
  /// where it shares an item with all others, so that nothing is learnt from it.
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

/// A margin between the distances to a positive and to a negative (Schroff et al., FaceNet, 2015).
///
///     loss = mean_i max(0, α + d(a_i, p_i) − d(a_i, n_i))
///
/// A Euclidean distance of 0 has slope 0. Shapes: `[batch, dimension]` each → scalar.
public func tripletLoss(
  anchor: Tensor, positive: Tensor, negative: Tensor, margin: Float, distance: Triplet.Distance = .euclidean
) -> Tensor {
  precondition(
    anchor.shape == positive.shape && anchor.shape == negative.shape && anchor.rank == 2,
    "tripletLoss: shapes \(anchor.shape), \(positive.shape) and \(negative.shape)")
  func apart(_ other: Tensor) -> Tensor {
    let squared = (anchor - other).squared().sum(axis: 1)
    return distance == .squared ? squared : Tensor.maximum(squared, Tensor(1e-20)).squareRoot()
  }
  return (apart(positive) - apart(negative) + margin).relu().mean()
}
