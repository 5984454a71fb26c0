/// The scale of a score: what chance gives and what perfection gives, in the metric's own unit.
public struct ScoreScale: Codable, Equatable, Sendable {
  /// The expected value of an answer that knows nothing.
  public let chance: Double
  /// The value of a perfect answer.
  public let ceiling: Double

  /// Creates a scale; its ends must not be equal.
  public init(chance: Double, ceiling: Double = 1) {
    (self.chance, self.ceiling) = (chance, ceiling)
  }

  /// Whether values can be brought to it.
  public var isUsable: Bool { chance.isFinite && ceiling.isFinite && chance != ceiling }

  /// The value as a share of the way from chance to perfection; below 0 where it is worse than chance.
  ///
  ///     (x − chance) / (ceiling − chance)
  public func normalised(_ value: Double) -> Double { (value - chance) / (ceiling - chance) }
}
