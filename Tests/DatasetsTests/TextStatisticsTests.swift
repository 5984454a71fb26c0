import Datasets
import Testing

@Suite struct TextStatisticsTests {
  private let tokeniser = SubwordTokeniser(texts: ["a photo of a dog", "a photo of a cat"], minimumCount: 1)

  @Test func equalCutAndSpelledTextsAreCounted() {
    let texts = ["a dog", "a dog ", "", "a photo of a dog", "a photo of a cat", "a photo of a 犬", "Dog"]
    let whole = TextStatistics(of: texts, tokeniser: tokeniser, length: 12)
    #expect(whole.texts == 6 && whole.different == 5 && whole.confused == 0 && whole.cut == 0)
    // The sign and the space before it are four bytes among 2 + 5 + 5 + 8 + 2 tokens.
    #expect(abs(whole.byteShare - 4.0 / 22) < 1e-9)
    #expect(
      "\(whole)" == "6, of them 5 different, 0 equal to another as tokens, 0 cut; 18.2 % of the tokens are bytes")
    let cut = TextStatistics(of: texts, tokeniser: tokeniser, length: 6)
    #expect(cut.different == 5 && cut.cut == 3 && cut.confused == 3)
    #expect(cut.byteShare == 0)
    #expect(
      cut.remarks(on: "caption", side: "test", length: 6) == [
        "3 of 5 different test texts of caption are cut to 6 tokens",
        "3 of 5 different test texts of caption are equal to another once they are cut",
      ])
    #expect(whole.remarks(on: "caption", side: "test", length: 12).isEmpty)
    let foreign = TextStatistics(of: ["犬 犬"], tokeniser: tokeniser, length: 12)
    #expect(foreign.byteShare > 0.8)
    #expect(foreign.remarks(on: "caption", side: "test", length: 12).count == 1)
    #expect(TextStatistics(of: [], tokeniser: tokeniser, length: 12).byteShare == 0)
  }

  @Test func coverageNamesWordsThatAreReadInPieces() {
    let coverage = TextCoverage(of: "A Dog, a dogg of a photo of cats", in: tokeniser)
    #expect(coverage.pieced == ["dogg", "cats"])
    #expect(!coverage.isSpelled)
    let spelled = TextCoverage(of: "犬", in: tokeniser)
    #expect(spelled.isSpelled && spelled.pieced.isEmpty && spelled.byteShare == 1)
    #expect(TextCoverage(of: " ", in: tokeniser).tokenCount == 0)
  }

  @Test func namesThatAreReadAsTextsAreRemarkedOn() {
    #expect(tokeniser.remark(onNames: ["dog", "cat", "a dog"], of: "kind", length: 8) == nil)
    #expect(
      tokeniser.remark(onNames: ["dog", "犬"], of: "kind", length: 8)
        == "Of the 2 names of kind 1 are of signs that no training caption has, and are read by their bytes.")
    #expect(
      tokeniser.remark(onNames: ["a dog", "a cat", "dog"], of: "kind", length: 3)
        == "Of the 3 names of kind 2 are cut to 3 tokens and equal to another.")
  }
}
