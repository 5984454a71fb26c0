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
  /// - Parameters:
  ///   - representations: one `[batch, dimension]` tensor for each modality, rows of length 1.
  ///   - joint: that of the complete observations, rows of length 1; unused by `pairwise`.
  ///   - names: the modalities' names, for the terms.
  public func loss(representations: [Tensor], joint: Tensor?, names: [String]) -> LossTerms {
    precondition(
      representations.count == names.count && !representations.isEmpty,
      "GMC: \(representations.count) representations under \(names.count) names")
    var terms: [(String, Tensor)] = []
    if options.negatives == .pairwise {
      precondition(names.count > 1, "GMC: pairwise contrast needs two modalities")
      for i in names.indices {
        for j in names.indices where j > i {
          terms.append(
            (
              "\(names[i])-\(names[j])",
              ntXent(representations[i], representations[j], temperature: options.temperature)
            ))
        }
      }
    } else {
      guard let joint else { preconditionFailure("GMC: the joint representation is missing") }
      for (name, single) in zip(names, representations) {
        let term =
          options.negatives == .all
          ? ntXent(joint, single, temperature: options.temperature) : contrastWithJoints(joint, single)
        terms.append((name, term))
      }
    }
    return LossTerms(summing: terms)
  }

  /// mean_i [ log Σ_{j ≠ i} exp(joint_i · joint_j / τ) − joint_i · single_i / τ ]
  private func contrastWithJoints(_ joint: Tensor, _ single: Tensor) -> Tensor {
    let similarity = joint.multiplied(by: joint, otherTransposed: true) / options.temperature
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
