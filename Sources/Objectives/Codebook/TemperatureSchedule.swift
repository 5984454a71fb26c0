import Foundation

/// The temperature that divides FDT's scores, as a pure function of the step.
///
///     constant:     T(step) = start
///     exponential:  T(step) = max(start · factor^⌊step / interval⌋, floor)
///
/// The official code (`t_decay` of `clip_fdt`) has the second form. Its released configuration sets `factor` to 1, so
/// that the temperature stays at 1000.
public struct TemperatureSchedule: Codable, Equatable, Sendable {
  /// How the temperature runs.
  public enum Course: String, Codable, CaseIterable, Sendable {
    /// The temperature stays as it is.
    case constant
    /// The temperature is multiplied by a factor after each interval.
    case exponential
  }

  /// How the temperature runs.
  public var course = Course.constant
  /// The temperature of the first step.
  public var start = 1.0
  /// What the temperature is multiplied by after each interval.
  public var factor = 0.3
  /// The steps between two multiplications.
  public var interval = 100
  /// The least temperature.
  public var floor = 0.01

  /// A constant temperature of 1.
  public init() {}

  /// Creates a schedule.
  public init(course: Course, start: Double, factor: Double = 0.3, interval: Int = 100, floor: Double = 0.01) {
    (self.course, self.start, self.factor, self.interval, self.floor) = (course, start, factor, interval, floor)
  }

  /// The temperature at a step, counted from 0.
  public func temperature(step: Int) -> Double {
    precondition(step >= 0 && interval > 0, "TemperatureSchedule: step \(step), interval \(interval)")
    switch course {
    case .constant: return start
    case .exponential: return max(start * pow(factor, Double(step / interval)), floor)
    }
  }
}
