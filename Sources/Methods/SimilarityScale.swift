import Foundation

/// What multiplies cosines before a softmax.
public struct SimilarityScale: Equatable, Sendable {
  /// The factor.
  public let value: Double
  /// Where it comes from, in a few words: `learnt` or `1/τ of method.gmc.temperature`.
  public let origin: String

  /// Names a factor.
  public init(_ value: Double, origin: String) {
    self.value = value
    self.origin = origin
  }

  /// The factor 1/τ of a temperature.
  public init(temperature: Double, origin: String) {
    self.init(1 / temperature, origin: "1/τ of \(origin)")
  }

  /// The shares of several cosines:
  ///
  ///     p_i = exp(s · cos_i) / Σ_j exp(s · cos_j)
  public func probabilities(of cosines: [Float]) -> [Double] {
    let logits = cosines.map { value * Double($0) }
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
