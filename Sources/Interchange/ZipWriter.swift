import CZlib
import Diagnostics
import Foundation

/// Writes a zip archive of stored or deflated entries.
struct ZipWriter {
  private var body = Data()
  private var directory = Data()
  private var count = 0
  /// Whether entries are deflated where that makes them smaller.
  let isDeflated: Bool

  init(isDeflated: Bool = false) { self.isDeflated = isDeflated }

  /// 1 January 1980, the earliest date the format has; a fixed one keeps equal content equal bytes.
  private static let date: UInt16 = 1 << 5 | 1

  /// Appends an entry.
  mutating func append(_ content: Data, name: String) throws(UserError) {
    guard content.count + body.count + directory.count < Int(UInt32.max) - 65_536, count < Int(UInt16.max) else {
      throw UserError(
        .data, "these arrays are too many or too large for an npz archive", at: name,
        mend: "split them or write safetensors")
    }
    precondition(name.utf8.count <= UInt16.max, "ZipWriter: a name of \(name.utf8.count) bytes")
    let offset = UInt32(body.count)
    let packed = isDeflated ? Self.deflated(content) : nil
    let fields = commonFields(content, packed: packed, name: name)
    body.append(littleEndian: UInt32(0x0403_4B50))
    body.append(fields)
    body.append(contentsOf: name.utf8)
    body.append(packed ?? content)

    directory.append(littleEndian: UInt32(0x0201_4B50))
    directory.append(littleEndian: UInt16(20))
    directory.append(fields)
    for _ in 0..<3 { directory.append(littleEndian: UInt16(0)) }
    directory.append(littleEndian: UInt32(0))
    directory.append(littleEndian: offset)
    directory.append(contentsOf: name.utf8)
    count += 1
  }

  /// The archive with its directory.
  func finished() throws(UserError) -> Data {
    var result = body
    result.append(directory)
    result.append(littleEndian: UInt32(0x0605_4B50))
    for number in [0, 0, count, count] { result.append(littleEndian: UInt16(number)) }
    result.append(littleEndian: UInt32(directory.count))
    result.append(littleEndian: UInt32(body.count))
    result.append(littleEndian: UInt16(0))
    return result
  }

  /// The fields that an entry's own header and the directory's have in common.
  private func commonFields(_ content: Data, packed: Data?, name: String) -> Data {
    let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
    var fields = Data()
    for number in [20, isASCII ? 0 : 0x800, packed == nil ? 0 : 8, 0, Self.date] as [UInt16] {
      fields.append(littleEndian: number)
    }
    fields.append(littleEndian: checksum(content))
    fields.append(littleEndian: UInt32(packed?.count ?? content.count))
    fields.append(littleEndian: UInt32(content.count))
    fields.append(littleEndian: UInt16(name.utf8.count))
    fields.append(littleEndian: UInt16(0))
    return fields
  }

  /// The content as raw deflate of the highest level; nil where that is not smaller.
  private static func deflated(_ content: Data) -> Data? {
    var stream = z_stream()
    let (raw, memory): (Int32, Int32) = (-15, 9)
    guard
      deflateInit2_(
        &stream, Z_BEST_COMPRESSION, Z_DEFLATED, raw, memory, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return nil }
    defer { deflateEnd(&stream) }
    var packed = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(content.count))))
    var source = [UInt8](content)
    let state = source.withUnsafeMutableBufferPointer { source in
      packed.withUnsafeMutableBufferPointer { packed in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = packed.baseAddress
        stream.avail_out = UInt32(packed.count)
        return deflate(&stream, Z_FINISH)
      }
    }
    let count = packed.count - Int(stream.avail_out)
    return state == Z_STREAM_END && count < content.count ? Data(packed[..<count]) : nil
  }
}

/// The CRC-32 of some bytes.
func checksum(_ data: Data) -> UInt32 {
  data.withUnsafeBytes { UInt32(crc32_z(0, $0.bindMemory(to: UInt8.self).baseAddress, $0.count)) }
}
