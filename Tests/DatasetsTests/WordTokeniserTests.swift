import Datasets
import Foundation
import Testing

struct WordTokeniserTests {
  @Test func splitsOnSpaceAndPunctuation() {
    #expect(WordTokeniser.words(in: "Flag: Svalbard & Jan-Mayen") == ["flag", "svalbard", "&", "jan", "mayen"])
    #expect(WordTokeniser.words(in: "keycap: #") == ["keycap", "#"])
    #expect(WordTokeniser.words(in: "일본어 \"여기\" 버튼") == ["일본어", "여기", "버튼"])
    #expect(WordTokeniser.words(in: " \n") == [])
    // Decomposed é and decomposed Hangul are composed.
    #expect(WordTokeniser.words(in: "cafe\u{301} \u{1100}\u{1161}") == ["caf\u{e9}", "\u{ac00}"])
  }

  @Test func ordersByCountThenCodePoint() {
    let tokeniser = WordTokeniser(texts: ["b a", "c b é", "d"])
    #expect(Array(tokeniser.vocabulary.dropFirst(4)) == ["b", "a", "c", "d", "é"])
    #expect(WordTokeniser(texts: ["b a", "b"], minimumCount: 2).vocabulary.count == 5)
    #expect(WordTokeniser(texts: [String]()).vocabulary.count == 4)
  }

  @Test func padsTruncatesAndDecodes() {
    let tokeniser = WordTokeniser(texts: ["red red red apple apple pie"])
    #expect(tokeniser.encode("Red apple!", length: 6) == [2, 4, 5, 3, 0, 0])
    #expect(tokeniser.encode("red apple pie", length: 4) == [2, 4, 5, 3])
    #expect(tokeniser.encode("", length: 3) == [2, 3, 0])
    #expect(tokeniser.tokens(of: "new unseen pie") == [1, 6])
    #expect(tokeniser.decode([2, 4, 1, 6, 3, 0]) == "red <unknown> pie")
  }

  @Test func splitsUnknownHangulWords() {
    // 얼굴 twice is a word; 얼굴의 once is 얼굴 + 의; 나무 once is spelled.
    let tokeniser = WordTokeniser(texts: ["얼굴 얼굴 얼굴의 나무"])
    #expect(Set(tokeniser.vocabulary.dropFirst(4)) == ["얼굴", "##의", "나", "##무"])
    let tokens = tokeniser.tokens(of: "나의 얼굴의")
    #expect(tokens.map { tokeniser.vocabulary[Int($0)] } == ["나", "##의", "얼굴", "##의"])
    #expect(tokeniser.decode(tokens) == "나의 얼굴의")
    #expect(tokeniser.tokens(of: "꽃병") == [1])
  }

  @Test func survivesCoding() throws {
    let tokeniser = WordTokeniser(texts: ["one two"])
    let data = try JSONEncoder().encode(tokeniser)
    #expect(try JSONDecoder().decode(WordTokeniser.self, from: data) == tokeniser)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(WordTokeniser.self, from: Data("[]".utf8)) }
  }
}
