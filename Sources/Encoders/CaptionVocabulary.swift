import Datasets
import Objectives

/// The captions of several languages as texts of one vocabulary and one length.
///
/// Padding, unknown, begin and end are the same tokens for all; the words of each language follow those of the language
/// before.
public struct CaptionVocabulary {
  /// A modality of captions.
  public struct Caption {
    /// The modality's name.
    public let name: String
    /// The tokens of a text in the data set.
    public let length: Int
    /// What makes tokens of sentences.
    public let tokeniser: WordTokeniser
    /// What is added to the numbers of its words.
    public let offset: Int32
  }

  private static let specialTokens = 4

  /// The modalities of captions, in order.
  public let captions: [Caption]
  /// The number of different tokens.
  public let count: Int
  /// The number of tokens of a text.
  public let length: Int

  /// Joins the vocabularies of some modalities of captions.
  public init(_ captions: [(name: String, length: Int, tokeniser: WordTokeniser)]) {
    var offset = 0
    self.captions = captions.map { name, length, tokeniser in
      defer { offset += tokeniser.vocabulary.count - Self.specialTokens }
      return Caption(name: name, length: length, tokeniser: tokeniser, offset: Int32(offset))
    }
    count = offset + Self.specialTokens
    length = captions.map(\.length).max() ?? 0
  }

  /// Texts of a modality, each as long as its own captions, in the common vocabulary and length.
  public func texts(_ tokens: [Int32], of caption: Caption) -> ImageTextEncoder.Texts {
    let texts = tokens.count / caption.length
    var padded = [Int32](repeating: WordTokeniser.padding, count: texts * length)
    for text in 0..<texts {
      for place in 0..<caption.length {
        let token = tokens[text * caption.length + place]
        padded[text * length + place] = token < Self.specialTokens ? token : token + caption.offset
      }
    }
    return ImageTextEncoder.Texts(padded, count: texts)
  }

  /// Sentences in the language of a modality.
  public func texts(_ sentences: [String], of caption: Caption) -> ImageTextEncoder.Texts {
    texts(sentences.flatMap { caption.tokeniser.encode($0, length: caption.length) }, of: caption)
  }

  /// The word of a token; nil for padding, unknown, begin and end.
  public func word(_ token: Int32) -> String? {
    guard token >= Self.specialTokens,
      let caption = captions.last(where: { $0.offset + Int32(Self.specialTokens) <= token })
    else { return nil }
    return caption.tokeniser.vocabulary[Int(token - caption.offset)]
  }
}
