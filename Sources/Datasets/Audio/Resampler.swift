import Foundation

/// Brings a signal to another sample rate by a windowed sinc.
///
/// With the lower rate's share `f = min(1, to / from)`, a margin of a tenth for the filter's slope, and a Kaiser window
/// w of β = 9 over 16 zero crossings at each side:
///
///     y[n] = Σ_k x[k] · 0.9 f · sinc(0.9 f (t − k)) · w(0.9 f (t − k) / 16),   t = n · from / to
///
/// The window's sidelobes lie 90 dB below. The kernel is read from a table by linear interpolation.
public struct Resampler: Sendable {
  private static let crossings = 16
  private static let steps = 512
  private static let table: [Float] = {
    func bessel(_ x: Double) -> Double {
      var (sum, term) = (1.0, 1.0)
      var k = 1.0
      while term > 1e-12 * sum {
        term *= (x / (2 * k)) * (x / (2 * k))
        sum += term
        k += 1
      }
      return sum
    }
    return (0...crossings * steps + 1).map { index in
      let x = Double(index) / Double(steps)
      let share = x / Double(crossings)
      guard share < 1 else { return 0 }
      let sinc = x == 0 ? 1 : sin(Double.pi * x) / (Double.pi * x)
      return Float(sinc * bessel(9 * (1 - share * share).squareRoot()) / bessel(9))
    }
  }()

  /// The rate of what is given.
  public let source: Int
  /// The rate of the result.
  public let target: Int

  /// Prepares the way from one rate to another.
  public init(from source: Int, to target: Int) {
    precondition(source > 0 && target > 0, "Resampler: rates \(source) and \(target)")
    self.source = source
    self.target = target
  }

  /// The signal at the new rate, `⌈count · to / from⌉` samples; silence stands before and after it.
  public func callAsFunction(_ signal: [Float]) -> [Float] {
    guard source != target, !signal.isEmpty else { return signal }
    let count = (signal.count * target + source - 1) / source
    let cutoff = 0.9 * min(1, Double(target) / Double(source))
    let reach = Double(Self.crossings) / cutoff
    return Self.table.withUnsafeBufferPointer { table in
      signal.withUnsafeBufferPointer { signal in
        (0..<count).map { index in
          // The whole part is taken in whole numbers, so that long recordings lose no precision.
          let (whole, rest) = (index * source).quotientAndRemainder(dividingBy: target)
          let fraction = Double(rest) / Double(target)
          let first = max(0, whole - Int(reach))
          let last = min(signal.count - 1, whole + Int(reach) + 1)
          var sum = Float(0)
          guard first <= last else { return 0 }
          for k in first...last {
            let place = abs(Double(whole - k) + fraction) * cutoff * Double(Self.steps)
            let cell = Int(place)
            guard cell < Self.crossings * Self.steps else { continue }
            let share = Float(place - Double(cell))
            sum += signal[k] * (table[cell] + share * (table[cell + 1] - table[cell]))
          }
          return sum * Float(cutoff)
        }
      }
    }
  }
}
