/// Noise that is drawn back to 0 (Ornstein–Uhlenbeck, without a factor for the time): x ← x + θ (0 − x) + σ n.
public struct ExplorationNoise: Equatable, Sendable {
  /// θ.
  public let reversion: Double
  /// x.
  public var value: Double

  /// Creates noise.
  public init(reversion: Double = 0.15, value: Double = 0) { (self.reversion, self.value) = (reversion, value) }

  /// The next x.
  ///
  /// - Parameters:
  ///   - normal: n, of the standard normal distribution.
  ///   - deviation: σ.
  public mutating func next(normal: Double, deviation: Double) -> Double {
    value += -reversion * value + deviation * normal
    return value
  }
}
