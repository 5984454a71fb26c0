/// Reads elements and text of an XML document one after the other, byte by byte; attribute values keep their escapes.
struct XMLScanner {
  /// What a document consists of.
  enum Token {
    case element(name: String, attributes: [(name: String, value: String)], isEmpty: Bool)
    case end(name: String)
    case text(String)
    /// A comment, an instruction, a declaration.
    case other
  }

  private let bytes: [UInt8]
  private var place = 0
  private var isBroken = false
  private var depth = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  /// Whether all has been read, and every element was closed.
  var isWellFormed: Bool { !isBroken && depth == 0 && place == bytes.count }

  /// The next piece; nil at the end and where the document is broken.
  mutating func next() -> Token? {
    guard place < bytes.count, !isBroken else { return nil }
    guard bytes[place] == UInt8(ascii: "<") else {
      let start = place
      while place < bytes.count, bytes[place] != UInt8(ascii: "<") { place += 1 }
      return .text(text(start..<place))
    }
    if starts(with: "<!--") { return skip(after: "-->") }
    if starts(with: "<?") { return skip(after: "?>") }
    if starts(with: "<![CDATA[") {
      let start = place + 9
      guard skip(after: "]]>") != nil else { return nil }
      return .text(HTML.escaped(text(start..<place - 3)))
    }
    if starts(with: "<!") { return skip(after: ">") }
    if starts(with: "</") {
      place += 2
      let name = word()
      skipSpace()
      guard !name.isEmpty, take(">") else { return fail() }
      depth -= 1
      return .end(name: name)
    }
    place += 1
    let name = word()
    guard !name.isEmpty else { return fail() }
    var attributes: [(name: String, value: String)] = []
    while true {
      skipSpace()
      if take(">") {
        depth += 1
        return .element(name: name, attributes: attributes, isEmpty: false)
      }
      if take("/") { return take(">") ? .element(name: name, attributes: attributes, isEmpty: true) : fail() }
      let attribute = word()
      skipSpace()
      guard !attribute.isEmpty, take("=") else { return fail() }
      skipSpace()
      guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") || bytes[place] == UInt8(ascii: "'") else {
        return fail()
      }
      let quote = bytes[place]
      let start = place + 1
      guard let end = bytes[start...].firstIndex(of: quote) else { return fail() }
      place = end + 1
      let value = text(start..<end)
      attributes.append((attribute, quote == UInt8(ascii: "'") ? value.replacing("\"", with: "&quot;") : value))
    }
  }

  /// Goes on behind the end of an element that has just begun; false where it has none.
  mutating func skipElement() -> Bool {
    let level = depth
    while let token = next() {
      if case .end = token, depth == level - 1 { return true }
    }
    return false
  }

  private mutating func fail() -> Token? {
    isBroken = true
    return nil
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func starts(with text: String) -> Bool { bytes[place...].starts(with: text.utf8) }

  private mutating func skip(after end: String) -> Token? {
    while place < bytes.count {
      if starts(with: end) {
        place += end.utf8.count
        return .other
      }
      place += 1
    }
    return fail()
  }

  private mutating func take(_ character: Character) -> Bool {
    guard place < bytes.count, bytes[place] == character.asciiValue else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
  }

  /// A name of letters, digits and a few marks.
  private mutating func word() -> String {
    let start = place
    while place < bytes.count {
      let byte = bytes[place]
      let isLetter = (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte >= 0x80
      guard isLetter || (0x30...0x39).contains(byte) || [0x2d, 0x2e, 0x3a, 0x5f].contains(byte) else { break }
      place += 1
    }
    return text(start..<place)
  }
}
