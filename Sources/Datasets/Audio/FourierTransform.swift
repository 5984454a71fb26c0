import Foundation

/// The discrete Fourier transform of a fixed power-of-two length, radix 2, decimation in time.
///
///     X[k] = Σ_n x[n] exp(−2πi k n / N)
public struct FourierTransform: Sendable {
  /// The number of points N.
  public let length: Int
  private let cosines: [Float]
  private let sines: [Float]
  private let reversed: [Int]

  /// Prepares the transform of `length` points, a power of two.
  public init(length: Int) {
    precondition(
      length > 1 && length & (length - 1) == 0, "FourierTransform: the length must be a power of two, not \(length)")
    self.length = length
    cosines = (0..<length / 2).map { Float(cos(2 * Double.pi * Double($0) / Double(length))) }
    sines = (0..<length / 2).map { Float(-sin(2 * Double.pi * Double($0) / Double(length))) }
    let bits = length.trailingZeroBitCount
    reversed = (0..<length).map { index in
      (0..<bits).reduce(0) { $0 << 1 | (index >> $1) & 1 }
    }
  }

  /// Transforms complex numbers in place; both parts have `length` numbers.
  public func transform(real: inout [Float], imaginary: inout [Float]) {
    precondition(
      real.count == length && imaginary.count == length,
      "FourierTransform: \(real.count) and \(imaginary.count) numbers instead of \(length)")
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        for i in 0..<length where reversed[i] > i {
          real.swapAt(i, reversed[i])
          imaginary.swapAt(i, reversed[i])
        }
        cosines.withUnsafeBufferPointer { cosines in
          sines.withUnsafeBufferPointer { sines in
            butterflies(real, imaginary, cosines, sines)
          }
        }
      }
    }
  }

  private func butterflies(
    _ real: UnsafeMutableBufferPointer<Float>, _ imaginary: UnsafeMutableBufferPointer<Float>,
    _ cosines: UnsafeBufferPointer<Float>, _ sines: UnsafeBufferPointer<Float>
  ) {
    var half = 1
    while half < length {
      let step = length / (2 * half)
      for start in stride(from: 0, to: length, by: 2 * half) {
        for k in 0..<half {
          let (c, s) = (cosines[k &* step], sines[k &* step])
          let (upper, lower) = (start &+ k, start &+ k &+ half)
          let re = real[lower] * c - imaginary[lower] * s
          let im = real[lower] * s + imaginary[lower] * c
          real[lower] = real[upper] - re
          imaginary[lower] = imaginary[upper] - im
          real[upper] += re
          imaginary[upper] += im
        }
      }
      half *= 2
    }
  }
}
