import Diagnostics

/// CLDR's names and keywords of emoji in one language.
public struct AnnotationFile: Equatable, Sendable {
  /// Each emoji's short name, the text to speak for it; keys lack U+FE0F.
  public private(set) var names: [String: String] = [:]
  /// Each emoji's keywords, in the file's order.
  public private(set) var keywords: [String: [String]] = [:]

  /// Creates an empty file.
  public init() {}

  /// Adds the annotations of one LDML file.
  ///
  /// Only `<annotation cp="…" [type="tts"] …>text</annotation>` is read; a value `↑↑↑` (as in the parent language)
  /// counts as absent.
  ///
  /// - Throws: `UserError` with the line where an annotation is malformed or the document is cut short.
  public mutating func add(_ bytes: [UInt8], place: String) throws(UserError) {
    var scanner = Scanner(bytes: bytes, place: place)
    guard scanner.skip(past: "<annotations>") else { throw scanner.fail("no <annotations> element") }
    var known: Set<[String]> = []
    while try scanner.nextElement() {
      let attributes = try scanner.attributes()
      let text = try scanner.text()
      guard let key = attributes["cp"], !key.isEmpty else { throw scanner.fail("an annotation without cp") }
      let type = attributes["type"] ?? ""
      guard ["", "tts"].contains(type) else { throw scanner.fail("an annotation of the unknown type \(type)") }
      guard known.insert([key, type]).inserted else { throw scanner.fail("a second annotation of the same emoji") }
      guard text != "↑↑↑" else { continue }
      if type == "tts" {
        names[key] = text
      } else {
        keywords[key] = text.split(separator: "|").map { trim($0) }.filter { !$0.isEmpty }
      }
    }
    guard scanner.skip(past: "</ldml>") else { throw scanner.fail("the file is cut short") }
  }

  private func trim(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }

  /// A strict reader of the few XML forms these files use.
  private struct Scanner {
    let bytes: [UInt8]
    let place: String
    var position = 0

    func fail(_ what: String) -> UserError {
      let line = bytes[..<min(position, bytes.count)].count { $0 == 10 } + 1
      return UserError(
        .data, what, at: "\(place):\(line)", mend: "install the Debian package unicode-cldr-core again")
    }

    func isAt(_ text: StaticString) -> Bool {
      text.withUTF8Buffer { text in
        position + text.count <= bytes.count && bytes[position..<position + text.count].elementsEqual(text)
      }
    }

    mutating func skip(past text: StaticString) -> Bool {
      while position < bytes.count {
        if isAt(text) {
          position += text.utf8CodeUnitCount
          return true
        }
        position += 1
      }
      return false
    }

    mutating func skipSpace() {
      while position < bytes.count, [9, 10, 13, 32].contains(bytes[position]) { position += 1 }
    }

    /// Moves behind `<annotation`, or behind `</annotations>` and answers false.
    mutating func nextElement() throws(UserError) -> Bool {
      while true {
        skipSpace()
        if isAt("<!--") {
          guard skip(past: "-->") else { throw fail("a comment without an end") }
        } else if isAt("</annotations>") {
          return false
        } else if isAt("<annotation ") {
          position += 11
          return true
        } else {
          throw fail(position < bytes.count ? "not an <annotation> element" : "the file is cut short")
        }
      }
    }

    mutating func attributes() throws(UserError) -> [String: String] {
      var attributes: [String: String] = [:]
      while true {
        skipSpace()
        guard position < bytes.count else { throw fail("the file is cut short") }
        if isAt(">") {
          position += 1
          return attributes
        }
        guard let equals = bytes[position...].firstIndex(of: UInt8(ascii: "=")), equals + 1 < bytes.count,
          bytes[equals + 1] == UInt8(ascii: "\""),
          let end = bytes[(equals + 2)...].firstIndex(of: UInt8(ascii: "\"")),
          bytes[position..<equals].allSatisfy({ (97...122).contains($0) })
        else { throw fail("an attribute is not name=\"value\"") }
        let name = String(decoding: bytes[position..<equals], as: UTF8.self)
        let value = try decoded(bytes[(equals + 2)..<end])
        guard attributes.updateValue(value, forKey: name) == nil else { throw fail("an attribute that stands twice") }
        position = end + 1
      }
    }

    mutating func text() throws(UserError) -> String {
      guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) else {
        throw fail("the file is cut short")
      }
      let text = try decoded(bytes[position..<end])
      position = end
      guard isAt("</annotation>") else { throw fail("an annotation without its end tag") }
      position += 13
      return text
    }

    func decoded(_ raw: ArraySlice<UInt8>) throws(UserError) -> String {
      guard let text = String(validating: raw, as: UTF8.self),
        !raw.contains(where: { $0 < 0x20 && $0 != 9 && $0 != 10 && $0 != 13 })
      else { throw fail("not UTF-8 text") }
      guard raw.contains(UInt8(ascii: "&")) else { return text }
      let named = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
      var parts = text.split(separator: "&", omittingEmptySubsequences: false)
      var result = String(parts.removeFirst())
      for part in parts {
        guard let end = part.firstIndex(of: ";") else { throw fail("an entity without ';'") }
        let entity = part[..<end]
        if let character = named[String(entity)] {
          result += character
        } else if let scalar = Self.numbered(entity) {
          result.unicodeScalars.append(scalar)
        } else {
          throw fail("unknown entity &\(entity);")
        }
        result += part[part.index(after: end)...]
      }
      return result
    }

    static func numbered(_ entity: Substring) -> Unicode.Scalar? {
      let value =
        entity.hasPrefix("#x")
        ? UInt32(entity.dropFirst(2), radix: 16) : entity.hasPrefix("#") ? UInt32(entity.dropFirst()) : nil
      return value.flatMap { $0 < 0x20 ? nil : Unicode.Scalar($0) }
    }
  }
}
