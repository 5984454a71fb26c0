/// How a tokeniser reads a text: by whole words of the training texts, by smaller pieces, or by bytes.
public struct TextCoverage: Equatable, Sendable {
  /// The share of bytes among tokens from which on a text is hardly read.
  public static let mostBytes = 0.2

  /// The number of tokens.
  public let tokenCount: Int
  /// The number of bytes among them.
  public let byteCount: Int
  /// The words that are no whole word of the training texts, in lower case, each once, in their order. What has no letter,
  /// and scripts without spaces, have no such words.
  public let pieced: [String]

  /// Takes what a tokeniser without whole words of training texts gives.
  public init(tokenCount: Int) { (self.tokenCount, byteCount, pieced) = (tokenCount, 0, []) }

  /// Reads a text.
  public init(of text: String, in tokeniser: SubwordTokeniser) {
    let tokens = tokeniser.tokens(of: TextIdentity.canonical(text))
    tokenCount = tokens.count
    byteCount = tokens.count(where: SubwordTokeniser.isByte)
    var pieced: [String] = []
    for word in tokeniser.words(in: tokens) {
      let own = tokens[word].filter { $0 >= SubwordTokeniser.firstByte }
      let shown = tokeniser.decode(own)
      let kinds = shown.unicodeScalars.map { TextScalar($0) }
      guard kinds.contains(.letter), !kinds.contains(.unspaced), own.count > 1 || !tokeniser.wholeWords.contains(own[0])
      else { continue }
      if !pieced.contains(shown) { pieced.append(shown) }
    }
    self.pieced = pieced
  }

  /// The share of bytes among the tokens, 0 for a text without any.
  public var byteShare: Double { tokenCount == 0 ? 0 : Double(byteCount) / Double(tokenCount) }

  /// Whether a text is read by bytes for more than a fifth.
  public var isSpelled: Bool { byteShare > Self.mostBytes }
}
