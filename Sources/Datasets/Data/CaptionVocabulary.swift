/// The captions of several languages as texts of one vocabulary and one length, or each of its own.
///
/// Padding, unknown, begin and end are the same tokens for all; in one vocabulary the words of each language follow those
/// of the language before.
public struct CaptionVocabulary: Sendable {
  /// A modality of captions.
  public struct Caption: Sendable {
    /// The modality's name.
    public let name: String
    /// The tokens of a text in the data set.
    public let length: Int
    /// What makes tokens of sentences.
    public let tokeniser: WordTokeniser
    /// What is added to the numbers of its words.
    public let offset: Int32
    /// The number of different tokens of the vocabulary that it is read in.
    public fileprivate(set) var vocabularyCount: Int
    /// The tokens of a text there.
    public fileprivate(set) var textLength: Int
  }

  private static let specialTokens = 4

  /// The modalities of captions, in order.
  public let captions: [Caption]
  /// Whether captions of all modalities are of one vocabulary and length.
  public let isShared: Bool

  /// Joins the vocabularies of some modalities of captions.
  ///
  /// - Parameter isShared: whether they become one; else each stays as it is.
  public init(_ captions: [(name: String, length: Int, tokeniser: WordTokeniser)], isShared: Bool = true) {
    var offset = 0
    var all: [Caption] = []
    for (name, length, tokeniser) in captions {
      let own = tokeniser.vocabulary.count
      all.append(
        Caption(
          name: name, length: length, tokeniser: tokeniser, offset: Int32(isShared ? offset : 0), vocabularyCount: own,
          textLength: length))
      offset += own - Self.specialTokens
    }
    if isShared {
      let longest = captions.map(\.length).max() ?? 0
      for index in all.indices {
        (all[index].vocabularyCount, all[index].textLength) = (offset + Self.specialTokens, longest)
      }
    }
    self.captions = all
    self.isShared = isShared
  }

  /// The modality of captions of a name.
  public func caption(named name: String) -> Caption? { captions.first { $0.name == name } }

  /// Texts of a modality, each as long as its own captions, in the vocabulary and length that it is read in.
  public func tokens(_ tokens: [Int32], of caption: Caption) -> [Int32] {
    let (texts, length) = (tokens.count / caption.length, caption.textLength)
    var padded = [Int32](repeating: WordTokeniser.padding, count: texts * length)
    for text in 0..<texts {
      for place in 0..<caption.length {
        let token = tokens[text * caption.length + place]
        padded[text * length + place] = token < Self.specialTokens ? token : token + caption.offset
      }
    }
    return padded
  }

  /// Sentences in the language of a modality, `textLength` tokens each.
  public func tokens(ofSentences sentences: [String], in caption: Caption) -> [Int32] {
    tokens(sentences.flatMap { caption.tokeniser.encode($0, length: caption.length) }, of: caption)
  }

  /// The word of a token of a modality; nil for padding, unknown, begin and end, and for another modality's words.
  public func word(_ token: Int32, of caption: Caption) -> String? {
    let number = Int(token - caption.offset)
    let words = caption.tokeniser.vocabulary.indices.dropFirst(Self.specialTokens)
    return token >= Self.specialTokens && words.contains(number) ? caption.tokeniser.vocabulary[number] : nil
  }
}
