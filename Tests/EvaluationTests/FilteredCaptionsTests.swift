import Evaluation
import Testing

@Suite struct FilteredCaptionsTests {
  @Test func valuesAreThoseByHand() throws {
    let filter = FilteredCaptions(
      [0.9, 0.5, 0.4, 0.2, 0.5], isWrong: [false, true, true, true, false], threshold: 0.5)
    #expect(filter.isKept == [true, true, false, false, true])
    #expect(abs(filter.prior - 3 / 5) < 1e-12 && abs(filter.kept - 3 / 5) < 1e-12)
    #expect(filter.precision == 1 && abs(filter.recall - 2 / 3) < 1e-12 && filter.keptWrong == 1)
    // Of six pairs five are in order, and one is equal.
    #expect(abs(try #require(filter.area) - 5.5 / 6) < 1e-12)
  }

  @Test func theEndsAreDefined() {
    let none = FilteredCaptions([], isWrong: [], threshold: 0.5)
    #expect(
      [none.prior, none.kept, none.precision, none.recall] == [0, 0, 0, 0] && none.keptWrong == 0 && none.area == nil)
    let right = FilteredCaptions([0.1, 0.9], isWrong: [false, false], threshold: 0.5)
    #expect(right.precision == 0 && right.recall == 0 && right.area == nil)
    let equal = FilteredCaptions([0.3, 0.3, 0.3], isWrong: [true, false, false], threshold: 0)
    #expect(equal.area == 0.5 && equal.precision == 0 && equal.kept == 1)
  }
}
