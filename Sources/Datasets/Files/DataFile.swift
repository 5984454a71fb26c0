import CZlib
import Diagnostics
import Foundation

/// Whole files, read into memory and, where they are gzip, inflated.
public enum DataFile {
  /// The bytes of a file; one that begins as gzip does is inflated.
  ///
  /// - Parameter limit: the most bytes the content may have.
  /// - Throws: `UserError` where the file cannot be read, is larger, or is damaged.
  public static func contents(of file: URL, limit: Int = 1 << 28) throws(UserError) -> [UInt8] {
    let bytes = [UInt8](try RegularFile.contents(of: file, limit: limit))
    guard bytes.starts(with: [0x1f, 0x8b]) else { return bytes }
    return try inflate(bytes, limit: limit, place: file.path)
  }

  /// Inflates all members of a gzip file, one after another.
  private static func inflate(_ bytes: [UInt8], limit: Int, place: String) throws(UserError) -> [UInt8] {
    // gzip's last four bytes are the size modulo 2³²: a hint, believed as far as files of numbers shrink.
    let hint = bytes.count < 18 ? 0 : bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    var output = [UInt8](repeating: 0, count: min(max(min(hint, 16 * bytes.count), 1024), limit) + 1)
    var input = bytes
    var stream = z_stream()
    guard concord_inflate_begin(&stream) == Z_OK else {
      throw UserError(.inputOutput, "zlib cannot start", at: place)
    }
    defer { inflateEnd(&stream) }
    var consumed = 0
    var produced = 0
    var status = Z_OK
    while status == Z_OK || status == Z_STREAM_END && consumed < input.count {
      if status == Z_STREAM_END {
        guard input[consumed...].starts(with: [0x1f, 0x8b]), inflateReset(&stream) == Z_OK else {
          throw UserError(.data, "bytes follow the end of the gzip stream", at: place, mend: "fetch the file again")
        }
      }
      if produced == output.count {
        guard output.count <= limit else {
          throw UserError(.data, "inflates to more than the \(limit) bytes such a file can have", at: place)
        }
        output.append(contentsOf: repeatElement(0, count: min(output.count, limit + 1 - output.count)))
      }
      let (available, room) = (input.count - consumed, output.count - produced)
      status = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
          stream.next_in = input.baseAddress! + consumed
          stream.avail_in = UInt32(available)
          stream.next_out = output.baseAddress! + produced
          stream.avail_out = UInt32(room)
          return CZlib.inflate(&stream, Z_NO_FLUSH)
        }
      }
      consumed += available - Int(stream.avail_in)
      produced += room - Int(stream.avail_out)
    }
    guard status == Z_STREAM_END, produced <= limit else {
      throw UserError(.data, "the gzip stream is damaged or cut short", at: place, mend: "fetch the file again")
    }
    output.removeLast(output.count - produced)
    return output
  }
}
