/// How wide texts are, in the widest of the common sans fonts, so that what fits here fits in every viewer.
///
/// gnuplot does not know which font a viewer of an SVG will take, and its own estimate is one width for all characters.
package enum TextWidth {
  /// The width of a text in pixels, an upper estimate.
  package static func pixels(_ text: String, size: Double) -> Double {
    size * text.unicodeScalars.reduce(0) { $0 + advance($1) }
  }

  /// The width of a character in units of the font's size.
  private static func advance(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", "J", "|", "'", ".", ",", ":", ";", " ", "!": 0.33
    case "f", "t", "r", "-", "(", ")", "[", "]", "/", "\\", "\"": 0.41
    case "m", "w", "M", "W", "%", "@": 0.98
    case "–", "s", "z", "c", "L", "F", "_", "*", "?", "°": 0.56
    case "A"..."Z": 0.72
    case "a"..."z", "0"..."9": 0.635
    default:
      switch scalar.value {
      case 0x300..<0x370, 0x200B..<0x2010, 0xFE00..<0xFE10: 0
      case 0x1100..<0x1160, 0x2E80..<0xD7B0, 0xF900..<0xFB00, 0xFF00..<0xFF61: 1
      case 0x1F000...: 1.3
      default: 0.84
      }
    }
  }

  /// A text in lines of a width in pixels, broken between words, and within a word that is too long for a line.
  package static func wrapped(_ text: String, size: Double, width: Double) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in Theme.plain(text).split(separator: " ") {
      let joined = line.isEmpty ? String(word) : "\(line) \(word)"
      if pixels(joined, size: size) <= width {
        line = joined
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      for character in word {
        if !line.isEmpty, pixels(line + String(character), size: size) > width {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  /// A text that is no wider than so many pixels, with an ellipsis for what is taken from its middle.
  package static func abbreviated(_ text: String, size: Double, width: Double) -> String {
    let text = Theme.plain(text)
    guard pixels(text, size: size) > width else { return text }
    let characters = Array(text)
    for kept in stride(from: characters.count - 1, to: 0, by: -1) {
      let tail = kept * 2 / 5
      let short =
        String(characters[..<(kept - tail)]).trimmingTrailingSpaces + "…" + String(characters.suffix(tail))
      if pixels(short, size: size) <= width { return short }
    }
    return "…"
  }

  /// Abbreviated texts that stay different from each other; those that would be equal get their number.
  package static func abbreviated(_ texts: [String], size: Double, width: Double) -> [String] {
    let short = texts.map { abbreviated($0, size: size, width: width) }
    var counts: [String: Int] = [:]
    for text in short { counts[text, default: 0] += 1 }
    return short.enumerated().map { index, text in
      guard counts[text, default: 0] > 1, text != texts[index] else { return text }
      let number = " \(index + 1)"
      return abbreviated(texts[index], size: size, width: width - pixels(number, size: size)) + number
    }
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
