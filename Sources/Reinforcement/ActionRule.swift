/// How an actor's output, in −1…1, becomes a torque in ±2.
public enum ActionRule: String, Codable, CaseIterable, Sendable {
  /// As the released code of GMC: in training the output is added twice, clip(a + clip(a + x, ±2), ±2) with the noise x,
  /// in evaluation once, so that the policy has half the torque. The critic is told of a.
  case official
  /// The same torque clip(2a + x) in training; evaluation takes 2a, and the critic is told of it.
  case fixed

  /// What an output is multiplied by in evaluation and before the critic.
  public var scale: Double { self == .official ? 1 : 2 }

  /// The torque in training.
  public func torque(_ output: Double, noise: Double, limit: Double) -> Double {
    func clipped(_ value: Double) -> Double { min(max(value, -limit), limit) }
    return switch self {
    case .official: clipped(output + clipped(output + noise))
    case .fixed: clipped(2 * output + noise)
    }
  }

  /// The torque in evaluation.
  public func torque(_ output: Double) -> Double { scale * output }
}
