import Foundation

/// What makes probabilities of cosines: a factor before a softmax over all of them, or, where a bias is learnt as well, a
/// factor and a bias before a sigmoid of each by itself.
public struct SimilarityScale: Equatable, Sendable {
  /// The factor.
  public let value: Double
  /// What is added to the products, of models that judge every pair by itself (SigLIP); nil for a softmax.
  public let bias: Double?
  /// Where it comes from, in a few words: `learnt` or `1/τ of method.gmc.temperature`.
  public let origin: String

  /// Names a factor.
  public init(_ value: Double, bias: Double? = nil, origin: String) {
    self.value = value
    self.bias = bias
    self.origin = origin
  }

  /// The factor 1/τ of a temperature.
  public init(temperature: Double, origin: String) {
    self.init(1 / temperature, origin: "1/τ of \(origin)")
  }

  /// The shares of several cosines, or, with a bias, the probability of each (Zhai et al., ICCV 2023):
  ///
  ///     p_i = exp(s · cos_i) / Σ_j exp(s · cos_j)
  ///     p_i = σ(s · cos_i + b)
  public func probabilities(of cosines: [Float]) -> [Double] {
    let logits = cosines.map { value * Double($0) + (bias ?? 0) }
    // exp of a large number is infinite, and 1 / (1 + ∞) is 0.
    guard bias == nil else { return logits.map { 1 / (1 + exp(-$0)) } }
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
