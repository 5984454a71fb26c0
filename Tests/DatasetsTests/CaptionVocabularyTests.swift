import Datasets
import Testing

@Suite struct CaptionVocabularyTests {
  private static let captions = [
    ("caption-en", 4, SubwordTokeniser(texts: ["red red", "dog dog", "Red-dog"], minimumCount: 1)),
    ("caption-ko", 5, SubwordTokeniser(texts: ["개 개"], minimumCount: 1)),
  ]
  private let vocabulary = CaptionVocabulary(captions)
  private let common = SubwordTokeniser.firstPiece

  /// The number of an English or Korean piece in its own vocabulary.
  private func piece(_ name: String, of language: Int) throws -> Int32 {
    common + Int32(try #require(Self.captions[language].2.pieces.firstIndex(of: name)))
  }

  @Test func languagesShareWhatIsNoPiece() throws {
    let (english, korean) = (vocabulary.captions[0], vocabulary.captions[1])
    let pieces = Self.captions.map { $0.2.pieces.count }
    #expect(
      [english, korean].allSatisfy {
        $0.vocabularyCount == Int(common) + pieces[0] + pieces[1] && $0.textLength == 5
      })
    let (dog, red, own) = (try piece("▁dog", of: 0), try piece("▁red", of: 0), try piece("▁개", of: 1))
    #expect(
      vocabulary.tokens(ofSentences: ["dog", "Red dog"], in: english)
        == [1, dog, 2, 0, 0, 1, SubwordTokeniser.capital, red, 2, 0])
    #expect(vocabulary.tokens(ofSentences: ["개"], in: korean) == [1, own + Int32(pieces[0]), 2, 0, 0])
    #expect(vocabulary.caption(named: "caption-ko")?.offset == Int32(pieces[0]))
    #expect(vocabulary.caption(named: "ko") == nil)
    // Both know where words begin, and neither a byte or what is said of a word's writing.
    #expect([dog, red, own + Int32(pieces[0])].allSatisfy(vocabulary.beginsWord))
    #expect(![0, 1, 2, 3, 5, 100].contains(where: vocabulary.beginsWord))
  }

  @Test func languagesMayBeApart() throws {
    let apart = CaptionVocabulary(Self.captions, isShared: false)
    #expect(apart.captions.map(\.vocabularyCount) == Self.captions.map { $0.2.vocabularyCount })
    #expect(apart.captions.map(\.textLength) == [4, 5])
    #expect(apart.tokens(ofSentences: ["개"], in: apart.captions[1]) == [1, try piece("▁개", of: 1), 2, 0, 0])
    #expect(apart.tokens(ofSentences: ["dog"], in: apart.captions[0]) == [1, try piece("▁dog", of: 0), 2, 0])
  }

  @Test func tokensAreShownAsWords() throws {
    let wide = CaptionVocabulary([("ko", 5, Self.captions[1].2), ("en", 16, Self.captions[0].2)])
    let english = wide.captions[1]
    // Words of any writing, of pieces and of bytes, and no sign between them.
    let tokens = wide.tokens(ofSentences: ["Red dog-red: doge"], in: english)
    let words = wide.words(in: tokens, of: english)
    #expect(words.map(\.text) == ["red", "dog", "red", "doge"])
    #expect(words.map(\.places.lowerBound)[0] == 1 && words[0].places.count == 2)
    #expect(words[3].places.count > 1)
  }
}
