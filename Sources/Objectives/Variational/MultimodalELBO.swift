import Autograd
import Kernels

/// What the objectives of multimodal variational autoencoders are computed from.
///
/// Losses are means over the observations of a batch. ℓ_m(z) is the weighted log likelihood of an observation's item of
/// modality m; it must be 0 where the observation lacks it.
public struct VariationalBatch {
  /// q(z | x_m) of each modality, `[batch, d]`.
  public let experts: [LatentDistribution]
  /// Whether an observation has each modality: for each modality one truth an observation; nil where all have it.
  public let presence: [[Bool]?]
  /// ℓ_m(z): codes `[draws, batch, d]` and the modality's place → `[draws, batch]`.
  public let logLikelihood: (_ codes: Tensor, _ modality: Int) -> Tensor

  /// Puts them together.
  public init(
    experts: [LatentDistribution], presence: [[Bool]?]? = nil,
    logLikelihood: @escaping (_ codes: Tensor, _ modality: Int) -> Tensor
  ) {
    self.experts = experts
    self.presence = presence ?? experts.map { _ in nil }
    self.logLikelihood = logLikelihood
  }

  /// The number of observations.
  public var count: Int { experts[0].mean.shape[0] }

  func has(_ modality: Int, _ row: Int) -> Bool { presence[modality]?[row] ?? true }

  /// `[batch, 1]`, 1 where an observation has the modality and is told to use it.
  func weight(_ modality: Int, where isUsed: (_ row: Int) -> Bool) -> Tensor {
    Tensor((0..<count).map { has(modality, $0) && isUsed($0) ? 1 : 0 }, shape: [count, 1])
  }

  /// Σ_{m ∈ members} ℓ_m(z), `[batch]`, at one draw of codes `[batch, d]`.
  func logLikelihood(at codes: Tensor, of members: [Int]) -> Tensor {
    let one = codes.reshaped(to: [1] + codes.shape)
    let terms = members.map { logLikelihood(one, $0) }
    return terms.dropFirst().reduce(terms[0], +).reshaped(to: [count])
  }
}

/// The objectives of multimodal variational autoencoders with normal posteriors, to be minimised.
///
/// Each has two halves: what is reckoned of every observation by itself, `[batch]` each, and the terms that are made of these
/// for all observations.
public enum MultimodalELBO {
  /// MVAE (Wu & Goodman, NeurIPS 2018): the evidence bound of each of some subsets, whose posterior is the product of its
  /// experts and the prior.
  ///
  ///     L = Σ_S [ −Σ_{m ∈ S} ℓ_m(z_S) + β KL(q_S ‖ N(0, 1)) ],   q_S ∝ N(0, 1) Π_{m ∈ S} q_m
  ///
  /// *Deviation*: the official code adds 10⁻⁸ twice to each variance; here it is not added.
  ///
  /// - Parameters:
  ///   - subsets: the members of each subset; all and each by itself belong among them.
  ///   - noise: standard normal, `[batch, d]`, for each subset.
  /// - Returns: a term for each subset, and the posteriors.
  public static func mvae(
    _ batch: VariationalBatch, subsets: [[Int]], noise: [Tensor], beta: Float
  ) -> (terms: [Tensor], posteriors: [LatentDistribution]) {
    let found = mvaeRows(batch, subsets: subsets, noise: noise, beta: beta)
    return (found.rows.map { $0.mean() }, found.posteriors)
  }

  /// Of each observation what its term of each subset is, of which the loss has the mean.
  public static func mvaeRows(
    _ batch: VariationalBatch, subsets: [[Int]], noise: [Tensor], beta: Float
  ) -> (rows: [Tensor], posteriors: [LatentDistribution]) {
    precondition(
      subsets.count == noise.count && !subsets.isEmpty, "mvae: \(noise.count) noises, \(subsets.count) subsets")
    let posteriors = subsets.map { product(batch, $0) }
    let rows = zip(zip(subsets, posteriors), noise).map { pair, noise in
      let (members, posterior) = pair
      let likelihood = batch.logLikelihood(at: posterior.samples(noise), of: members)
      return posterior.divergenceFromStandard * beta - likelihood
    }
    return (rows, posteriors)
  }

  /// The product of a subset's experts and the prior: MVAE's posterior.
  public static func product(_ batch: VariationalBatch, _ members: [Int]) -> LatentDistribution {
    LatentDistribution.product(
      of: members.map { batch.experts[$0] },
      weights: members.map { member in batch.presence[member].map { _ in batch.weight(member) { _ in true } } },
      prior: Tensor(repeating: 1, shape: [1, 1]))
  }

  /// JMVAE-kl (Suzuki et al., ICLR 2017 workshop): a joint encoder, and each modality's own posterior drawn towards its.
  ///
  ///     L = −Σ_m ℓ_m(z) + β KL(q ‖ N(0, 1)) + α Σ_m KL(q ‖ q_m),   z ~ q(z | x_1 … x_M)
  ///
  /// - Parameters:
  ///   - joint: q(z | x_1 … x_M), `[batch, d]`.
  ///   - noise: standard normal, `[batch, d]`.
  public static func jmvae(
    _ batch: VariationalBatch, joint: LatentDistribution, noise: Tensor, beta: Float, alpha: Float
  ) -> (reconstruction: Tensor, prior: Tensor, unimodal: Tensor) {
    jmvae(rows: jmvaeRows(batch, joint: joint, noise: noise), beta: beta, alpha: alpha)
  }

  /// Of each observation Σ_m ℓ_m(z), KL(q ‖ N(0, 1)), and KL(q ‖ q_m) of each modality, 0 where it lacks it.
  public static func jmvaeRows(_ batch: VariationalBatch, joint: LatentDistribution, noise: Tensor) -> [Tensor] {
    let places = Array(batch.experts.indices)
    let likelihood = batch.logLikelihood(at: joint.samples(noise), of: places)
    let apart = places.map { place -> Tensor in
      let divergence = joint.divergence(from: batch.experts[place])
      guard batch.presence[place] != nil else { return divergence }
      return divergence * batch.weight(place) { _ in true }.reshaped(to: [batch.count])
    }
    return [likelihood, joint.divergenceFromStandard] + apart
  }

  /// The terms of ``jmvaeRows(_:joint:noise:)``.
  public static func jmvae(
    rows: [Tensor], beta: Float, alpha: Float
  ) -> (reconstruction: Tensor, prior: Tensor, unimodal: Tensor) {
    let means = rows.map { $0.mean() }
    return (-means[0], means[1] * beta, means.dropFirst(3).reduce(means[2], +) * alpha)
  }

  /// MoPoE (Sutter et al., ICLR 2021): a mixture over all subsets of the products of their experts.
  ///
  ///     L = −Σ_m ℓ_m(z) + β / S · Σ_S KL(q_S ‖ N(0, 1))
  ///
  /// The prior is an expert of the full set only, as in the official code. Codes are drawn by slices: of B observations the
  /// rows j ⌊B / S⌋ … take component j, the last one also the rest, so the order of a batch must be random.
  ///
  /// An observation that lacks modalities takes part in a subset with the members it has, and with all that it has where it
  /// has none of the subset's.
  ///
  /// - Parameters:
  ///   - subsets: every subset that is not empty, the full set last.
  ///   - noise: standard normal, `[batch, d]`.
  public static func mopoe(
    _ batch: VariationalBatch, subsets: [[Int]], noise: Tensor, beta: Float
  ) -> (reconstruction: Tensor, divergence: Tensor, codes: Tensor, posteriors: [LatentDistribution]) {
    let found = mopoeRows(batch, subsets: subsets, noise: noise)
    let terms = mopoe(rows: found.rows, beta: beta)
    return (terms.reconstruction, terms.divergence, found.codes, found.posteriors)
  }

  /// Of each observation Σ_m ℓ_m(z), and KL(q_S ‖ N(0, 1)) of each subset.
  ///
  /// - Parameter window: which rows of a batch the observations are; nil for all of it.
  public static func mopoeRows(
    _ batch: VariationalBatch, subsets: [[Int]], noise: Tensor, window: RowWindow? = nil
  ) -> (rows: [Tensor], codes: Tensor, posteriors: [LatentDistribution]) {
    let window = window ?? RowWindow(0..<batch.count, of: batch.count)
    let posteriors = subsets.map { mixtureComponent(batch, $0) }
    let slice = window.total / subsets.count
    let codes = Tensor.concatenated(
      posteriors.enumerated().compactMap { place, posterior in
        let all = (place * slice)..<(place == subsets.count - 1 ? window.total : (place + 1) * slice)
        let own = all.clamped(to: window.rows)
        guard !own.isEmpty else { return nil }
        let range = own.lowerBound - window.rows.lowerBound..<own.upperBound - window.rows.lowerBound
        return LatentDistribution(
          mean: posterior.mean.slice(range), logVariance: posterior.logVariance.slice(range)
        ).samples(noise.slice(range))
      })
    let likelihood = batch.logLikelihood(at: codes, of: Array(batch.experts.indices))
    return ([likelihood] + posteriors.map(\.divergenceFromStandard), codes, posteriors)
  }

  /// The terms of ``mopoeRows(_:subsets:noise:window:)``.
  public static func mopoe(rows: [Tensor], beta: Float) -> (reconstruction: Tensor, divergence: Tensor) {
    let means = rows.map { $0.mean() }
    let divergence = means.dropFirst(2).reduce(means[1], +) / Float(rows.count - 1)
    return (-means[0], divergence * beta)
  }

  /// The product of a subset's experts, with the prior where it is all that there is: a component of MoPoE's mixture.
  public static func mixtureComponent(_ batch: VariationalBatch, _ members: [Int]) -> LatentDistribution {
    let all = Array(batch.experts.indices)
    if batch.presence.allSatisfy({ $0 == nil }) {
      return LatentDistribution.product(
        of: members.map { batch.experts[$0] }, weights: members.map { _ in nil },
        prior: members.count == all.count ? Tensor(repeating: 1, shape: [1, 1]) : nil)
    }
    let isEmpty = (0..<batch.count).map { row in !members.contains { batch.has($0, row) } }
    let isWhole = (0..<batch.count).map { row in
      isEmpty[row] || all.allSatisfy { !batch.has($0, row) || members.contains($0) }
    }
    return LatentDistribution.product(
      of: batch.experts,
      weights: all.map { place in batch.weight(place) { isEmpty[$0] || members.contains(place) } },
      prior: Tensor(isWhole.map { $0 ? 1 : 0 }, shape: [batch.count, 1]))
  }
}
