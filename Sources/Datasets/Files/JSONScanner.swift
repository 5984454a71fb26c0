import Diagnostics

/// Reads JSON piece by piece, so that of a file of hundreds of megabytes only what is wanted is kept.
///
/// What is skipped must have strings that end and brackets that match; the rest of it is not looked at.
struct JSONScanner {
  private let bytes: [UInt8]
  private let source: String
  private var position = 0
  private static let deepest = 512

  /// Begins at the first byte.
  init(_ bytes: [UInt8], source: String) { (self.bytes, self.source) = (bytes, source) }

  /// Reads an object; `member` must read or skip the value of each key.
  mutating func object(
    _ member: (inout JSONScanner, String) throws(UserError) -> Void
  ) throws(UserError) {
    try expect(UInt8(ascii: "{"), "an object")
    if try take(UInt8(ascii: "}")) { return }
    repeat {
      let key = try string()
      try expect(UInt8(ascii: ":"), "a colon")
      try member(&self, key)
    } while try take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"), "a comma or the end of the object")
  }

  /// Reads a list; `element` must read or skip each value.
  mutating func list(_ element: (inout JSONScanner) throws(UserError) -> Void) throws(UserError) {
    try expect(UInt8(ascii: "["), "a list")
    if try take(UInt8(ascii: "]")) { return }
    repeat { try element(&self) } while try take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"), "a comma or the end of the list")
  }

  /// Reads a text.
  mutating func string() throws(UserError) -> String {
    try expect(UInt8(ascii: "\""), "a text")
    var text: [UInt8] = []
    while true {
      guard position < bytes.count else { throw cut }
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: text, as: UTF8.self) else { throw fault("a text that is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): text += try escaped()
      default: text.append(byte)
      }
    }
  }

  /// Reads a whole number.
  mutating func integer() throws(UserError) -> Int {
    try skipSpace()
    let start = position
    while position < bytes.count, bytes[position] == UInt8(ascii: "-") || isDigit(bytes[position]) { position += 1 }
    guard position < bytes.count else { throw cut }
    guard let number = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      position = start
      throw fault("no whole number where one should be")
    }
    return number
  }

  /// Reads `true` or `false`; nil for `null`.
  mutating func boolean() throws(UserError) -> Bool? {
    try skipSpace()
    let start = position
    try skipWord()
    switch String(decoding: bytes[start..<position], as: UTF8.self) {
    case "true": return true
    case "false": return false
    case "null": return nil
    default:
      position = start
      throw fault("neither true, false nor null where one should be")
    }
  }

  /// Whether a text comes next.
  mutating func isAtString() throws(UserError) -> Bool {
    try skipSpace()
    return bytes[position] == UInt8(ascii: "\"")
  }

  /// Whether `null` comes next, which is passed then.
  mutating func isNull() throws(UserError) -> Bool {
    try skipSpace()
    guard bytes[position...].starts(with: "null".utf8) else { return false }
    position += 4
    return true
  }

  /// Passes over a value of any kind.
  mutating func skip() throws(UserError) {
    try skipSpace()
    var open: [UInt8] = []
    repeat {
      try skipSpace()
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""): try skipString()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard open.count < Self.deepest else { throw fault("more than \(Self.deepest) values in each other") }
        // The closing brackets are two behind the opening ones.
        open.append(byte + 2)
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard open.popLast() == byte else { throw fault("a bracket that closes nothing") }
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard !open.isEmpty else { throw fault("no value where one should be") }
        position += 1
      default: try skipWord()
      }
    } while !open.isEmpty
  }

  /// Sees to it that nothing but white space follows.
  mutating func end() throws(UserError) {
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
    guard position == bytes.count else { throw fault("something behind the end of the JSON") }
  }

  private mutating func skipString() throws(UserError) {
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return }
      if byte == UInt8(ascii: "\\") { position += 1 }
    }
    throw cut
  }

  /// A number, `true`, `false` or `null`.
  private mutating func skipWord() throws(UserError) {
    let start = position
    while position < bytes.count, isDigit(bytes[position]) || isWordly(bytes[position]) { position += 1 }
    guard position > start else { throw fault("no value where one should be") }
  }

  private mutating func escaped() throws(UserError) -> [UInt8] {
    guard position < bytes.count else { throw cut }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "u"):
      var units = [try unit()]
      if UTF16.isLeadSurrogate(units[0]), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        units.append(try unit())
      }
      // Half of a pair has no character and becomes U+FFFD.
      return Array(String(decoding: units, as: UTF16.self).utf8)
    default: throw fault("an escape that JSON does not have")
    }
  }

  /// Four hexadecimal digits.
  private mutating func unit() throws(UserError) -> UInt16 {
    guard position + 4 <= bytes.count else { throw cut }
    guard let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16) else {
      throw fault("an escape without four hexadecimal digits")
    }
    position += 4
    return unit
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws(UserError) {
    guard try take(byte) else { throw fault("not \(what) where one should be") }
  }

  /// Whether a byte comes next, which is passed then.
  private mutating func take(_ byte: UInt8) throws(UserError) -> Bool {
    try skipSpace()
    guard bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() throws(UserError) {
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
    guard position < bytes.count else { throw cut }
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }
  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
  private func isWordly(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
      || byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") || byte == UInt8(ascii: "E")
  }

  /// The error of a file that ends too early.
  private var cut: UserError {
    UserError(
      .data, "the file ends in the middle of its JSON", at: "\(source), byte \(bytes.count)",
      mend: "fetch it again, it is cut short")
  }

  private func fault(_ what: String) -> UserError {
    UserError(.data, what, at: "\(source), byte \(position)", mend: "fetch it again, or name another file")
  }
}
