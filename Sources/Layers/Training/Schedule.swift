import Foundation

/// A learning rate as a pure function of the step.
public enum Schedule: Equatable, Sendable {
  /// The same rate at every step.
  case constant
  /// Falls from 1 to `floor` along half a cosine.
  case cosine(floor: Double = 0)
  /// Is multiplied by `factor` at each of the named fractions of the training.
  case step(factor: Double, at: [Double])

  /// The factor on the base learning rate at a step, counted from 0.
  ///
  /// - Parameters:
  ///   - warmup: the steps over which the factor first rises linearly, from 1 / warmup.
  ///   - total: the steps of the whole training.
  public func factor(step: Int, warmup: Int = 0, total: Int) -> Double {
    if step < warmup { return Double(step + 1) / Double(warmup) }
    let progress = min(1, Double(step - warmup) / Double(max(1, total - warmup)))
    switch self {
    case .constant: return 1
    case .cosine(let floor): return floor + (1 - floor) * 0.5 * (1 + cos(Double.pi * progress))
    case .step(let factor, let fractions):
      let whole = Double(step) / Double(max(1, total))
      return pow(factor, Double(fractions.filter { whole >= $0 }.count))
    }
  }
}

/// Lowers the learning rate when a loss stops falling (PyTorch's ReduceLROnPlateau, relative threshold 1e-4).
public struct Plateau: Codable, Equatable, Sendable {
  /// What the learning rate is multiplied by.
  public let reduction: Double
  /// How many epochs without improvement are waited for.
  public let patience: Int
  /// The product of all reductions so far.
  public private(set) var factor = 1.0
  private var best = Double.infinity
  private var waited = 0

  /// Creates a rule.
  public init(reduction: Double = 0.1, patience: Int) {
    self.reduction = reduction
    self.patience = patience
  }

  /// Notes the loss of an epoch and returns the factor from then on.
  public mutating func note(loss: Double) -> Double {
    if loss < best * (1 - 1e-4) {
      best = loss
      waited = 0
    } else {
      waited += 1
      if waited > patience {
        factor *= reduction
        waited = 0
      }
    }
    return factor
  }
}
