import Foundation

/// Courses of pendulums, by which an experiment shows them moving: a file of each seed.
///
/// `animation-<name>.json` in the seed's folder holds the angles and what is said of them.
public struct PendulumAnimationFile: NamedSeedFile, Equatable {
  /// One pendulum.
  public struct Rod: Codable, Equatable, Sendable {
    /// What stands under it.
    public var name: String
    /// Its angle at each step, in radians, 0 upright and positive counter-clockwise.
    public var angles: [Double]

    /// Creates a pendulum.
    public init(name: String, angles: [Double]) { (self.name, self.angles) = (name, angles) }
  }

  /// What the animation shows, in a few words.
  public var title: String
  /// How to read it, one to three sentences.
  public var caption: String
  /// The time between two angles.
  public var secondsPerStep: Double
  /// The pendulums, beside each other.
  public var rods: [Rod]

  /// `animation-`
  public static let prefix = "animation-"
  /// Pendulums.
  public static let contents = "pendulums"
  /// On one line.
  public static let formatting: JSONEncoder.OutputFormatting = [.sortedKeys, .withoutEscapingSlashes]

  /// Describes an animation.
  public init(title: String, caption: String, secondsPerStep: Double, rods: [Rod]) {
    (self.title, self.caption, self.secondsPerStep, self.rods) = (title, caption, secondsPerStep, rods)
  }

  /// Whether every pendulum has as many finite angles as the others.
  public var isSensible: Bool {
    let count = rods.first?.angles.count ?? 0
    return count > 1 && secondsPerStep > 0
      && rods.allSatisfy { $0.angles.count == count && $0.angles.allSatisfy(\.isFinite) }
  }
}
