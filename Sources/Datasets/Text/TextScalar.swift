/// What a scalar of a text is to a tokeniser.
enum TextScalar {
  /// A letter of a script that separates words by spaces.
  case letter
  /// A digit or another number.
  case number
  /// A letter of a script without spaces: Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan.
  case unspaced
  /// A mark that belongs to the scalar before it.
  case mark
  /// Punctuation, a symbol, white space, or anything else.
  case other

  /// Looks a scalar up.
  init(_ scalar: Unicode.Scalar) {
    if scalar.isASCII {
      switch scalar {
      case "a"..."z", "A"..."Z": self = .letter
      case "0"..."9": self = .number
      default: self = .other
      }
      return
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      self = Self.isUnspaced(scalar.value) ? .unspaced : .letter
    case .decimalNumber, .letterNumber, .otherNumber: self = .number
    case .nonspacingMark, .spacingMark, .enclosingMark: self = .mark
    default: self = .other
    }
  }

  private static let unspacedRanges: [ClosedRange<UInt32>] = [
    0x0e00...0x0fff, 0x1000...0x109f, 0x1780...0x17ff, 0x3005...0x3007, 0x3040...0x30ff, 0x31f0...0x31ff,
    0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0xff66...0xff9f, 0x20000...0x3ffff,
  ]

  private static func isUnspaced(_ value: UInt32) -> Bool { unspacedRanges.contains { $0.contains(value) } }

  /// Whether a scalar between two letters leaves them one word: an apostrophe, or one of the joiners of Persian and Indic
  /// scripts.
  static func joinsLetters(_ scalar: Unicode.Scalar) -> Bool {
    ["'", "\u{2019}", "\u{200c}", "\u{200d}"].contains(scalar)
  }

  /// The lower-case form of a capital that is got back from it; nil for any other scalar.
  static func lower(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
    if scalar.isASCII { return ("A"..."Z").contains(scalar) ? Unicode.Scalar(scalar.value + 32) : nil }
    guard scalar.properties.changesWhenLowercased, let lower = single(scalar.properties.lowercaseMapping),
      lower != scalar, single(lower.properties.uppercaseMapping) == scalar
    else { return nil }
    return lower
  }

  /// The capital of a lower-case scalar that is got back from it; nil for any other scalar.
  static func upper(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
    if scalar.isASCII { return ("a"..."z").contains(scalar) ? Unicode.Scalar(scalar.value - 32) : nil }
    guard scalar.properties.changesWhenUppercased, let upper = single(scalar.properties.uppercaseMapping),
      upper != scalar, single(upper.properties.lowercaseMapping) == scalar
    else { return nil }
    return upper
  }

  private static func single(_ text: String) -> Unicode.Scalar? {
    let scalars = text.unicodeScalars
    return scalars.count == 1 ? scalars.first : nil
  }

  /// The conjoining jamo of a Hangul syllable; nil for any other scalar.
  static func jamo(of scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
    guard (0xac00...0xd7a3).contains(scalar.value) else { return nil }
    let number = scalar.value - 0xac00
    let parts = [0x1100 + number / 588, 0x1161 + number % 588 / 28] + (number % 28 > 0 ? [0x11a7 + number % 28] : [])
    return parts.compactMap { Unicode.Scalar($0) }
  }
}
