import Evaluation
import Testing

@Suite struct CaptionScoresTests {
  private func item(_ text: String, _ references: String...) -> CaptionScores.Item {
    func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
    return CaptionScores.Item(words(text), references: references.map(words))
  }

  private var items: [CaptionScores.Item] {
    [
      item("a red apple on a table", "a red apple lies on a table", "an apple on the table"),
      item("a cat sits", "a cat sits down", "the cat is sitting"),
      item("two dogs run fast", "two dogs are running", "dogs run fast"),
    ]
  }

  @Test func ciderAgreesWithTheAuthorsCode() {
    let expected = [3.6962922866, 3.3719193224, 3.9875027858]
    #expect(zip(CaptionScores.ciderD(items), expected).allSatisfy { abs($0 - $1) < 1e-8 })
  }

  @Test func bleuAgreesWithTheReference() {
    let found = CaptionScores.bleu(items)
    #expect(zip(found, [1, 1, 0.8298265334, 0]).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test func shortCaptionsPayForBrevity() {
    let found = CaptionScores.bleu([item("red", "red heart")], upTo: 2)
    #expect(abs(found[0] - 0.36787944117) < 1e-9 && found[1] == 0)
    #expect(CaptionScores.bleu([item("", "red heart")]) == [0, 0, 0, 0])
    #expect(CaptionScores.ciderD([item("", "red heart")]) == [0])
  }

  @Test func exactMatchIsOfAnyReference() {
    #expect(CaptionScores.exactMatch([item("a b", "a", "a b"), item("a", "b")]) == 0.5)
    #expect(CaptionScores.exactMatch([]) == 0)
  }
}
