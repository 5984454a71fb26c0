extension String {
  /// The text as a terminal may show it on one line: line breaks become spaces, other control characters and marks that
  /// turn the direction of text are written `\u{1b}`, and of a text over `limit` characters the middle is left out.
  ///
  /// What a damaged file holds ends up in the error about it, and must neither fill the screen nor command it.
  public func onOneLine(limit: Int = 1_000) -> String {
    var scalars = String.UnicodeScalarView()
    var isAfterBreak = true
    for scalar in unicodeScalars {
      let isBreak = ("\n"..."\r").contains(scalar) || ["\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
      if isBreak {
        if !isAfterBreak { scalars.append(" ") }
      } else if scalar.isUnprintable {
        scalars.append(contentsOf: "\\u{\(Swift.String(scalar.value, radix: 16))}".unicodeScalars)
      } else {
        scalars.append(scalar)
      }
      isAfterBreak = isBreak
    }
    if isAfterBreak, scalars.last == " " { scalars.removeLast() }
    guard scalars.count > limit else { return String(scalars) }
    let kept = max(0, limit - 3)
    return String(Swift.String.UnicodeScalarView(scalars.prefix(kept / 2))) + " … "
      + String(Swift.String.UnicodeScalarView(scalars.suffix(kept - kept / 2)))
  }
}

extension Unicode.Scalar {
  /// Whether a terminal would obey the character, or show the text around it in another order.
  fileprivate var isUnprintable: Bool {
    switch value {
    case 0..<0x20, 0x7f...0x9f, 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069, 0xfeff: true
    default: false
    }
  }
}
