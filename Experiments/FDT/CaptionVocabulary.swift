import Alignment
import Datasets

/// The captions of several languages as texts of one vocabulary and one length.
///
/// Padding, unknown, begin and end are the same tokens for all; the words of each language follow those of the language
/// before.
package struct CaptionVocabulary {
  /// A modality of captions.
  package struct Caption {
    package let name: String
    package let length: Int
    package let tokeniser: WordTokeniser
    /// What is added to the numbers of its words.
    package let offset: Int32
  }

  private static let specialTokens = 4

  package let captions: [Caption]
  /// The number of different tokens.
  package let count: Int
  /// The number of tokens of a text.
  package let length: Int

  package init(_ captions: [(name: String, length: Int, tokeniser: WordTokeniser)]) {
    var offset = 0
    self.captions = captions.map { name, length, tokeniser in
      defer { offset += tokeniser.vocabulary.count - Self.specialTokens }
      return Caption(name: name, length: length, tokeniser: tokeniser, offset: Int32(offset))
    }
    count = offset + Self.specialTokens
    length = captions.map(\.length).max() ?? 0
  }

  /// Texts of a modality, each as long as its own captions, in the common vocabulary and length.
  package func texts(_ tokens: [Int32], of caption: Caption) -> ImageTextEncoder.Texts {
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
  package func texts(_ sentences: [String], of caption: Caption) -> ImageTextEncoder.Texts {
    texts(sentences.flatMap { caption.tokeniser.encode($0, length: caption.length) }, of: caption)
  }

  /// The word of a token; nil for padding, unknown, begin and end.
  package func word(_ token: Int32) -> String? {
    guard token >= Self.specialTokens,
      let caption = captions.last(where: { $0.offset + Int32(Self.specialTokens) <= token })
    else { return nil }
    return caption.tokeniser.vocabulary[Int(token - caption.offset)]
  }
}
