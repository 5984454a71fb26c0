import Options

/// Turns texts into pieces of words, learnt from the training texts alone: byte-pair merges (Sennrich, Haddow & Birch, ACL
/// 2016) within words, with bytes for every scalar that training has not (Kudo & Richardson, EMNLP 2018).
///
/// Nothing is lost: ``decode(_:)`` of ``tokens(of:)`` is Unicode's composed form (NFC) of the text, so texts that differ have
/// different tokens, and NFC and NFD the same.
///
/// - A word is read in lower case behind a token that says how it is written (a capital, or all in capitals), so that
///   `Red`, `RED` and `red` share pieces. Its pieces begin with a mark that stands for the space before it; a token says
///   where there is none, as in `(red`.
/// - Chinese, Japanese, Thai and other scripts without spaces are read by pieces of a whole run.
/// - Punctuation, symbols and white space are pieces of one scalar.
/// - A Hangul syllable that is no piece is read as its conjoining jamo; any other scalar that is none as its bytes in UTF-8.
/// - A piece of several scalars occurs in the training texts, read by all pieces, at least `minimumCount` times, so that its
///   embedding is learnt; what is rarer is read by smaller pieces.
public struct SubwordTokeniser: Equatable, Sendable {
  /// Fills a text up to its length.
  public static let padding: Int32 = 0
  /// Begins a text.
  public static let begin: Int32 = 1
  /// Ends a text.
  public static let end: Int32 = 2
  /// The next word begins with a capital.
  public static let capital: Int32 = 3
  /// The next word is in capitals.
  public static let capitals: Int32 = 4
  /// The next word has no space before it.
  public static let joined: Int32 = 5
  /// The first of the 256 bytes.
  public static let firstByte: Int32 = 6
  /// Stands for a token that a network is to tell: the byte 255, which no text in UTF-8 has.
  public static let mask: Int32 = firstByte + 255
  /// The first piece: from here on tokens mean something else in every tokeniser.
  public static let firstPiece: Int32 = firstByte + 256

  /// How many different tokens may be asked for.
  public static let vocabularySizes = 300...1_000_000

  /// That a `vocabularySize` may be asked for.
  static func requirement(vocabularySize: Int) -> OptionRequirement {
    .count("vocabularySize", vocabularySize, atLeast: vocabularySizes.lowerBound, atMost: vocabularySizes.upperBound)
  }

  /// The number of different tokens.
  public var vocabularyCount: Int { Int(Self.firstPiece) + pieces.count }
  /// The pieces, those of one scalar first, each sort the most frequent or earliest first; words begin with `▁`.
  public let pieces: [String]
  let symbols: PieceSymbols
  /// For each symbol its tokens: one, or those of the parts of a symbol that is no piece.
  private let tokensOfSymbol: [[Int32]]
  private let scalarsOfPiece: [[Unicode.Scalar]]
  /// The tokens that are whole words of the training texts.
  let wholeWords: Set<Int32>

  /// Learns pieces.
  ///
  /// - Parameters:
  ///   - texts: the training texts.
  ///   - vocabularySize: the greatest number of different tokens; those that are not pieces are always there.
  ///   - minimumCount: how often a piece must occur.
  public init(texts: some Sequence<String>, vocabularySize: Int = 8_192, minimumCount: Int = 2) {
    var counts: [TextUnit.Content: Int] = [:]
    for text in texts {
      for unit in TextUnit.units(of: text) { counts[unit.content, default: 0] += 1 }
    }
    let units = counts.map { (content: $0.key, count: $0.value) }.sorted { first, second in
      first.content.scalars == second.content.scalars
        ? second.content.isWord : first.content.scalars.lexicographicallyPrecedes(second.content.scalars)
    }
    self.init(
      PieceSymbols(learning: units, most: max(1, vocabularySize - Int(Self.firstPiece)), minimumCount: minimumCount))
  }

  /// Takes symbols.
  init(_ symbols: PieceSymbols) {
    self.symbols = symbols
    var tokens: [[Int32]] = []
    var pieces: [String] = []
    var wholeWords: Set<Int32> = []
    for (number, name) in symbols.names.enumerated() {
      if let parts = symbols.parts(of: number) {
        tokens.append(tokens[parts.left] + tokens[parts.right])
      } else {
        let token = Self.firstPiece + Int32(pieces.count)
        tokens.append([token])
        pieces.append(name)
        if symbols.words.contains(number) { wholeWords.insert(token) }
      }
    }
    tokensOfSymbol = tokens
    self.pieces = pieces
    scalarsOfPiece = pieces.map { Array($0.unicodeScalars) }
    self.wholeWords = wholeWords
  }

  /// Whether both read every text alike.
  public static func == (first: SubwordTokeniser, second: SubwordTokeniser) -> Bool { first.symbols == second.symbols }
}

// MARK: - Reading

extension SubwordTokeniser {
  /// The tokens of a text without begin, end and padding; none only for an empty text.
  public func tokens(of text: String) -> [Int32] {
    var known: [TextUnit.Content: [Int32]] = [:]
    return tokens(of: text, known: &known)
  }

  /// The tokens of texts, each as ``tokens(of:)-(String)`` reads it.
  public func tokens(of texts: some Sequence<String>) -> [[Int32]] {
    var known: [TextUnit.Content: [Int32]] = [:]
    return texts.map { tokens(of: $0, known: &known) }
  }

  /// Begin, the tokens of the text without white space at its ends, end and padding: `length` tokens; a longer text loses its
  /// last tokens, never the end.
  public func encode(_ text: String, length: Int) -> [Int32] { encode([text], length: length) }

  /// Texts one after another, `[texts, length]`, each as ``encode(_:length:)-(String,_)`` has it.
  public func encode(_ texts: some Sequence<String>, length: Int) -> [Int32] {
    precondition(length >= 3, "SubwordTokeniser.encode: the length must be at least 3, not \(length)")
    return tokens(of: texts.lazy.map(TextIdentity.canonical)).flatMap { own in
      let tokens = [Self.begin] + own.prefix(length - 2) + [Self.end]
      return tokens + [Int32](repeating: Self.padding, count: length - tokens.count)
    }
  }

  /// The length that holds texts whole, begin and end included: that of the longest, at most `most`.
  public func length(holding texts: some Sequence<String>, most: Int = 256) -> Int {
    max(3, min(most, 2 + (tokens(of: texts.lazy.map(TextIdentity.canonical)).lazy.map(\.count).max() ?? 0)))
  }

  private func tokens(of text: String, known: inout [TextUnit.Content: [Int32]]) -> [Int32] {
    var tokens: [Int32] = []
    for unit in TextUnit.units(of: text) {
      if unit.isJoined { tokens.append(Self.joined) }
      switch unit.writing {
      case .plain: break
      case .capital: tokens.append(Self.capital)
      case .capitals: tokens.append(Self.capitals)
      }
      let content = unit.content
      if let own = known[content] {
        tokens += own
      } else {
        let own = self.tokens(of: content)
        known[content] = own
        tokens += own
      }
    }
    return tokens
  }

  /// The pieces and bytes of a unit.
  private func tokens(of unit: TextUnit.Content) -> [Int32] {
    symbols.reading(of: unit).flatMap { part in
      switch part {
      case .symbol(let symbol): tokensOfSymbol[Int(symbol)]
      case .scalar(let scalar): Unicode.UTF8.encode(scalar).map { $0.map { Self.firstByte + Int32($0) } } ?? []
      }
    }
  }
}

// MARK: - Writing

extension SubwordTokeniser {
  /// The text of some tokens; begin, end, padding and numbers of no token are left out, and bytes that are no scalar are
  /// U+FFFD.
  public func decode(_ tokens: some Sequence<Int32>) -> String {
    var writer = TokenWriter()
    for token in tokens {
      switch token {
      case Self.capital: writer.writing = .capital
      case Self.capitals: writer.writing = .capitals
      case Self.joined: writer.isJoined = true
      case Self.firstByte..<Self.firstPiece: writer.bytes.append(UInt8(token - Self.firstByte))
      default:
        let number = Int(token - Self.firstPiece)
        if scalarsOfPiece.indices.contains(number) { writer.write(scalarsOfPiece[number]) }
      }
    }
    return writer.finish()
  }

  /// The piece of a token, a word's beginning as `▁`; nil for any other token.
  public func piece(_ token: Int32) -> String? {
    let number = Int(token) - Int(Self.firstPiece)
    return pieces.indices.contains(number) ? pieces[number] : nil
  }

  /// Whether a token stands for a byte.
  public static func isByte(_ token: Int32) -> Bool { (firstByte..<firstPiece).contains(token) }
}

/// Puts scalars behind each other, in the writing that tokens have announced.
private struct TokenWriter {
  private var view = String.UnicodeScalarView()
  var bytes: [UInt8] = []
  var isJoined = false
  /// What has been announced for the next word.
  var writing = TextUnit.Writing.plain
  /// How the word at hand is written; nil outside words.
  private var current: TextUnit.Writing?

  mutating func write(_ scalars: [Unicode.Scalar]) {
    flush()
    for scalar in scalars {
      guard scalar == TextUnit.wordMark else {
        append(scalar)
        continue
      }
      if !isJoined, !view.isEmpty { view.append(" ") }
      current = writing
      (writing, isJoined) = (.plain, false)
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    let kind = TextScalar(scalar)
    let goesOn = kind == .letter || kind == .mark || TextScalar.joinsLetters(scalar)
    guard let current, goesOn, current != .plain else {
      if !goesOn { self.current = nil }
      view.append(scalar)
      return
    }
    view.append(TextScalar.upper(of: scalar) ?? scalar)
    if current == .capital { self.current = .plain }
  }

  private mutating func flush() {
    guard !bytes.isEmpty else { return }
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { append(scalar) }
    bytes = []
  }

  mutating func finish() -> String {
    flush()
    // Jamo become syllables again.
    return String(view).canonicallyComposed
  }
}

// MARK: - Coding

extension SubwordTokeniser: Codable {
  /// Reads what ``encode(to:)`` has written.
  ///
  /// - Throws: `DecodingError` where it contradicts itself.
  public init(from decoder: any Decoder) throws { self.init(try PieceSymbols(from: decoder)) }

  /// Writes scalars, merges, and which symbols are pieces and words.
  public func encode(to encoder: any Encoder) throws { try symbols.encode(to: encoder) }
}
