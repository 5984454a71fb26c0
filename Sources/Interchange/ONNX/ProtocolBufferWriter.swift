import Foundation

/// Writes the fields of a message of Protocol Buffers.
struct ProtocolBufferWriter {
  /// The bytes so far.
  private(set) var data = Data()

  private enum WireType: UInt64 {
    case varint = 0
    case doubleWord = 1
    case bytes = 2
    case word = 5
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      data.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    data.append(UInt8(rest))
  }

  private mutating func key(_ field: Int, _ type: WireType) { varint(UInt64(field) << 3 | type.rawValue) }

  /// A whole number; negative ones take ten bytes.
  mutating func integer(_ field: Int, _ value: Int) {
    key(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// A single-precision number.
  mutating func float(_ field: Int, _ value: Float) {
    key(field, .word)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
  }

  /// A double-precision number.
  mutating func double(_ field: Int, _ value: Double) {
    key(field, .doubleWord)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
  }

  /// A text.
  mutating func text(_ field: Int, _ value: String) { bytes(field, Data(value.utf8)) }

  /// Bytes, or a message that is written already.
  mutating func bytes(_ field: Int, _ value: Data) {
    key(field, .bytes)
    varint(UInt64(value.count))
    data.append(value)
  }

  /// A message within.
  mutating func message(_ field: Int, _ write: (inout ProtocolBufferWriter) -> Void) {
    var inner = ProtocolBufferWriter()
    write(&inner)
    bytes(field, inner.data)
  }
}
