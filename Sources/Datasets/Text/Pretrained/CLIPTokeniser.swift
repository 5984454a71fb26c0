import Diagnostics

/// CLIP's tokeniser as open_clip has it: a cleaned caption split into words, numbers and signs, and those into byte pairs
/// (Radford et al., ICML 2021).
public struct CLIPTokeniser: Sendable {
  private let vocabulary: BytePairVocabulary

  init(_ vocabulary: BytePairVocabulary) { self.vocabulary = vocabulary }

  /// How many tokens there are.
  public var vocabularySize: Int { vocabulary.count }
  /// The token before a text.
  public var start: Int32 { vocabulary.start }
  /// The token behind a text.
  public var end: Int32 { vocabulary.end }

  /// The tokens of a caption between the start's and the end's, at most `length` in all; the last is always the end's.
  public func tokens(of text: String, length: Int) -> [Int32] {
    precondition(length > 1, "CLIPTokeniser: \(length) tokens hold no text")
    var tokens = [start]
    for part in Self.parts(of: CaptionCleaning.clean(text)) {
      guard tokens.count < length else { break }
      switch part {
      case "<start_of_text>": tokens.append(start)
      case "<end_of_text>": tokens.append(end)
      default: tokens += vocabulary.tokens(of: part.utf8)
      }
    }
    return tokens.prefix(length - 1) + [end]
  }

  /// The words, numbers and signs of a cleaned caption: names of special tokens, English contractions, runs of letters,
  /// single digits, runs of anything else but white space.
  static func parts(of text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    var parts: [String] = []
    var index = 0
    while index < scalars.count {
      let end = end(ofPartAt: index, in: scalars)
      if end > index {
        parts.append(String(String.UnicodeScalarView(scalars[index..<end])))
        index = end
      } else {
        index += 1
      }
    }
    return parts
  }

  private static let fixed: [[Unicode.Scalar]] = [
    // A long s is equal to s where case does not count.
    "<start_of_text>", "<end_of_text>", "'s", "'\u{17f}", "'t", "'re", "'ve", "'m", "'ll", "'d",
  ].map { Array($0.unicodeScalars) }

  /// Where a part that begins at a place ends; the place itself for white space.
  private static func end(ofPartAt start: Int, in scalars: [Unicode.Scalar]) -> Int {
    if scalars[start] == "<" || scalars[start] == "'" {
      for part in fixed where scalars[start...].starts(with: part) { return start + part.count }
    }
    let kind = Kind(scalars[start])
    switch kind {
    case .space: return start
    case .number: return start + 1
    case .letter, .sign: return scalars[start...].firstIndex { Kind($0) != kind } ?? scalars.count
    }
  }

  private enum Kind {
    case letter, number, space, sign

    init(_ scalar: Unicode.Scalar) {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
      case .decimalNumber, .letterNumber, .otherNumber: self = .number
      default:
        let isSpace = scalar.properties.isWhitespace || (0x1c...0x1f).contains(scalar.value)
        self = isSpace ? .space : .sign
      }
    }
  }
}
