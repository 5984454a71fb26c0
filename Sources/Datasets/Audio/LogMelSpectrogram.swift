import Foundation

/// The logarithmic mel spectrogram of a whole recording on a fixed number of frames.
///
/// The recording is scaled to a root mean square of 1 (loudness is left out). Frame `i` of `frames` is the Hann window
/// of `windowLength` samples that begins at `i · (n − windowLength) / (frames − 1)`, rounded, so the frames span the
/// recording whatever its length; a shorter recording is padded with silence. With the window w, the band b's triangle
/// m_b on the mel scale `2595 log10(1 + f / 700)` from 0 to half the sample rate, and X the padded transform:
///
///     S[i, b] = ln(10⁻⁵ + Σ_k m_b[k] |X_i[k]|² / Σ w²)
public struct LogMelSpectrogram: Sendable {
  /// The number of frames.
  public let frames: Int
  /// The number of mel bands.
  public let bands: Int
  /// The length of the window in samples.
  public let windowLength: Int

  private let window: [Float]
  private let fourier: FourierTransform
  private let firstBin: [Int]
  private let weights: [[Float]]

  /// Prepares windows and filters.
  public init(
    sampleRate: Int = 8000, frames: Int = 32, bands: Int = 128, windowLength: Int = 400, transformLength: Int = 1024
  ) {
    precondition(
      frames > 1 && bands > 0 && windowLength > 1 && windowLength <= transformLength,
      "LogMelSpectrogram: \(frames) frames, \(bands) bands, window \(windowLength), transform \(transformLength)")
    self.frames = frames
    self.bands = bands
    self.windowLength = windowLength
    fourier = FourierTransform(length: transformLength)
    let hann = (0..<windowLength).map { (sample: Int) -> Double in
      0.5 - 0.5 * cos(2 * Double.pi * (Double(sample) + 0.5) / Double(windowLength))
    }
    let norm = hann.reduce(0) { $0 + $1 * $1 }.squareRoot()
    window = hann.map { Float($0 / norm) }

    let top = 2595 * log10(1 + Double(sampleRate) / 2 / 700)
    let edges = (0...bands + 1).map { 700 * (pow(10, top * Double($0) / Double(bands + 1) / 2595) - 1) }
    var first: [Int] = []
    var filters: [[Float]] = []
    for band in 0..<bands {
      let (low, peak, high) = (edges[band], edges[band + 1], edges[band + 2])
      let filter = (0...transformLength / 2).map { bin in
        let frequency = Double(bin) * Double(sampleRate) / Double(transformLength)
        return Float(max(0, min((frequency - low) / (peak - low), (high - frequency) / (high - peak))))
      }
      let start = filter.firstIndex { $0 > 0 } ?? 0
      let end = filter.lastIndex { $0 > 0 } ?? -1
      first.append(start)
      filters.append(end < start ? [] : Array(filter[start...end]))
    }
    firstBin = first
    weights = filters
  }

  /// The spectrogram of a recording, `[frames, bands]`.
  public func spectrogram(of samples: [Float]) -> [Float] {
    var recording = samples
    if recording.count < windowLength {
      recording.append(contentsOf: repeatElement(0, count: windowLength - recording.count))
    }
    let power = samples.reduce(Float(0)) { $0 + $1 * $1 } / Float(max(1, samples.count))
    let scale = power > 0 ? 1 / power.squareRoot() : 0
    var result = [Float](repeating: 0, count: frames * bands)
    var real = [Float](repeating: 0, count: fourier.length)
    var imaginary = real

    func start(_ frame: Int) -> Int {
      Int((Double(frame) * Double(recording.count - windowLength) / Double(frames - 1)).rounded())
    }
    // Two real frames share one complex transform: Z = A + iB gives A and B by Hermitian symmetry.
    for frame in stride(from: 0, to: frames, by: 2) {
      let second = min(frame + 1, frames - 1)
      let (a, b) = (start(frame), start(second))
      for i in 0..<windowLength {
        real[i] = recording[a + i] * window[i] * scale
        imaginary[i] = recording[b + i] * window[i] * scale
      }
      for i in windowLength..<fourier.length {
        real[i] = 0
        imaginary[i] = 0
      }
      fourier.transform(real: &real, imaginary: &imaginary)
      for band in 0..<bands {
        var (first, other) = (Float(0), Float(0))
        for (offset, weight) in weights[band].enumerated() {
          let k = firstBin[band] + offset
          let mirror = (fourier.length - k) & (fourier.length - 1)
          let (ar, ai) = ((real[k] + real[mirror]) / 2, (imaginary[k] - imaginary[mirror]) / 2)
          let (br, bi) = ((imaginary[k] + imaginary[mirror]) / 2, (real[mirror] - real[k]) / 2)
          first += weight * (ar * ar + ai * ai)
          other += weight * (br * br + bi * bi)
        }
        result[second * bands + band] = log(1e-5 + other)
        result[frame * bands + band] = log(1e-5 + first)
      }
    }
    return result
  }
}
