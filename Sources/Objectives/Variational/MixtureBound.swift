import Autograd
import Foundation
import Kernels

/// MMVAE's bound (Shi et al., NeurIPS 2019): importance weighting by a mixture of the modalities' posteriors, with K codes
/// from each.
///
///     ln w_mk = ln p(z_mk) + Σ_n ℓ_n(z_mk) − ln (1/M) Σ_n q_n(z_mk)
///
/// The loss is minus the bound, the mean over the observations.
public enum MixtureBound {
  /// How the weights become a bound.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    /// The mean over modalities of ln (1/K) Σ_k w_mk, which the paper's runs use.
    case looser
    /// ln (1/MK) Σ_mk w_mk
    case tight
  }

  /// How gradients reach the encoders.
  public enum Estimator: String, Codable, CaseIterable, Sendable {
    /// Through codes and densities, as the bound has it.
    case plain
    /// Doubly reparametrised (Tucker et al., ICLR 2019), which the paper names: through codes only, by the square of the
    /// scaled weights.
    case dreg
    /// What the published code trains: it hooks a tensor that is not on the path of the loss, so that gradients go through
    /// codes only, by the scaled weights themselves.
    case official
  }

  /// The loss.
  ///
  /// - Parameters:
  ///   - prior: of codes, mean and scale `[d]`.
  ///   - noise: standard of the posteriors' form, `[modalities, K, batch, d]`.
  /// - Returns: the loss, whose value is that of the bound for every estimator, and ln w `[modalities, K, batch]`.
  public static func loss(
    _ batch: VariationalBatch, prior: LatentDistribution, noise: Tensor, bound: Kind, estimator: Estimator
  ) -> (loss: Tensor, logWeights: Tensor) {
    let found = rows(batch, prior: prior, noise: noise, bound: bound, estimator: estimator)
    return (loss(of: found.rows), found.logWeights)
  }

  /// The loss of the bounds of observations with what their gradients are taken of, as ``rows(_:prior:noise:bound:estimator:)``
  /// gives them.
  public static func loss(of rows: [Tensor]) -> Tensor {
    let value = rows[0].mean()
    guard rows.count > 1 else { return -value }
    let surrogate = rows[1].sum() / Float(rows[1].count)
    // The value of the bound, the gradient of the surrogate.
    return -(surrogate - surrogate.detached + value)
  }

  /// The bound of each observation, `[batch]`; behind it, where gradients take another way, what they are taken of.
  public static func rows(
    _ batch: VariationalBatch, prior: LatentDistribution, noise: Tensor, bound: Kind, estimator: Estimator
  ) -> (rows: [Tensor], logWeights: Tensor) {
    let (modalities, draws, count) = (batch.experts.count, noise.shape[1], batch.count)
    precondition(
      noise.shape == [modalities, draws, count, batch.experts[0].mean.shape[1]],
      "MixtureBound: noise of shape \(noise.shape) for \(modalities) modalities of \(batch.experts[0].mean.shape)")
    let scale = GradientScale()
    let drawn = batch.experts.enumerated().map { $1.samples(noise.selecting($0, axis: 0)) }
    // [modalities · K, batch, d]
    let codes = Tensor.concatenated(drawn).scalingGradient(by: scale)
    let densities = batch.experts.map { expert in
      (estimator == .plain ? expert : expert.detached).logDensity(codes)
        .reshaped(to: [modalities * draws, count, 1])
    }
    var mixture = Tensor.concatenated(densities, axis: 2)
    let (absent, share) = absence(batch)
    if let absent { mixture = mixture + absent }
    let likelihoods = batch.experts.indices.map { batch.logLikelihood(codes, $0) }
    let logWeights =
      (prior.logDensity(codes) + likelihoods.dropFirst().reduce(likelihoods[0], +)
      - (mixture.logSumExp() - share.logCounts)).reshaped(to: [modalities, draws, count])
    // [batch, modalities, K]
    let byRow = logWeights.transposed([2, 0, 1])
    let value = bounds(byRow, kind: bound, absent: absent, share: share)
    guard estimator != .plain else { return ([value], logWeights) }
    let scaled = scaledWeights(byRow.detached, kind: bound, absent: absent, share: share)
    if estimator == .dreg {
      // Of the loss the gradient arrives multiplied by the weight once; the share of each modality stays as it is.
      scale.factors = scaled.within.transposed([1, 2, 0]).reshaped(to: [modalities * draws, count, 1])
    }
    let surrogate = (byRow * scaled.whole).reshaped(to: [count, modalities * draws]).sum(axis: 1)
    return ([value.detached, surrogate], logWeights)
  }

  /// How many modalities each observation has.
  private struct Share {
    /// 1 / M of each observation, `[batch, 1]`.
    let inverse: Tensor
    /// ln M, `[batch]`.
    let logCounts: Tensor
  }

  /// What is added to logarithms of absent modalities, `[batch, modalities]` as `[1, batch, modalities]`; nil where none is.
  private static func absence(_ batch: VariationalBatch) -> (absent: Tensor?, share: Share) {
    let (modalities, count) = (batch.experts.count, batch.count)
    let counts = (0..<count).map { row in Float((0..<modalities).filter { batch.has($0, row) }.count) }
    let share = Share(
      inverse: Tensor(counts.map { 1 / max($0, 1) }, shape: [count, 1]),
      logCounts: Tensor(counts.map { Float(log(Double(max($0, 1)))) }))
    guard batch.presence.contains(where: { $0 != nil }) else { return (nil, share) }
    let values = (0..<count).flatMap { row in (0..<modalities).map { batch.has($0, row) ? Float(0) : -1e30 } }
    return (Tensor(values, shape: [1, count, modalities]), share)
  }

  /// The bound of each observation, `[batch]`.
  private static func bounds(_ byRow: Tensor, kind: Kind, absent: Tensor?, share: Share) -> Tensor {
    let (count, modalities, draws) = (byRow.shape[0], byRow.shape[1], byRow.shape[2])
    let logDraws = Float(log(Double(draws)))
    switch kind {
    case .looser:
      let each = byRow.logSumExp() - logDraws
      let present = absent.map { mask in
        Tensor(mask.values.map { $0 == 0 ? 1 : 0 }, shape: [count, modalities])
      }
      return ((present.map { each * $0 } ?? each) * share.inverse).sum(axis: 1)
    case .tight:
      let masked = absent.map { byRow + $0.reshaped(to: [count, modalities, 1]) } ?? byRow
      return masked.reshaped(to: [count, modalities * draws]).logSumExp() - logDraws - share.logCounts
    }
  }

  /// The slope of the bound with respect to each ln w (`whole`), and the weights scaled within what they compete with.
  private static func scaledWeights(
    _ byRow: Tensor, kind: Kind, absent: Tensor?, share: Share
  ) -> (whole: Tensor, within: Tensor) {
    let (count, modalities, draws) = (byRow.shape[0], byRow.shape[1], byRow.shape[2])
    let masked = absent.map { byRow + $0.reshaped(to: [count, modalities, 1]) } ?? byRow
    switch kind {
    case .looser:
      let within = byRow.softmax()
      let present = absent.map { mask in
        Tensor(mask.values.map { $0 == 0 ? 1 : 0 }, shape: [count, modalities, 1])
      }
      let shared = within * share.inverse.reshaped(to: [count, 1, 1])
      return (present.map { shared * $0 } ?? shared, within)
    case .tight:
      let within = masked.reshaped(to: [count, modalities * draws]).softmax().reshaped(to: byRow.shape)
      return (within, within)
    }
  }
}
