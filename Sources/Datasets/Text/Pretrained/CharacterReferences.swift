import Foundation

/// HTML's character references, such as `&eacute;` and `&#233;`, by the named references of the HTML standard.
struct CharacterReferences: Sendable {
  /// The table that ships.
  static let standard = CharacterReferences()

  /// Characters by name without the ampersand; those of old that need no semicolon stand with and without it.
  private let named: [String: [Unicode.Scalar]]
  /// As `named`, names with a semicolon only, and those in capitals that no reference has.
  private let closed: [String: [Unicode.Scalar]]

  private init() {
    let file = Bundle.module.bundleURL.appending(path: "Entities/html.txt")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    var named: [String: [Unicode.Scalar]] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let fields = line.split(separator: " ")
      let scalars = fields.dropFirst().compactMap { UInt32($0, radix: 16).flatMap(Unicode.Scalar.init) }
      if let name = fields.first { named[String(name)] = scalars }
    }
    var closed = named.filter { $0.key.hasSuffix(";") }
    let namesOfOld = named.keys.filter { !$0.hasSuffix(";") }
    for (name, scalars) in closed where name == name.lowercased() {
      let capitals = name.uppercased()
      let isKnown = named[capitals] != nil || namesOfOld.contains { $0.count > 1 && capitals.hasPrefix($0) }
      if !isKnown { closed[capitals] = scalars.flatMap { Array($0.properties.uppercaseMapping.unicodeScalars) } }
    }
    self.named = named
    self.closed = closed
  }

  /// The text with references that end with a semicolon replaced, names in capitals too, as the library ftfy does it.
  func replacingClosed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    replacing(text) { rest in
      let body = rest.dropFirst().prefix(26)
      guard let end = body.firstIndex(of: ";") else { return nil }
      let name = body[..<end]
      let letters = name.first == "#" ? name.dropFirst() : name
      guard (1...24).contains(letters.count), letters.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit }) else {
        return nil
      }
      let count = end - rest.startIndex + 1
      guard name.first == "#" else {
        return closed[Self.string(name) + ";"].map { ($0, count) }
      }
      guard let (scalars, used) = numbered(rest), used == count, !scalars.contains(";") else { return nil }
      return (scalars, count)
    }
  }

  /// The text with all references replaced as browsers do it, those of old without a semicolon too.
  func replacingAll(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    replacing(text) { rest in
      if rest.dropFirst().first == "#" { return numbered(rest) }
      let ends: Set<Unicode.Scalar> = ["\t", "\n", "\u{c}", " ", "<", "&", "#", ";"]
      let run = rest.dropFirst().prefix(32).prefix { !ends.contains($0) }
      guard !run.isEmpty else { return nil }
      let isClosed = run.endIndex < rest.endIndex && rest[run.endIndex] == ";"
      if isClosed, let found = named[Self.string(run) + ";"] { return (found, run.count + 2) }
      for count in stride(from: run.count, to: 1, by: -1) {
        if let found = named[Self.string(run.prefix(count))] { return (found, count + 1) }
      }
      return nil
    }
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }

  /// Replaces what a rule knows; it takes the rest of the text from an ampersand on and gives characters and how many it
  /// has used.
  private func replacing(
    _ text: [Unicode.Scalar], _ rule: (ArraySlice<Unicode.Scalar>) -> ([Unicode.Scalar], Int)?
  ) -> [Unicode.Scalar] {
    guard text.contains("&") else { return text }
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < text.count {
      if text[index] == "&", let (scalars, count) = rule(text[index...]) {
        result += scalars
        index += count
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return result
  }

  /// A reference by number at the beginning of some text.
  private func numbered(_ rest: ArraySlice<Unicode.Scalar>) -> ([Unicode.Scalar], Int)? {
    let body = rest.dropFirst()
    guard body.first == "#" else { return nil }
    var digits = body.dropFirst()
    let isHexadecimal = digits.first == "x" || digits.first == "X"
    if isHexadecimal { digits = digits.dropFirst() }
    digits = digits.prefix { isHexadecimal ? $0.isASCIIHexadecimal : $0.isASCIIDigit }
    guard !digits.isEmpty else { return nil }
    let isClosed = digits.endIndex < rest.endIndex && rest[digits.endIndex] == ";"
    let count = digits.endIndex - rest.startIndex + (isClosed ? 1 : 0)
    let significant = digits.drop { $0 == "0" }
    let value = significant.count > 8 ? .max : UInt32(Self.string(significant), radix: isHexadecimal ? 16 : 10) ?? 0
    return (Self.scalars(numbered: value), count)
  }

  /// What a number stands for: U+FFFD for none, Windows-1252 for C1 controls, nothing for what HTML forbids.
  private static func scalars(numbered value: UInt32) -> [Unicode.Scalar] {
    switch value {
    case 0: return ["\u{fffd}"]
    case 0x0d: return ["\r"]
    case 0x80...0x9f: return Unicode.Scalar(value).map { [$0.readAsWindows1252] } ?? []
    case 0x01...0x08, 0x0b, 0x0e...0x1f, 0x7f, 0xfdd0...0xfdef: return []
    case _ where value & 0xfffe == 0xfffe && value <= 0x10ffff: return []
    default: return [Unicode.Scalar(value) ?? "\u{fffd}"]
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
  fileprivate var isASCIIHexadecimal: Bool {
    isASCIIDigit || ("a"..."f").contains(self) || ("A"..."F").contains(self)
  }

  /// A C1 control as the character that Windows-1252 has at its byte; itself where that has none.
  var readAsWindows1252: Unicode.Scalar {
    guard (0x80...0x9f).contains(value) else { return self }
    return Self.windows1252[Int(value - 0x80)]
  }

  private static let windows1252: [Unicode.Scalar] = [
    "\u{20ac}", "\u{81}", "\u{201a}", "\u{192}", "\u{201e}", "\u{2026}", "\u{2020}", "\u{2021}", "\u{2c6}",
    "\u{2030}", "\u{160}", "\u{2039}", "\u{152}", "\u{8d}", "\u{17d}", "\u{8f}", "\u{90}", "\u{2018}", "\u{2019}",
    "\u{201c}", "\u{201d}", "\u{2022}", "\u{2013}", "\u{2014}", "\u{2dc}", "\u{2122}", "\u{161}", "\u{203a}",
    "\u{153}", "\u{9d}", "\u{17e}", "\u{178}",
  ]
}
