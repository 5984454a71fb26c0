import CZlib
import Diagnostics
import Foundation

/// Writes a zip archive of stored entries.
struct ZipWriter {
  private var body = Data()
  private var directory = Data()
  private var count = 0

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
    let fields = commonFields(content, name: name)
    body.append(littleEndian: UInt32(0x0403_4B50))
    body.append(fields)
    body.append(contentsOf: name.utf8)
    body.append(content)

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
  private func commonFields(_ content: Data, name: String) -> Data {
    let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
    var fields = Data()
    for number in [20, isASCII ? 0 : 0x800, 0, 0, Self.date] as [UInt16] { fields.append(littleEndian: number) }
    fields.append(littleEndian: checksum(content))
    fields.append(littleEndian: UInt32(content.count))
    fields.append(littleEndian: UInt32(content.count))
    fields.append(littleEndian: UInt16(name.utf8.count))
    fields.append(littleEndian: UInt16(0))
    return fields
  }
}

/// The CRC-32 of some bytes.
func checksum(_ data: Data) -> UInt32 {
  data.withUnsafeBytes { UInt32(crc32_z(0, $0.bindMemory(to: UInt8.self).baseAddress, $0.count)) }
}
