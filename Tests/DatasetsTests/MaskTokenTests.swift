import Datasets
import Testing

@Suite struct MaskTokenTests {
  /// No text is read as the token that hides others.
  @Test func noTextHasTheMask() {
    let tokeniser = SubwordTokeniser(texts: ["a b", "ÿ \u{ff} \u{10ffff}"], minimumCount: 1)
    for text in ["ÿ", "\u{10ffff}\u{7ff}", "\u{fffd}", "é漢😀"] {
      #expect(!tokeniser.tokens(of: text).contains(SubwordTokeniser.mask))
    }
  }
}
