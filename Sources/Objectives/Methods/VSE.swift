import Autograd
import Kernels
import Layers

/// Hinges of a batch's similarities, from the sum over all negatives to the hardest one (Faghri et al., VSE++, 2018).
///
///     loss = (1 − w) · sum + w · hardest,   w(step) = min(1, step / warm-up)
///
/// Sum and hardest are the two forms of ``vseLoss(_:_:margin:hardest:)``. *Deviation*: the paper trains with one form
/// throughout; the way from one to the other is ours, as the hardest form alone may not get going.
public struct VSE: Sendable {
  /// Which negatives count.
  public enum Negatives: String, Codable, CaseIterable, Sendable {
    /// All: the sum.
    case all
    /// The hardest, after a warm-up with all.
    case hardest
  }

  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// Which negatives count.
    public var negatives = Negatives.hardest
    /// α, by which the own key should be nearer than any other.
    public var margin = 0.2
    /// The steps over which the hardest form takes over; 0 for that form from the beginning, as in VSE++.
    public var warmupSteps = 0

    /// VSE++.
    public init() {}

    /// Creates settings.
    public init(negatives: Negatives = .hardest, margin: Double, warmupSteps: Int = 0) {
      (self.negatives, self.margin, self.warmupSteps) = (negatives, margin, warmupSteps)
    }
  }

  /// The settings in use.
  public let options: Options

  /// Creates the method.
  public init(_ options: Options = Options()) {
    precondition(options.warmupSteps >= 0, "VSE: a warm-up of \(options.warmupSteps) steps")
    self.options = options
  }

  /// w, the weight of the hardest form at a step, counted from 0.
  public func hardness(step: Int) -> Float {
    precondition(step >= 0, "VSE.hardness: step \(step)")
    if options.negatives == .all { return 0 }
    return step < options.warmupSteps ? Float(Double(step) / Double(options.warmupSteps)) : 1
  }

  /// The loss of a batch of pairs at a step, with the terms `sum` and `hardest`; one of no weight is 0.
  ///
  /// Shapes: `u`, `v [batch, dimension]`, rows of length 1.
  ///
  /// - Parameter sharing: for each observation a key, where observations of equal key are no negatives of each other.
  public func loss(_ u: Tensor, _ v: Tensor, step: Int, sharing: [Int]? = nil) -> LossTerms {
    precondition(u.shape == v.shape && u.rank == 2, "VSE: shapes \(u.shape) and \(v.shape)")
    let similarity = u.multiplied(by: v, otherTransposed: true)
    let weight = hardness(step: step)
    func term(_ weight: Float, hardest: Bool) -> Tensor {
      weight == 0
        ? Tensor(0)
        : vseLoss(similarity: similarity, margin: Float(options.margin), hardest: hardest, sharing: sharing) * weight
    }
    return LossTerms(summing: [
      ("sum", term(1 - weight, hardest: false)), ("hardest", term(weight, hardest: true)),
    ])
  }
}

/// Hinges of a batch's similarities in both directions (VSE0 and VSE++, Faghri et al., 2018, Eqs. 5 and 6).
///
///     loss = Σ_i R_{j ≠ i} max(0, α + S_ij − S_ii) + Σ_j R_{i ≠ j} max(0, α + S_ij − S_jj),   S = U Vᵀ
///
/// R is the sum (VSE0) or the greatest (VSE++). Both are sums over the batch, not means.
///
/// Shapes: `u`, `v [batch, dimension]`, rows of length 1 → scalar.
public func vseLoss(_ u: Tensor, _ v: Tensor, margin: Float, hardest: Bool) -> Tensor {
  precondition(u.shape == v.shape && u.rank == 2, "vseLoss: shapes \(u.shape) and \(v.shape)")
  return vseLoss(similarity: u.multiplied(by: v, otherTransposed: true), margin: margin, hardest: hardest)
}

/// The same of a square matrix of similarities.
///
/// - Parameter sharing: for each observation a key, where observations of equal key are no negatives of each other; nil
///   where all are.
public func vseLoss(similarity: Tensor, margin: Float, hardest: Bool, sharing: [Int]? = nil) -> Tensor {
  let batch = similarity.shape[0]
  let own = similarity.diagonal()
  var others = [Float](repeating: 1, count: batch * batch)
  for i in 0..<batch { others[i * (batch + 1)] = 0 }
  for (row, column) in SharedItems.pairs(sharing) ?? [] { others[row * batch + column] = 0 }
  let mask = Tensor(others, shape: [batch, batch])
  let rows = (similarity - own.reshaped(to: [batch, 1]) + margin).relu() * mask
  let columns = (similarity - own.reshaped(to: [1, batch]) + margin).relu() * mask
  return hardest ? rows.max(axis: 1).sum() + columns.max(axis: 0).sum() : rows.sum() + columns.sum()
}
