import Datasets
import Testing

@Suite struct TextIdentityTests {
  @Test func canonicalFormsAreComposedAndTrimmed() {
    #expect(TextIdentity.canonical(" \n red  dog\u{3000}") == "red  dog")
    #expect(
      Array(TextIdentity.canonical("cafe\u{301} \u{1100}\u{1161}").unicodeScalars)
        == Array("caf\u{e9} \u{ac00}".unicodeScalars))
    #expect(TextIdentity.canonical(" \t\u{85}").isEmpty)
  }

  @Test func equalTextsHaveEqualNumbers() {
    var identity = TextIdentity()
    let numbers = ["dog", "Dog", " dog ", "", "dog!", "\u{ac00}", "\u{1100}\u{1161}", "dog"].map {
      identity.number(of: $0)
    }
    #expect(numbers == [0, 1, 0, TextIdentity.none, 2, 3, 3, 0] && identity.count == 4)
  }
}
