import Foundation

/// A pendulum that a torque swings, as OpenAI's Gym 0.19 has it: g = 10, mass and length 1, steps of 0.05 s.
///
///     u ← clip(u, ±2),   ω′ = ω + 0.05 (15 sin θ + 3 u),   θ′ = θ + 0.05 ω′,   ω′ ← clip(ω′, ±8)
///     reward = −(a² + 0.1 ω² + 0.001 u²),   a = θ in −π…π, all before the step
///
/// θ = 0 is upright, positive angles are counter-clockwise, and angles are never wrapped.
public struct Pendulum: Equatable, Sendable {
  /// What is done first where the velocity passes its limit.
  public enum Integration: String, Codable, CaseIterable, Sendable {
    /// The angle moves by the velocity before that is clipped: Gym 0.19, which the official code of GMC runs on.
    case gym
    /// The velocity is clipped first: Gymnasium 1.
    case gymnasium
  }

  /// The greatest torque either way.
  public static let torqueLimit = 2.0
  /// The greatest velocity either way, in radians a second.
  public static let speedLimit = 8.0
  /// The time of a step.
  public static let seconds = 0.05

  /// θ, in radians.
  public var angle: Double
  /// ω, in radians a second.
  public var velocity: Double

  /// Creates a pendulum in a state.
  public init(angle: Double, velocity: Double) { (self.angle, self.velocity) = (angle, velocity) }

  /// θ in −π…π.
  public var wrappedAngle: Double {
    let turn = 2 * Double.pi
    let rest = (angle + .pi).truncatingRemainder(dividingBy: turn)
    return (rest < 0 ? rest + turn : rest) - .pi
  }

  /// Moves the pendulum by one step.
  ///
  /// - Returns: the reward of the state before and of the torque.
  public mutating func step(torque: Double, integration: Integration = .gym) -> Double {
    let torque = Self.clipped(torque, Self.torqueLimit)
    let deviation = wrappedAngle
    let reward = -(deviation * deviation + 0.1 * velocity * velocity + 0.001 * torque * torque)
    var next = velocity + (15 * sin(angle) + 3 * torque) * Self.seconds
    if integration == .gymnasium { next = Self.clipped(next, Self.speedLimit) }
    angle += next * Self.seconds
    velocity = Self.clipped(next, Self.speedLimit)
    return reward
  }

  private static func clipped(_ value: Double, _ limit: Double) -> Double { min(max(value, -limit), limit) }
}
