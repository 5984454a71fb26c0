import Autograd
import Kernels
import Layers

/// Contrasts each modality with the joint representation of its observation (Poklukar et al., 2022).
///
///     l_m[r] = logsumexp_{c ≠ r} S[r, c] − S[r, positive(r)],   S = U Uᵀ / τ,   U = [z_joint; z_m]
///     loss   = mean_r Σ_m l_m[r]
///
/// This is what the official code computes. *Deviation*: it takes the logarithm of a sum of exponentials without
/// subtracting the greatest exponent; the value is the same, and here it does not overflow.
public struct GMC: Sendable {
  /// What a representation is contrasted with.
  public enum Negatives: String, Codable, CaseIterable, Sendable {
    /// Joint and single representations of the other observations, and the positive (`infonce` in the official code).
    case all
    /// The joint representations of the other observations only (`infonce_with_joints_as_negatives`): the positive is
    /// not in the denominator, so each term may fall to about −2/τ + ln(B − 1).
    case joints
    /// As `all`, but between every pair of modalities instead of each with the joint one: no joint encoder.
    case pairwise
  }

  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// τ, which divides the similarities.
    public var temperature: Float = 0.1
    /// What a representation is contrasted with.
    public var negatives = Negatives.all

    /// The defaults of the official digits experiment.
    public init() {}

    /// Creates settings.
    public init(temperature: Float, negatives: Negatives = .all) {
      self.temperature = temperature
      self.negatives = negatives
    }
  }

  /// The settings in use.
  public let options: Options

  /// Creates the method.
  public init(_ options: Options = Options()) { self.options = options }

  /// The loss, one term for each modality (or pair of modalities), the total first.
  ///
  /// Where observations lack modalities, a term is the loss of the observations that have the modality (both of the
  /// pair), and 0 where fewer than two have it, as nothing can be contrasted then. *Deviation*: the official code knows
  /// complete training observations only.
  ///
  /// - Parameters:
  ///   - representations: one `[batch, dimension]` tensor for each modality, rows of length 1; of the observations that
  ///     have it where `present` is given, and nil where fewer than two do.
  ///   - joint: that of all observations, rows of length 1; unused by `pairwise`.
  ///   - names: the modalities' names, for the terms.
  ///   - present: for each modality the places in the batch, ascending, of the observations that have it; nil where none
  ///     lacks any.
  ///   - sharing: for each observation a key, where observations of equal key are no negatives of each other; nil where
  ///     all are.
  public func loss(
    representations: [Tensor?], joint: Tensor?, names: [String], present: [[Int32]]? = nil, sharing: [Int]? = nil
  ) -> LossTerms {
    precondition(
      representations.count == names.count && !representations.isEmpty,
      "GMC: \(representations.count) representations under \(names.count) names")
    precondition(
      present.map { $0.count == names.count } ?? true, "GMC: \(present?.count ?? 0) lists of places for \(names.count)")
    if options.negatives == .pairwise {
      return LossTerms(summing: pairTerms(representations, names: names, present: present, sharing: sharing))
    }
    guard let joint else { preconditionFailure("GMC: the joint representation is missing") }
    return LossTerms(
      summing: names.indices.map { index in
        let single = representations[index]
        guard let places = present?[index] else { return (names[index], jointTerm(joint, single, sharing)) }
        let keys = sharing.map { keys in places.map { keys[Int($0)] } }
        return (names[index], places.count < 2 ? Tensor(0) : jointTerm(joint.keepingRows(places), single, keys))
      })
  }

  private func jointTerm(_ joint: Tensor, _ single: Tensor?, _ sharing: [Int]?) -> Tensor {
    guard let single else { preconditionFailure("GMC: the representation of a modality is missing") }
    return options.negatives == .all
      ? ntXent(joint, single, temperature: options.temperature, sharing: sharing)
      : contrastWithJoints(joint, single, sharing)
  }

  private func pairTerms(
    _ representations: [Tensor?], names: [String], present: [[Int32]]?, sharing: [Int]?
  ) -> [(String, Tensor)] {
    precondition(names.count > 1, "GMC: pairwise contrast needs two modalities")
    var terms: [(String, Tensor)] = []
    for i in names.indices {
      for j in names.indices where j > i {
        let name = "\(names[i])-\(names[j])"
        let common = present.map { Set($0[i]).intersection($0[j]) }
        guard let first = representations[i], let second = representations[j], (common?.count ?? 2) > 1 else {
          precondition(present != nil, "GMC: the representation of a modality is missing")
          terms.append((name, Tensor(0)))
          continue
        }
        func shared(_ tensor: Tensor, _ index: Int) -> Tensor {
          guard let common, let places = present?[index] else { return tensor }
          return tensor.keepingRows(places.indices.filter { common.contains(places[$0]) }.map(Int32.init))
        }
        let keys = sharing.map { keys in common.map { $0.sorted().map { keys[Int($0)] } } ?? keys }
        terms.append(
          (name, ntXent(shared(first, i), shared(second, j), temperature: options.temperature, sharing: keys)))
      }
    }
    return terms
  }

  /// mean_i [ log Σ_{j ≠ i} exp(joint_i · joint_j / τ) − joint_i · single_i / τ ]
  private func contrastWithJoints(_ joint: Tensor, _ single: Tensor, _ sharing: [Int]?) -> Tensor {
    // Keys make classes: where all share one, no observation has a negative, and there is nothing to contrast.
    if let sharing, Set(sharing).count < 2 { return single.sum() * 0 }
    var similarity = joint.multiplied(by: joint, otherTransposed: true) / options.temperature
    if let penalties = SharedItems.penalties(sharing) { similarity = similarity + penalties }
    let own = (0..<Int32(joint.shape[0])).map { $0 }
    return (similarity.logSumExp(skipping: own) - joint.rowDot(single) / options.temperature).mean()
  }

  /// The representation of an incomplete observation: the mean of those of its modalities, not normalised again.
  ///
  /// - Parameter representations: `[batch, dimension]` each, of the modalities that are present.
  public static func partial(_ representations: [Tensor]) -> Tensor {
    precondition(!representations.isEmpty, "GMC.partial: no modality is present")
    if representations.count == 1 { return representations[0] }
    return representations.dropFirst().reduce(representations[0], +) / Float(representations.count)
  }
}

extension Tensor {
  /// The rows at ascending, different places; the tensor itself where these are all.
  fileprivate func keepingRows(_ places: [Int32]) -> Tensor {
    places.count == shape[0] ? self : gatheringRows(places)
  }
}
