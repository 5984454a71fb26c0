import Diagnostics

/// A place in the text header of a file of arrays, with what both headers' grammars share.
struct HeaderCursor {
  /// The header's bytes.
  let bytes: [UInt8]
  /// The file's name, for errors.
  let place: String
  /// The next byte.
  private(set) var position = 0

  init(_ bytes: [UInt8], place: String) {
    self.bytes = bytes
    self.place = place
  }

  /// The next byte that is not white space, without taking it.
  mutating func peek() -> UInt8? {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  /// Takes the next byte that is not white space if it is this character.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Takes this character or fails.
  mutating func expect(_ character: Unicode.Scalar) throws(UserError) {
    if !take(character) { throw fault("header is malformed: '\(character)' expected at byte \(position)") }
  }

  /// Takes a word of letters; empty where there is none.
  mutating func word() -> String {
    _ = peek()
    let start = position
    while position < bytes.count, isLetter(bytes[position]) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// Takes a whole number that is not negative.
  mutating func count() throws(UserError) -> Int {
    _ = peek()
    let start = position
    if position < bytes.count, bytes[position] == UInt8(ascii: "-") { throw fault("header has a negative number") }
    while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
    if position > start + 1, bytes[start] == UInt8(ascii: "0") { throw fault("header has a number with a leading 0") }
    guard let value = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw fault(
        position == start ? "header is malformed: number expected at byte \(start)" : "header has a number too large")
    }
    return value
  }

  /// Takes a string in the given quotes, with JSON's escapes.
  mutating func string(quote: Unicode.Scalar = "\"") throws(UserError) -> String {
    try expect(quote)
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: quote):
        guard let result = String(validating: text, as: UTF8.self) else { throw fault("header is not UTF-8") }
        return result
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<0x20: throw fault("header has a control character in a string")
      default: text.append(byte)
      }
    }
    throw fault("header ends inside a string")
  }

  /// An error of the file.
  func fault(_ what: String) -> UserError {
    UserError(.data, what, at: place, mend: "the file is damaged or of another format; write it again")
  }

  /// The UTF-8 of what follows a backslash.
  private mutating func escape() throws(UserError) -> [UInt8] {
    guard position < bytes.count else { throw fault("header ends inside a string") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "'"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): break
    default: throw fault("header has an unknown escape at byte \(position - 1)")
    }
    var code = try fourDigits()
    if (0xD800..<0xDC00).contains(code), bytes[position...].starts(with: "\\u".utf8) {
      position += 2
      let low = try fourDigits()
      if (0xDC00..<0xE000).contains(low) { code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00) }
    }
    guard let scalar = Unicode.Scalar(code) else { throw fault("header has half a surrogate pair") }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func fourDigits() throws(UserError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ isHexadecimal($0) }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("header has an unknown escape at byte \(position)") }
    position += 4
    return value
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private func isHexadecimal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }
}
