import Foundation

/// What three receivers hear of a tone at the tip of a pendulum, which moves: its frequency by the Doppler effect, and its
/// amplitude, which falls with the square of the distance.
///
/// In (height, left) the tip is at p = (cos θ, sin θ) and moves by v = ω (−sin θ, cos θ). With d = R − p for a receiver at R
///
///     f = 440 · 20 / (20 − v · d / |d|),   amplitude = 1 / |d|²
public struct DopplerSound: Equatable, Sendable {
  /// Where the receivers are, in (height, left): left bottom, right bottom, middle top.
  public static let receivers: [(height: Double, left: Double)] = [(-2.2, 2.2), (-2.2, -2.2), (2.2, 0)]
  /// The frequencies that can be heard: those of a tip that comes or goes with the greatest velocity.
  public static let frequencies = 8800.0 / 28...8800.0 / 12
  /// The amplitudes that can be heard: those of the greatest and the least distance.
  public static let amplitudes = 1 / pow(2.2 * 2.0.squareRoot() + 1, 2)...1 / 1.44

  /// f of each receiver, in hertz.
  public let frequencies: [Double]
  /// The amplitude of each receiver.
  public let amplitudes: [Double]

  /// Hears a pendulum.
  public init(_ pendulum: Pendulum) {
    let tip = (height: cos(pendulum.angle), left: sin(pendulum.angle))
    let (up, left) = (-pendulum.velocity * tip.left, pendulum.velocity * tip.height)
    var (frequencies, amplitudes): ([Double], [Double]) = ([], [])
    for receiver in Self.receivers {
      let (height, side) = (receiver.height - tip.height, receiver.left - tip.left)
      let square = height * height + side * side
      frequencies.append(440 * 20 / (20 - (up * height + left * side) / square.squareRoot()))
      amplitudes.append(1 / square)
    }
    (self.frequencies, self.amplitudes) = (frequencies, amplitudes)
  }

  /// How frequencies and amplitudes are scaled.
  public enum Scaling: String, Codable, CaseIterable, Sendable {
    /// By the least and greatest that there are, one for all frequencies and one for all amplitudes, to 0…1, as the
    /// official code does. The order is f, a of each receiver.
    case range
    /// 4 ln(f / 440) and ln a + 1.9, about as wide as each other. The order is f of all receivers, then a.
    case logarithm
  }

  /// The six numbers as an encoder takes them.
  public func scaled(_ scaling: Scaling) -> [Float] {
    switch scaling {
    case .range:
      func share(_ value: Double, _ range: ClosedRange<Double>) -> Float {
        Float((value - range.lowerBound) / (range.upperBound - range.lowerBound))
      }
      return zip(frequencies, amplitudes).flatMap {
        [share($0, Self.frequencies), share($1, Self.amplitudes)]
      }
    case .logarithm: return frequencies.map { Float(4 * log($0 / 440)) } + amplitudes.map { Float(log($0) + 1.9) }
    }
  }
}
