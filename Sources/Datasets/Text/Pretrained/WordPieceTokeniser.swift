import Foundation

/// BERT's tokeniser: words and punctuation, each the longest pieces that the vocabulary has from its left, pieces within
/// a word marked by `##` (Devlin et al., NAACL 2019; Schuster & Nakajima, ICASSP 2012).
public struct WordPieceTokeniser: Sendable {
  /// What is done to a text before it is split.
  public struct Options: Codable, Equatable, Sendable {
    /// Whether capitals become lower case and marks over letters are removed.
    public var lowersCase = true
    /// What stands before a piece within a word.
    public var continuation = "##"
    /// The longest word in characters; a longer one is unknown.
    public var longestWord = 100

    /// Those of BERT without capitals.
    public init() {}
  }

  /// The numbers of tokens that every text has, and of words that the vocabulary has not.
  struct Specials: Sendable {
    let start, end, unknown: Int32
  }

  private let pieces: [[UInt8]: Int32]
  private let specials: Specials
  private let options: Options
  private let longestPiece: Int
  /// How many tokens there are.
  public let vocabularySize: Int

  init(pieces: [[UInt8]: Int32], specials: Specials, count: Int, options: Options) {
    (self.pieces, self.specials, vocabularySize, self.options) = (pieces, specials, count, options)
    longestPiece = pieces.keys.map(\.count).max() ?? 0
  }

  /// The tokens of a text between `[CLS]` and `[SEP]`, at most `length` in all.
  public func tokens(of text: String, length: Int) -> [Int32] {
    precondition(length > 1, "WordPieceTokeniser: \(length) tokens hold no text")
    var tokens = [specials.start]
    for word in words(of: text) {
      guard tokens.count < length else { break }
      tokens += self.pieces(of: word)
    }
    return tokens.prefix(length - 1) + [specials.end]
  }

  private func pieces(of word: [Unicode.Scalar]) -> [Int32] {
    guard word.count <= options.longestWord else { return [specials.unknown] }
    var tokens: [Int32] = []
    var start = 0
    while start < word.count {
      let mark = start > 0 ? Array(options.continuation.utf8) : []
      var found: (token: Int32, end: Int)?
      var bytes = mark
      for end in start..<word.count {
        bytes += Array(UTF8.encode(word[end]) ?? UTF8.encodedReplacementCharacter)
        if bytes.count > longestPiece { break }
        if let token = pieces[bytes] { found = (token, end + 1) }
      }
      guard let found else { return [specials.unknown] }
      tokens.append(found.token)
      start = found.end
    }
    return tokens
  }

  /// Words and signs of punctuation, cleaned.
  private func words(of text: String) -> [[Unicode.Scalar]] {
    var words: [[Unicode.Scalar]] = []
    var word: [Unicode.Scalar] = []
    func close() {
      if !word.isEmpty { words.append(word) }
      word = []
    }
    for scalar in cleaned(text) {
      if scalar.properties.isWhitespace {
        close()
      } else if Self.isPunctuation(scalar) || Self.isChinese(scalar.value) {
        close()
        words.append([scalar])
      } else {
        word.append(scalar)
      }
    }
    close()
    return words
  }

  private func cleaned(_ text: String) -> [Unicode.Scalar] {
    let kept = text.unicodeScalars.filter { scalar in
      ["\t", "\n", "\r"].contains(scalar) || (scalar != "\u{fffd}" && !Self.isControl(scalar))
    }
    guard options.lowersCase else { return Array(kept) }
    let bare = String(kept).decomposedStringWithCanonicalMapping.unicodeScalars.filter {
      $0.properties.generalCategory != .nonspacingMark
    }
    return bare.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return [33...47, 58...64, 91...96, 123...126].contains { $0.contains(scalar.value) }
    }
    return switch scalar.properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }

  private static let chinese: [ClosedRange<UInt32>] = [
    0x4e00...0x9fff, 0x3400...0x4dbf, 0x20000...0x2a6df, 0x2a700...0x2b73f, 0x2b740...0x2b81f, 0x2b920...0x2ceaf,
    0xf900...0xfaff, 0x2f800...0x2fa1f,
  ]

  private static func isChinese(_ value: UInt32) -> Bool { chinese.contains { $0.contains(value) } }
}
