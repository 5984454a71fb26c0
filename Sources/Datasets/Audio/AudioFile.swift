import CSndFile
import Diagnostics
import Foundation

/// A recording read from a file of any form that libsndfile knows, such as WAV, FLAC, Ogg Vorbis, Ogg Opus and MP3, its
/// channels mixed down to one.
public struct AudioFile: Equatable, Sendable {
  /// The samples a second.
  public let sampleRate: Int
  /// The number of channels of the file.
  public let channels: Int
  /// The samples, the mean of the channels, in −1…1 for files of whole numbers.
  public let samples: [Float]

  /// The longest recording that is read, in seconds.
  public static let mostSeconds = 600

  /// Decodes a recording; it is read in blocks, so that memory grows with what there is, not with what a header claims.
  ///
  /// - Throws: `UserError` where libsndfile does not know its form, which is named by its content, or where it is damaged,
  ///   empty or longer than `mostSeconds`, or has a sample that is not a finite number.
  public init(_ bytes: [UInt8], place: String) throws(UserError) {
    let source = MemorySource(bytes)
    var callbacks = MemorySource.callbacks
    var information = SF_INFO()
    let handle = sf_open_virtual(
      &callbacks, Int32(SFM_READ), &information, Unmanaged.passUnretained(source).toOpaque())
    guard let handle else { throw Self.unknown(bytes, place: place) }
    defer { withExtendedLifetime(source) { _ = sf_close(handle) } }
    let type = Int(information.format) & SF_FORMAT_TYPEMASK
    let (rate, channels) = (Int(information.samplerate), Int(information.channels))
    guard (1000...768_000).contains(rate), (1...64).contains(channels) else {
      throw UserError(
        .data, "\(channels) channels at \(rate) Hz; 1 to 64 at 1000 to 768000 Hz can be read", at: place)
    }
    var samples: [Float] = []
    var block = [Float](repeating: 0, count: 4096 * channels)
    while true {
      let frames = Int(sf_readf_float(handle, &block, 4096))
      guard frames > 0 else { break }
      guard samples.count + frames <= rate * Self.mostSeconds else {
        throw UserError(
          .data, "longer than \(Self.mostSeconds) s", at: place, mend: "cut it into shorter recordings")
      }
      for frame in 0..<frames {
        var sum = Float(0)
        for channel in 0..<channels { sum += block[frame * channels + channel] }
        guard sum.isFinite else {
          throw UserError(
            .data, "sample \(samples.count) is not a finite number", at: place, mend: "replace or remove it")
        }
        samples.append(sum / Float(channels))
      }
    }
    // A stream that was written to a pipe does not say how long it is, and of MP3 the length is a guess.
    let isWhole =
      information.frames <= samples.count || information.frames == .max || type == SF_FORMAT_MPEG
    guard sf_error(handle) == SF_ERR_NO_ERROR, isWhole, !Self.isCutShort(bytes) else {
      throw UserError(.data, "the recording is damaged or cut short", at: place, mend: "replace or remove it")
    }
    guard !samples.isEmpty else {
      throw UserError(.data, "the recording has no samples", at: place, mend: "replace or remove it")
    }
    sampleRate = rate
    self.channels = channels
    self.samples = samples
  }

  /// The forms that libsndfile can read here, for messages; MP3 and Opus depend on how the library was built.
  public static let supported: String = {
    func formats(_ count: Int, _ get: Int) -> [Int] {
      var number: Int32 = 0
      _ = sf_command(nil, Int32(count), &number, Int32(MemoryLayout<Int32>.size))
      return (0..<max(0, number)).map { index in
        var information = SF_FORMAT_INFO()
        information.format = index
        _ = sf_command(nil, Int32(get), &information, Int32(MemoryLayout<SF_FORMAT_INFO>.size))
        return Int(information.format)
      }
    }
    let forms = formats(SFC_GET_FORMAT_MAJOR_COUNT, SFC_GET_FORMAT_MAJOR).map { $0 & SF_FORMAT_TYPEMASK }
    let codecs = formats(SFC_GET_FORMAT_SUBTYPE_COUNT, SFC_GET_FORMAT_SUBTYPE).map { $0 & SF_FORMAT_SUBMASK }
    return [
      ("WAV", forms.contains(SF_FORMAT_WAV)), ("FLAC", forms.contains(SF_FORMAT_FLAC)),
      ("AIFF", forms.contains(SF_FORMAT_AIFF)), ("Ogg Vorbis", codecs.contains(SF_FORMAT_VORBIS)),
      ("Ogg Opus", codecs.contains(SF_FORMAT_OPUS)), ("MP3", forms.contains(SF_FORMAT_MPEG)),
    ].filter(\.1).map(\.0).joined(separator: ", ")
  }()

  /// What to say of bytes that libsndfile does not open.
  private static func unknown(_ bytes: [UInt8], place: String) -> UserError {
    let name = FileContent.name(of: bytes)
    guard let name else {
      return UserError(
        .data, "not a recording that libsndfile knows", at: place, mend: "save it as one of \(supported)")
    }
    let isKnown = supported.components(separatedBy: ", ").contains(name)
    return UserError(
      .data, isKnown ? "the \(name) is damaged" : "not a recording that libsndfile knows, but \(name)", at: place,
      mend: isKnown ? "replace or remove it" : "save it as one of \(supported)")
  }

  /// Whether a file is shorter than it says, which libsndfile lets pass: a RIFF file or its samples, or a page of Ogg.
  private static func isCutShort(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: "OggS".utf8) { return endsWithinOggPage(bytes) }
    guard bytes.count >= 8, bytes.starts(with: "RIFF".utf8) else { return false }
    let isStream = bytes[4..<8].allSatisfy { $0 == 0xff }
    return !isStream && WaveFile.chunkFault(in: bytes) != nil
  }

  /// Whether a file ends within a page of Ogg (RFC 3533): 27 bytes, the last of them the number of segments, a length of each
  /// segment, and the segments.
  private static func endsWithinOggPage(_ bytes: [UInt8]) -> Bool {
    var position = 0
    while position < bytes.count {
      guard position + 27 <= bytes.count, bytes[position...].starts(with: "OggS".utf8) else {
        // What follows the last page and is no page was not cut.
        return position + 27 > bytes.count
          && bytes[position...].starts(with: "OggS".utf8.prefix(bytes.count - position))
      }
      let segments = Int(bytes[position + 26])
      guard position + 27 + segments <= bytes.count else { return true }
      let size = bytes[(position + 27)..<(position + 27 + segments)].reduce(0) { $0 + Int($1) }
      position += 27 + segments + size
    }
    return position > bytes.count
  }

  /// The samples at another rate, see ``Resampler``.
  public func samples(at rate: Int) -> [Float] {
    Resampler(from: sampleRate, to: rate)(samples)
  }
}

/// Bytes in memory that libsndfile reads like a file.
private final class MemorySource {
  let bytes: [UInt8]
  var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static var callbacks: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { context in sf_count_t(memorySource(context)?.bytes.count ?? 0) },
      seek: { offset, origin, context in
        guard let source = memorySource(context) else { return -1 }
        let base =
          switch origin {
          case SEEK_CUR: source.position
          case SEEK_END: source.bytes.count
          default: 0
          }
        let (target, overflow) = base.addingReportingOverflow(Int(offset))
        guard !overflow, (0...source.bytes.count).contains(target) else { return -1 }
        source.position = target
        return sf_count_t(target)
      },
      read: { target, count, context in
        guard let source = memorySource(context), let target else { return 0 }
        let part = max(0, min(Int(count), source.bytes.count - source.position))
        source.bytes.withUnsafeBytes { bytes in
          guard part > 0, let base = bytes.baseAddress else { return }
          target.copyMemory(from: base + source.position, byteCount: part)
        }
        source.position += part
        return sf_count_t(part)
      },
      write: { _, _, _ in 0 },
      tell: { context in sf_count_t(memorySource(context)?.position ?? 0) })
  }
}

private func memorySource(_ context: UnsafeMutableRawPointer?) -> MemorySource? {
  context.map { Unmanaged<MemorySource>.fromOpaque($0).takeUnretainedValue() }
}
