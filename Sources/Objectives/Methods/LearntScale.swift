import Autograd
import Foundation
import Kernels
import Layers

/// What multiplies similarities before a softmax, learnt by its logarithm (Radford et al., CLIP, 2021).
///
///     scale = exp(s),   s = −ln τ at first,   kept in a range by ``clamp()``
///
/// The value itself is brought back into the range between steps, so that its gradient can lead it away from a bound; a
/// bound within the loss would leave it without one.
public final class LearntScale: Module {
  /// The greatest logarithm in CLIP's official code, where the scale is 100.
  public static let officialMost = 4.605170185988092
  /// The least logarithm in FDT's official code.
  public static let officialLeastOfFDT = 3.0

  /// s.
  public let logarithm: Parameter
  /// Where s is kept.
  public let range: ClosedRange<Double>

  /// Creates a scale of 1/τ.
  ///
  /// - Parameter isLearnt: whether training changes it.
  public init(temperature: Double, isLearnt: Bool = true, range: ClosedRange<Double> = 0...LearntScale.officialMost) {
    precondition(temperature > 0, "LearntScale: a temperature of \(temperature)")
    logarithm = Parameter(Tensor(Float(-log(temperature))))
    logarithm.isTrainable = isLearnt
    self.range = range
    if isLearnt { clamp() }
  }

  /// s.
  public var parts: [ModulePart] { [.parameter("logarithm", logarithm)] }

  /// s for a loss.
  public var tensor: Tensor { logarithm.tensor }

  /// The scale now.
  public var value: Double { exp(Double(logarithm.value.scalar)) }

  /// Brings s back into its range; a scale that is not learnt stays as it is.
  public func clamp() {
    guard logarithm.isTrainable else { return }
    let value = Double(logarithm.value.scalar)
    let nearest = min(max(value, range.lowerBound), range.upperBound)
    if nearest != value { logarithm.assign(Tensor(Float(nearest))) }
  }
}
