import Evaluation
import Testing

struct RegressionScoresTests {
  @Test func officialValues() throws {
    let scores = RegressionScores(
      [-2.1, 0.3, 0.5, 0.1, 1.9, -0.4, 0.6, -0.1], truths: [-3, -1.2, 0, 0.4, 2.6, 0, -0.2, 1])
    #expect(abs(try #require(scores.meanAbsoluteError) - 0.775) < 1e-12)
    #expect(abs(try #require(scores.correlation) - 0.8435235952212394) < 1e-12)
    #expect(scores.signed == [0, 1, 3, 4, 6, 7])
    #expect(scores.signAccuracy == 0.5)
    #expect(abs(try #require(scores.signF1()) - 0.48571428571428577) < 1e-12)
    #expect(abs(try #require(scores.signF1(byPredictions: true)) - 0.5142857142857142) < 1e-12)
    #expect(scores.roundedAccuracy(most: 3) == 0.375)
    #expect(scores.roundedAccuracy(most: 2) == 0.625)
  }

  @Test func nothingAndNoSpreadHaveNoScore() {
    let none = RegressionScores([], truths: [])
    #expect(none.meanAbsoluteError == nil && none.correlation == nil && none.signAccuracy == nil)
    #expect(none.signF1() == nil && none.roundedAccuracy(most: 3) == nil)
    let flat = RegressionScores([1, 1, 1], truths: [0, 0, 0])
    #expect(flat.correlation == nil && flat.signAccuracy == nil && flat.meanAbsoluteError == 1)
    // A prediction of 0 is not above 0; a rounding to even is met.
    #expect(RegressionScores([0], truths: [-1]).signAccuracy == 1)
    #expect(RegressionScores([2.5], truths: [2]).roundedAccuracy(most: 3) == 1)
  }
}
