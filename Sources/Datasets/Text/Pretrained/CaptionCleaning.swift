import Foundation

/// What open_clip does to a caption before its tokeniser splits it: the repairs of the library ftfy, HTML's character
/// references, white space, lower case.
///
/// Of ftfy's repairs that of mojibake (UTF-8 read as another encoding, `cafÃ©`) is left out.
package enum CaptionCleaning {
  /// The caption in the form whose words the vocabulary has.
  package static func clean(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "&") }
    var scalars = Array(text.unicodeScalars)
    if !plain {
      scalars = repaired(scalars)
      for _ in 0..<2 { scalars = CharacterReferences.standard.replacingAll(scalars) }
    }
    return string(lowerCase(singleSpaces(scalars)))
  }

  // MARK: - Repairs

  /// Each line repaired until nothing changes.
  private static func repaired(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    var readsReferences = true
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if !result.isEmpty || line.startIndex > 0 { result.append("\n") }
      if line.contains("<") { readsReferences = false }
      var line = Array(line)
      while true {
        let next = repairedOnce(line, readsReferences: readsReferences)
        if next == line { break }
        line = next
      }
      result += line
    }
    return result
  }

  private static func repairedOnce(_ line: [Unicode.Scalar], readsReferences: Bool) -> [Unicode.Scalar] {
    let read = readsReferences ? CharacterReferences.standard.replacingClosed(line) : line
    let replaced = read.flatMap { replacement(of: $0.readAsWindows1252) }
    let kept = withoutTerminalCommands(withPlainBreaks(replaced)).filter { !isControl($0) }
    return Array(string(kept).canonicallyComposed.unicodeScalars)
  }

  /// Ligatures taken apart, characters of full and half width in their own, quotation marks straight.
  private static func replacement(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    if scalar.isASCII { return [scalar] }
    if let parts = ligatures[scalar] { return parts.flatMap { widthAndQuotes($0) } }
    return widthAndQuotes(scalar)
  }

  private static func widthAndQuotes(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    switch scalar.value {
    case 0x3000: [" "]
    case 0xff01...0xffef: Array(String(scalar).precomposedStringWithCompatibilityMapping.unicodeScalars)
    case 0x2bc, 0x2018...0x201b: ["'"]
    case 0x201c...0x201f: ["\""]
    default: [scalar]
    }
  }

  private static let ligatures: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{132}": ["I", "J"], "\u{133}": ["i", "j"], "\u{149}": ["\u{2bc}", "n"],
    "\u{1c4}": ["D", "\u{17d}"], "\u{1c5}": ["D", "\u{17e}"], "\u{1c6}": ["d", "\u{17e}"],
    "\u{1c7}": ["L", "J"], "\u{1c8}": ["L", "j"], "\u{1c9}": ["l", "j"],
    "\u{1ca}": ["N", "J"], "\u{1cb}": ["N", "j"], "\u{1cc}": ["n", "j"],
    "\u{1f1}": ["D", "Z"], "\u{1f2}": ["D", "z"], "\u{1f3}": ["d", "z"],
    "\u{fb00}": ["f", "f"], "\u{fb01}": ["f", "i"], "\u{fb02}": ["f", "l"], "\u{fb03}": ["f", "f", "i"],
    "\u{fb04}": ["f", "f", "l"], "\u{fb05}": ["\u{17f}", "t"], "\u{fb06}": ["s", "t"],
  ]

  private static func withPlainBreaks(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    for (index, scalar) in text.enumerated() {
      switch scalar {
      case "\r" where index + 1 < text.count && text[index + 1] == "\n": continue
      case "\r", "\u{2028}", "\u{2029}": result.append("\n")
      default: result.append(scalar)
      }
    }
    return result
  }

  /// `ESC [`, digits and semicolons, and a letter tell a terminal what to do.
  private static func withoutTerminalCommands(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    guard text.contains("\u{1b}") else { return text }
    var result: [Unicode.Scalar] = []
    var index = 0
    while index < text.count {
      if text[index] == "\u{1b}", index + 1 < text.count, text[index + 1] == "[" {
        let rest = text[(index + 2)...].drop { ("0"..."9").contains($0) || $0 == ";" }
        if let last = rest.first, ("a"..."z").contains(last) || ("A"..."Z").contains(last) {
          index = rest.startIndex + 1
          continue
        }
      }
      result.append(text[index])
      index += 1
    }
    return result
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...8, 0x0b, 0x0e...0x1f, 0x7f, 0x206a...0x206f, 0xfeff, 0xfff9...0xfffc: true
    default: false
    }
  }

  // MARK: - White space and case

  private static func singleSpaces(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    Array(
      text.split { $0.properties.isWhitespace || (0x1c...0x1f).contains($0.value) }.joined(separator: [" "]))
  }

  /// Unicode's full lower case, where a sigma at the end of a word is `ς` (The Unicode Standard, Final_Sigma).
  package static func lowerCase(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    for (index, scalar) in text.enumerated() {
      if scalar.isASCII {
        result.append(("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
      } else if scalar == "\u{3a3}" {
        let before = text[..<index].last { !$0.properties.isCaseIgnorable }
        let after = text[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        let isFinal = before?.properties.isCased == true && after?.properties.isCased != true
        result.append(isFinal ? "\u{3c2}" : "\u{3c3}")
      } else {
        result += scalar.properties.lowercaseMapping.unicodeScalars
      }
    }
    return result
  }

  private static func string(_ scalars: [Unicode.Scalar]) -> String { String(String.UnicodeScalarView(scalars)) }
}
