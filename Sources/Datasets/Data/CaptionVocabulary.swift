/// The captions of several languages as texts of one vocabulary and one length, or each of its own.
///
/// Padding, begin, end, what is said of a word's writing, and bytes are the same tokens for all; in one vocabulary the pieces
/// of each language follow those of the language before.
public struct CaptionVocabulary: Sendable {
  /// A modality of captions.
  public struct Caption: Sendable {
    /// The modality's name.
    public let name: String
    /// The tokens of a text in the data set.
    public let length: Int
    /// What makes tokens of sentences.
    public let tokeniser: SubwordTokeniser
    /// What is added to the numbers of its pieces.
    public let offset: Int32
    /// The number of different tokens of the vocabulary that it is read in.
    public fileprivate(set) var vocabularyCount: Int
    /// The tokens of a text there.
    public fileprivate(set) var textLength: Int
    /// What has read it in place of the tokeniser; its tokens stay as they are.
    public let reader: ImportedReading.Captions?

    /// The tokens of a sentence that is not of the data: as many as the reader holds, else those of a caption.
    public var sentenceLength: Int { reader?.length ?? textLength }
  }

  private static let specialTokens = Int(SubwordTokeniser.firstPiece)

  /// The modalities of captions, in order.
  public let captions: [Caption]
  /// Whether captions of all modalities are of one vocabulary and length.
  public let isShared: Bool

  /// Joins the vocabularies of some modalities of captions.
  ///
  /// - Parameters:
  ///   - isShared: whether they become one; else each stays as it is.
  ///   - readers: what has read some of them in place of their tokenisers, by name. Those stay as they are; where it has read
  ///     all they are of one vocabulary, and where some, each is of its own.
  public init(
    _ captions: [(name: String, length: Int, tokeniser: SubwordTokeniser)], isShared: Bool = true,
    readers: [(name: String, reader: ImportedReading.Captions)] = []
  ) {
    let isShared = isShared && readers.isEmpty
    var offset = 0
    var all: [Caption] = []
    for (name, length, tokeniser) in captions {
      if let reader = readers.first(where: { $0.name == name })?.reader {
        all.append(
          Caption(
            name: name, length: length, tokeniser: tokeniser, offset: 0,
            vocabularyCount: reader.tokeniser.vocabularySize, textLength: length, reader: reader))
        continue
      }
      let own = tokeniser.vocabularyCount
      all.append(
        Caption(
          name: name, length: length, tokeniser: tokeniser, offset: Int32(isShared ? offset : 0), vocabularyCount: own,
          textLength: length, reader: nil))
      offset += own - Self.specialTokens
    }
    if isShared {
      let longest = captions.map(\.length).max() ?? 0
      for index in all.indices {
        (all[index].vocabularyCount, all[index].textLength) = (offset + Self.specialTokens, longest)
      }
    }
    self.captions = all
    self.isShared = isShared || (readers.count == captions.count && !readers.isEmpty)
  }

  /// The modality of captions of a name.
  public func caption(named name: String) -> Caption? { captions.first { $0.name == name } }

  /// Texts of a modality, each as long as its own captions, in the vocabulary and length that it is read in.
  public func tokens(_ tokens: [Int32], of caption: Caption) -> [Int32] {
    guard caption.reader == nil else { return tokens }
    let (texts, length) = (tokens.count / caption.length, caption.textLength)
    var padded = [Int32](repeating: SubwordTokeniser.padding, count: texts * length)
    for text in 0..<texts {
      for place in 0..<caption.length {
        let token = tokens[text * caption.length + place]
        padded[text * length + place] = token < Self.specialTokens ? token : token + caption.offset
      }
    }
    return padded
  }

  /// Sentences in the language of a modality, ``Caption/sentenceLength`` tokens each.
  public func tokens(ofSentences sentences: [String], in caption: Caption) -> [Int32] {
    if let reader = caption.reader { return reader.tokens(of: sentences, length: caption.sentenceLength) }
    return tokens(caption.tokeniser.encode(sentences, length: caption.length), of: caption)
  }

  /// The tokens that no text of a modality has, in the vocabulary that it is read in: padding, begin, and the pieces of other
  /// languages.
  public func foreignTokens(to caption: Caption) -> Set<Int32> {
    let first = SubwordTokeniser.firstPiece + caption.offset
    let own = first..<first + Int32(caption.tokeniser.pieces.count)
    let others = (SubwordTokeniser.firstPiece..<max(SubwordTokeniser.firstPiece, Int32(caption.vocabularyCount)))
      .filter { !own.contains($0) }
    return Set(others + [SubwordTokeniser.padding, SubwordTokeniser.begin])
  }

  /// The text that tokens of a modality spell, which a model has written in the vocabulary that it is read in.
  public func text(of tokens: some Sequence<Int32>, in caption: Caption) -> String {
    caption.tokeniser.decode(tokens.map { $0 < Self.specialTokens ? $0 : $0 - caption.offset })
  }

  /// The words of a text of a modality in the vocabulary that it is read in: where their tokens stand, and what they are in
  /// lower case. Signs between words are none.
  public func words(in tokens: some Collection<Int32>, of caption: Caption) -> [(text: String, places: Range<Int>)] {
    guard caption.reader == nil else { return [] }
    let own = tokens.map { $0 < Self.specialTokens ? $0 : $0 - caption.offset }
    return caption.tokeniser.words(in: own).compactMap { places in
      let text = TextIdentity.canonical(caption.tokeniser.decode(own[places]).lowercased())
      return text.contains { $0.isLetter || $0.isNumber } ? (text, places) : nil
    }
  }

  /// Whether a token, of the common vocabulary or else of the first modality's, is the first of a word where nothing
  /// announces one.
  public func beginsWord(_ token: Int32) -> Bool {
    guard token >= Self.specialTokens else { return false }
    let own = isShared ? captions.last { token - $0.offset >= Self.specialTokens } : captions.first
    guard own?.reader == nil else { return false }
    return own.map { $0.tokeniser.beginsWord(token - $0.offset) } ?? false
  }
}
