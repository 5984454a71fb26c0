import Diagnostics
import Foundation

/// Reads the fields of a message of Protocol Buffers.
///
/// Lengths are checked against the message, and messages within are read only where they are asked for, so that no input
/// makes the reader go deep or allocate more than the file has.
struct ProtocolBufferReader {
  /// A field's value.
  enum Value {
    case varint(UInt64)
    case doubleWord(UInt64)
    case bytes(Data)
    case word(UInt32)
  }

  /// A field with its number.
  struct Field {
    let number: Int
    let value: Value
  }

  private let data: Data
  private let place: String
  private var offset: Data.Index

  /// Begins at the first field; errors call the file by `place`.
  init(_ data: Data, place: String) {
    (self.data, self.place) = (data, place)
    offset = data.startIndex
  }

  /// An error about the file.
  func fault(_ what: String) -> UserError {
    UserError(.data, what, at: place, mend: "the file is damaged or of another format; write it again")
  }

  private mutating func varint() throws(UserError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard offset < data.endIndex else { throw fault("ends within a number") }
      let byte = data[offset]
      offset += 1
      guard shift < 63 || byte <= 1 else { throw fault("has a number of over 64 bits") }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw fault("has a number of over 64 bits")
  }

  /// All that is left as whole numbers.
  mutating func varints() throws(UserError) -> [Int] {
    var numbers: [Int] = []
    while offset < data.endIndex { numbers.append(Int(Int64(bitPattern: try varint()))) }
    return numbers
  }

  private mutating func take(_ count: UInt64) throws(UserError) -> Data {
    guard count <= UInt64(data.endIndex - offset) else { throw fault("has a field that ends beyond its message") }
    let end = offset + Int(count)
    defer { offset = end }
    return data[offset..<end]
  }

  private static func word<Word: FixedWidthInteger>(_ bytes: Data, as _: Word.Type) -> Word {
    bytes.reversed().reduce(0) { $0 << 8 | Word($1) }
  }

  /// The next field; nil at the end.
  ///
  /// - Throws: `UserError` where the message is damaged.
  mutating func next() throws(UserError) -> Field? {
    guard offset < data.endIndex else { return nil }
    let key = try varint()
    guard key >> 3 >= 1, key >> 3 < 1 << 29 else { throw fault("has a field of the impossible number \(key >> 3)") }
    let number = Int(key >> 3)
    switch key & 7 {
    case 0: return Field(number: number, value: .varint(try varint()))
    case 1: return Field(number: number, value: .doubleWord(Self.word(try take(8), as: UInt64.self)))
    case 2: return Field(number: number, value: .bytes(try take(try varint())))
    case 5: return Field(number: number, value: .word(Self.word(try take(4), as: UInt32.self)))
    case let type: throw fault("has a field of the unknown type \(type)")
    }
  }

  /// All fields of a message.
  static func fields(of data: Data, place: String) throws(UserError) -> [Field] {
    var reader = ProtocolBufferReader(data, place: place)
    var fields: [Field] = []
    while let field = try reader.next() { fields.append(field) }
    return fields
  }
}

extension ProtocolBufferReader.Field {
  /// The bytes of a text, a message or a list; nil for a number.
  var bytes: Data? {
    if case .bytes(let data) = value { data } else { nil }
  }

  /// A text; nil for anything else.
  var text: String? { bytes.flatMap { String(data: $0, encoding: .utf8) } }

  /// A whole number; nil for anything else.
  var integer: Int? {
    if case .varint(let value) = value { Int(Int64(bitPattern: value)) } else { nil }
  }

  /// A single-precision number; nil for anything else.
  var float: Float? {
    if case .word(let bits) = value { Float(bitPattern: bits) } else { nil }
  }

  /// A number, or a packed list of them, in single precision.
  func floats(place: String) throws(UserError) -> [Float] {
    if let float { return [float] }
    guard let bytes, bytes.count % 4 == 0 else {
      throw ProtocolBufferReader(Data(), place: place).fault("has a list of numbers that is cut off")
    }
    return Data(bytes).withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: 4).map { Float(bitPattern: raw.littleEndian(at: $0, as: UInt32.self)) }
    }
  }

  /// A whole number, or a packed list of them.
  func integers(place: String) throws(UserError) -> [Int] {
    if let integer { return [integer] }
    var reader = ProtocolBufferReader(bytes ?? Data(), place: place)
    return try reader.varints()
  }

  /// A double-precision number; nil for anything else.
  var double: Double? {
    if case .doubleWord(let bits) = value { Double(bitPattern: bits) } else { nil }
  }
}
