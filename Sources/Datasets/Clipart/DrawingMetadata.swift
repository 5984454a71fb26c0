/// What an SVG says of itself in its `<metadata>`, by the elements of the Dublin Core: title, description, keywords, people.
///
/// The reader is lenient, since the files are by hundreds of hands and programs: it takes what it finds and never fails.
package struct DrawingMetadata: Codable, Equatable, Sendable {
  /// The title (`dc:title`), empty where there is none.
  package var title = ""
  /// The description (`dc:description`).
  package var description = ""
  /// The keywords (`dc:subject`), in their order.
  package var keywords: [String] = []
  /// The names of those who made it and hold its rights (`dc:title` within `dc:creator`, `dc:publisher` or `dc:rights`).
  package var people: [String] = []

  /// Nothing is said.
  package init() {}

  /// Reads an SVG's bytes.
  package init(_ svg: [UInt8]) {
    guard let start = Self.place(of: "<metadata", in: svg, from: 0),
      let end = Self.place(of: "</metadata>", in: svg, from: start), end - start < 1 << 20
    else { return }
    read(svg[start..<end])
  }

  private mutating func read(_ bytes: ArraySlice<UInt8>) {
    var open: [String] = []
    var position = bytes.startIndex
    while position < bytes.endIndex {
      guard let mark = bytes[position...].firstIndex(of: UInt8(ascii: "<")) else { break }
      take(String(decoding: bytes[position..<mark], as: UTF8.self), in: open)
      let isComment = bytes[mark...].starts(with: "<!--".utf8)
      let close =
        isComment
        ? Self.place(of: "-->", in: bytes, from: mark).map { $0 + 2 } : bytes[mark...].firstIndex(of: UInt8(ascii: ">"))
      guard let close else { break }
      let inner = bytes[(mark + 1)..<close]
      position = close + 1
      if isComment || inner.first == UInt8(ascii: "?") || inner.first == UInt8(ascii: "!") { continue }
      if inner.first == UInt8(ascii: "/") {
        let name = Self.name(of: inner.dropFirst())
        // An element that was not opened is passed over; one that was closes all within.
        if let last = open.lastIndex(of: name) { open.removeSubrange(last...) }
      } else if inner.last != UInt8(ascii: "/") {
        // Deeper than this no metadata is.
        if open.count < 64 { open.append(Self.name(of: inner)) }
      }
    }
  }

  /// Takes the text within some elements, from the outermost to the innermost; some files have escaped theirs twice.
  private mutating func take(_ raw: String, in open: [String]) {
    guard let last = open.last else { return }
    let words = Self.decoded(Self.decoded(raw)).split(whereSeparator: \.isWhitespace)
    let text = FolderTable.trimmed(words.joined(separator: " "))
    guard !text.isEmpty else { return }
    let isOfPerson = open.contains { ["dc:creator", "dc:publisher", "dc:rights", "dc:contributor"].contains($0) }
    switch last {
    case "dc:title":
      if isOfPerson {
        if !people.contains(text) { people.append(text) }
      } else if title.isEmpty {
        title = text
      }
    case "dc:description": if description.isEmpty { description = text }
    case "rdf:li": if open.contains("dc:subject") { keywords.append(text) }
    default: break
    }
  }

  private static func name(of inner: ArraySlice<UInt8>) -> String {
    String(decoding: inner.prefix { $0 > 32 && $0 != UInt8(ascii: "/") }, as: UTF8.self)
  }

  private static func place(of text: StaticString, in bytes: some Collection<UInt8>, from start: Int) -> Int? {
    text.withUTF8Buffer { text in
      bytes.withContiguousStorageIfAvailable { buffer -> Int? in
        // An index of a slice counts from the whole; the buffer from 0.
        let offset = (bytes as? ArraySlice<UInt8>)?.startIndex ?? 0
        var position = start - offset
        while position + text.count <= buffer.count {
          guard let next = buffer[position...].firstIndex(of: text[0]), next + text.count <= buffer.count else {
            return nil
          }
          if buffer[next..<next + text.count].elementsEqual(text) { return next + offset }
          position = next + 1
        }
        return nil
      } ?? nil
    }
  }

  /// Text with XML's five entities and numbers of characters replaced.
  static func decoded(_ text: String) -> String {
    guard text.contains("&") else { return text }
    let named: [Substring: Character] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
    var result = ""
    var rest = text[...]
    while let mark = rest.firstIndex(of: "&") {
      result += rest[..<mark]
      rest = rest[rest.index(after: mark)...]
      guard let end = rest.prefix(10).firstIndex(of: ";") else {
        result.append("&")
        continue
      }
      let name = rest[..<end]
      if let character = named[name] {
        result.append(character)
      } else if name.hasPrefix("#"), let scalar = Self.scalar(name.dropFirst()) {
        result.unicodeScalars.append(scalar)
      } else {
        result.append("&")
        continue
      }
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  private static func scalar(_ digits: Substring) -> Unicode.Scalar? {
    let isHexadecimal = digits.hasPrefix("x") || digits.hasPrefix("X")
    return UInt32(isHexadecimal ? digits.dropFirst() : digits, radix: isHexadecimal ? 16 : 10).flatMap(
      Unicode.Scalar.init)
  }
}
