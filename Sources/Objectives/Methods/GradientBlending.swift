import Autograd
import Kernels
import Layers

/// Weighs the losses of several heads by how well each generalises (Wang, Tran & Feiszli, CVPR 2020).
///
///     O   = V − T,   ΔO = O(later) − O(earlier),   ΔG = V(earlier) − V(later)
///     OGR = |ΔO / ΔG|
///     w_k = 1/Z · ΔG_k / ΔO_k²,   Σ_k w_k = 1
///     loss = Σ_k w_k L_k
///
/// T is the training loss of a head, V its validation loss, which stands for the true one; O is the overfitting, G the
/// generalisation. *Deviation*: ΔO is at least a floor, so that a head which overfits ever less has a finite weight, and a
/// ΔG below 0 counts as 0; where all are 0 the weights are equal. Some public code takes V / (V − T)² at the end instead.
public struct GradientBlending: Sendable {
  /// Settings.
  public struct Options: Codable, Equatable, Sendable {
    /// The least ΔO, in units of the loss.
    public var leastOverfitting = 0.01

    /// The defaults; the floor is ours.
    public init() {}

    /// Creates settings.
    public init(leastOverfitting: Double) { self.leastOverfitting = leastOverfitting }
  }

  /// The losses of a head at one time.
  public struct Losses: Codable, Equatable, Sendable {
    /// T, on the training observations.
    public var training: Double
    /// V, on the validation observations.
    public var validation: Double

    /// Creates losses.
    public init(training: Double, validation: Double) {
      (self.training, self.validation) = (training, validation)
    }
  }

  /// What happened to a head between two times.
  public struct Change: Equatable, Sendable {
    /// ΔO, how much further validation and training loss went apart.
    public let overfitting: Double
    /// ΔG, how much the validation loss fell.
    public let generalisation: Double

    /// Compares the losses of two times.
    public init(from earlier: Losses, to later: Losses) {
      let all = [earlier.training, earlier.validation, later.training, later.validation]
      precondition(all.allSatisfy(\.isFinite), "GradientBlending: losses \(all) are not finite")
      overfitting = (later.validation - later.training) - (earlier.validation - earlier.training)
      generalisation = earlier.validation - later.validation
    }

    /// OGR; 0 where there is no overfitting, else infinite where there is no generalisation.
    public var ratio: Double { overfitting == 0 ? 0 : abs(overfitting / generalisation) }
  }

  /// The settings in use.
  public let options: Options

  /// Creates the method.
  public init(_ options: Options = Options()) {
    precondition(
      options.leastOverfitting > 0 && options.leastOverfitting.isFinite,
      "GradientBlending: a floor of \(options.leastOverfitting)")
    self.options = options
  }

  /// ΔG / ΔO² of a head, with floor and clipping, before all are divided by their sum.
  public func merit(of change: Change) -> Double {
    let overfitting = max(change.overfitting, options.leastOverfitting)
    return max(change.generalisation, 0) / (overfitting * overfitting)
  }

  /// The weight of each head from its losses at two times, with sum 1.
  public func weights(from earlier: [Losses], to later: [Losses]) -> [Double] {
    precondition(
      earlier.count == later.count && !earlier.isEmpty,
      "GradientBlending: losses of \(earlier.count) and \(later.count) heads")
    let merits = zip(earlier, later).map { merit(of: Change(from: $0, to: $1)) }
    let sum = merits.reduce(0, +)
    guard sum > 0 else { return merits.map { _ in 1 / Double(merits.count) } }
    return merits.map { $0 / sum }
  }

  /// The offline form: one weight for each head, from the first to the last of some times of a training.
  ///
  /// - Parameter history: the losses of all heads at each time, at least two.
  public func offlineWeights(history: [[Losses]]) -> [Double] {
    precondition(history.count > 1, "GradientBlending: \(history.count) times have nothing between them")
    return weights(from: history[0], to: history[history.count - 1])
  }

  /// The online form: the weights that follow each whole super-epoch, from its losses alone.
  ///
  /// - Parameters:
  ///   - history: the losses of all heads at the beginning and after each epoch.
  ///   - superEpoch: the number of epochs in a super-epoch.
  public func onlineWeights(history: [[Losses]], superEpoch: Int) -> [[Double]] {
    precondition(superEpoch > 0, "GradientBlending: super-epochs of \(superEpoch) epochs")
    return stride(from: superEpoch, to: history.count, by: superEpoch).map {
      weights(from: history[$0 - superEpoch], to: history[$0])
    }
  }

  /// Σ_k w_k L_k, with one term for each head.
  public static func loss(_ losses: [(name: String, value: Tensor)], weights: [Double]) -> LossTerms {
    precondition(
      losses.count == weights.count, "GradientBlending: \(weights.count) weights for \(losses.count) losses")
    return LossTerms(summing: zip(losses, weights).map { ($0.name, $0.value * Float($1)) })
  }
}
