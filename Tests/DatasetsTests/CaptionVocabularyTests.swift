import Datasets
import Testing

@Suite struct CaptionVocabularyTests {
  private static let captions = [
    ("caption-en", 4, WordTokeniser(vocabulary: ["<padding>", "<unknown>", "<begin>", "<end>", "red", "dog"])),
    ("caption-ko", 5, WordTokeniser(vocabulary: ["<padding>", "<unknown>", "<begin>", "<end>", "개"])),
  ]
  private let vocabulary = CaptionVocabulary(captions)

  @Test func languagesShareSpecialTokensOnly() throws {
    let (english, korean) = (vocabulary.captions[0], vocabulary.captions[1])
    #expect([english, korean].allSatisfy { $0.vocabularyCount == 7 && $0.textLength == 5 })
    #expect(
      vocabulary.tokens(ofSentences: ["dog", "a dog"], in: english) == [2, 5, 3, 0, 0, 2, 1, 5, 3, 0])
    #expect(vocabulary.tokens(ofSentences: ["개"], in: korean) == [2, 6, 3, 0, 0])
    #expect((0..<7).map { vocabulary.word($0, of: english) } == [nil, nil, nil, nil, "red", "dog", nil])
    #expect((0..<7).map { vocabulary.word($0, of: korean) } == [nil, nil, nil, nil, nil, nil, "개"])
    #expect(vocabulary.caption(named: "caption-ko")?.offset == 2 && vocabulary.caption(named: "ko") == nil)
  }

  @Test func languagesMayBeApart() {
    let apart = CaptionVocabulary(Self.captions, isShared: false)
    #expect(apart.captions.map(\.vocabularyCount) == [6, 5] && apart.captions.map(\.textLength) == [4, 5])
    #expect(apart.tokens(ofSentences: ["개"], in: apart.captions[1]) == [2, 4, 3, 0, 0])
    #expect(apart.tokens(ofSentences: ["dog"], in: apart.captions[0]) == [2, 5, 3, 0])
  }
}
