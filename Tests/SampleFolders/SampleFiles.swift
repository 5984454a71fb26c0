import CSampleJPEG
import CSndFile
import Foundation

/// Files of pictures and sounds, made for tests.
public enum SampleFiles {
  /// A JPEG of grey (1 channel), RGB (3) or inverted inks (4).
  public static func jpeg(
    width: Int, height: Int, channels: Int = 3, pixels: [UInt8], isProgressive: Bool = false, orientation: Int = 0
  ) -> Data {
    precondition(pixels.count == width * height * channels, "SampleFiles.jpeg: \(pixels.count) bytes")
    var count = 0
    let bytes = sample_jpeg(
      pixels, Int32(width), Int32(height), Int32(channels), isProgressive ? 1 : 0, Int32(orientation), &count)
    defer { free(bytes) }
    return Data(bytes: bytes, count: count)
  }

  /// The form of a recording.
  public enum SoundFormat: Sendable {
    /// WAV of 16-bit samples.
    case wav
    /// WAV of 32-bit floating-point samples.
    case floatWav
    /// FLAC of 16-bit samples.
    case flac
    /// Vorbis in Ogg.
    case vorbis
    /// Opus in Ogg; the rate is one of its own, such as 48000.
    case opus
  }

  /// Writes a recording; samples of several channels are interleaved.
  public static func writeSound(
    _ samples: [Float], to url: URL, rate: Int, channels: Int = 1, format: SoundFormat = .wav
  ) throws {
    var information = SF_INFO()
    information.samplerate = Int32(rate)
    information.channels = Int32(channels)
    information.format =
      switch format {
      case .wav: Int32(SF_FORMAT_WAV | SF_FORMAT_PCM_16)
      case .floatWav: Int32(SF_FORMAT_WAV | SF_FORMAT_FLOAT)
      case .flac: Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
      case .vorbis: Int32(SF_FORMAT_OGG | SF_FORMAT_VORBIS)
      case .opus: Int32(SF_FORMAT_OGG | SF_FORMAT_OPUS)
      }
    guard let handle = sf_open(url.path, Int32(SFM_WRITE), &information) else { throw CocoaError(.fileWriteUnknown) }
    defer { sf_close(handle) }
    let frames = sf_count_t(samples.count / channels)
    guard sf_writef_float(handle, samples, frames) == frames else { throw CocoaError(.fileWriteUnknown) }
  }

  /// A tone of one channel.
  public static func tone(frequency: Double, rate: Int, seconds: Double) -> [Float] {
    (0..<Int(seconds * Double(rate))).map { Float(0.5 * sin(2 * .pi * frequency * Double($0) / Double(rate))) }
  }
}
