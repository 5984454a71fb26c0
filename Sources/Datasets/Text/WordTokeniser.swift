import Foundation

/// Turns captions into word tokens, with a vocabulary built from the training captions.
///
/// A text is brought to Unicode's composed form (NFC) and lower case. A run of letters, marks and digits is a word;
/// white space and punctuation separate words; symbols that stand alone between white space (`&`, `#`) are a word.
///
/// A word that is written in Hangul syllables and is not in the vocabulary is split: the longest vocabulary word that
/// begins it, then its other syllables one by one (marked `##`), which takes particles such as 의 or 를 off a noun. So
/// that the syllables are learnt, the vocabulary keeps a Hangul word only from a higher count on, and splits the
/// rarer ones. Any other unknown word is the unknown token; neighbouring unknown tokens are one.
public struct WordTokeniser: Codable, Equatable, Sendable {
  /// Fills a caption up to its length.
  public static let padding: Int32 = 0
  /// Stands for what is not in the vocabulary.
  public static let unknown: Int32 = 1
  /// Begins a caption.
  public static let begin: Int32 = 2
  /// Ends a caption.
  public static let end: Int32 = 3

  /// What each token stands for; the first four are special, the others the most frequent first, ties by code points.
  public let vocabulary: [String]
  private let numbers: [String: Int32]

  /// Builds the vocabulary of some texts.
  ///
  /// - Parameters:
  ///   - minimumCount: how often a word must occur to be kept.
  ///   - minimumHangulCount: the same for a word of several Hangul syllables; rarer ones are split.
  public init(texts: some Sequence<String>, minimumCount: Int = 1, minimumHangulCount: Int = 2) {
    var counts: [String: Int] = [:]
    for text in texts {
      for word in Self.words(in: text) { counts[word, default: 0] += 1 }
    }
    func isSplittable(_ word: String) -> Bool { word.unicodeScalars.count > 1 && Self.isHangul(word) }
    var kept = counts.filter { word, count in
      count >= (isSplittable(word) ? max(minimumCount, minimumHangulCount) : minimumCount)
    }
    let words = Set(kept.keys)
    var pieces: [String: Int] = [:]
    for (word, count) in counts where !words.contains(word) && isSplittable(word) {
      for piece in Self.pieces(of: word, isKnown: words.contains) { pieces[piece, default: 0] += count }
    }
    for (piece, count) in pieces where count >= minimumCount { kept[piece, default: 0] += count }
    let ordered = kept.sorted { first, second in
      first.value == second.value
        ? first.key.unicodeScalars.lexicographicallyPrecedes(second.key.unicodeScalars) : first.value > second.value
    }
    self.init(vocabulary: ["<padding>", "<unknown>", "<begin>", "<end>"] + ordered.map(\.key))
  }

  /// Takes a ready vocabulary, whose first four entries are the special tokens.
  public init(vocabulary: [String]) {
    precondition(vocabulary.count >= 4, "WordTokeniser: a vocabulary has at least 4 tokens, not \(vocabulary.count)")
    self.vocabulary = vocabulary
    numbers = Dictionary(
      vocabulary.enumerated().dropFirst(4).map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// The words of a text.
  public static func words(in text: String) -> [String] {
    let normal = text.precomposedStringWithCanonicalMapping.lowercased()
    return normal.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).flatMap { chunk in
      let words = chunk.split { !isWordScalar($0) }
      return words.isEmpty ? [String(chunk)] : words.map { String($0) }
    }
  }

  /// The tokens of a text without begin, end and padding.
  public func tokens(of text: String) -> [Int32] {
    var tokens: [Int32] = []
    for word in Self.words(in: text) {
      let pieces: [String]
      if numbers[word] == nil, Self.isHangul(word) {
        pieces = Self.pieces(of: word) { numbers[$0] != nil }
      } else {
        pieces = [word]
      }
      for piece in pieces {
        let token = numbers[piece] ?? Self.unknown
        if token != Self.unknown || tokens.last != Self.unknown { tokens.append(token) }
      }
    }
    return tokens
  }

  /// Begin, the text's tokens, end and padding: `length` tokens; a longer text loses its last tokens, never the end.
  public func encode(_ text: String, length: Int) -> [Int32] {
    precondition(length >= 3, "WordTokeniser.encode: the length must be at least 3, not \(length)")
    let tokens = [Self.begin] + self.tokens(of: text).prefix(length - 2) + [Self.end]
    return tokens + [Int32](repeating: Self.padding, count: length - tokens.count)
  }

  /// The words of some tokens, for reports: split words joined again, special tokens left out but `<unknown>`.
  public func decode(_ tokens: some Sequence<Int32>) -> String {
    var text = ""
    for token in tokens where token == Self.unknown || token > Self.end {
      guard vocabulary.indices.contains(Int(token)) else { continue }
      let piece = vocabulary[Int(token)]
      if piece.hasPrefix("##"), piece.count > 2 {
        text += piece.dropFirst(2)
      } else {
        text += (text.isEmpty ? "" : " ") + piece
      }
    }
    return text
  }

  private static func pieces(of word: String, isKnown: (String) -> Bool) -> [String] {
    let scalars = Array(word.unicodeScalars)
    func text(_ range: Range<Int>) -> String {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars[range])
      return String(view)
    }
    let prefix = (1..<scalars.count).reversed().first { isKnown(text(0..<$0)) } ?? 1
    return [text(0..<prefix)] + (prefix..<scalars.count).map { "##" + text($0..<$0 + 1) }
  }

  private static func isHangul(_ word: String) -> Bool {
    word.unicodeScalars.allSatisfy { (0xac00...0xd7a3).contains($0.value) }
  }

  private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
      true
    default: false
    }
  }

  /// Reads a vocabulary.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let vocabulary = try container.decode([String].self)
    guard vocabulary.count >= 4 else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "a vocabulary has at least 4 tokens")
    }
    self.init(vocabulary: vocabulary)
  }

  /// Writes the vocabulary.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(vocabulary)
  }
}
