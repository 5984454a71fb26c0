import Foundation

extension RandomStream {
  /// A number from the standard normal distribution (Box–Muller, two draws of the stream).
  public mutating func normal() -> Float {
    let radius = (-2 * log(1 - Double(next() >> 11) * 0x1p-53)).squareRoot()
    let angle = 2 * Double.pi * Double(next() >> 11) * 0x1p-53
    return Float(radius * cos(angle))
  }
}
