import Evaluation
import Kernels
import Testing

@Suite struct StatisticsTests {
  @Test(arguments: [
    (0.975, 1.0, 12.70620474), (0.975, 2, 4.30265273), (0.975, 4, 2.77644511), (0.975, 9, 2.26215716),
    (0.95, 9, 1.83311293), (0.995, 29, 2.7563859), (0.975, 1000, 1.96233908), (0.6, 3, 0.27667066),
    (0.9999, 2.5, 34.86796932), (0.975, 1e6, 1.95996636), (0.025, 4, -2.77644511), (0.5, 4, 0),
  ]) func quantilesOfTheTable(probability: Double, degrees: Double, expected: Double) {
    let value = StudentT(degreesOfFreedom: degrees).quantile(probability)
    #expect(abs(value - expected) <= 1e-8 * max(1, abs(expected)) * 2)
  }

  @Test func cumulativeProbabilities() {
    #expect(isClose(StudentT(degreesOfFreedom: 3).cumulative(1.5), 0.8847080673775886, within: 1e-13))
    #expect(isClose(StudentT(degreesOfFreedom: 7).cumulative(-2), 0.042809664281488025, within: 1e-13))
    #expect(StudentT(degreesOfFreedom: 5).cumulative(0) == 0.5)
  }

  @Test func estimateOfFiveSeeds() throws {
    let estimate = try #require(Estimate(of: [0.97, 0.972, 0.975, 0.969, 0.974]))
    #expect(isClose(estimate.mean, 0.972, within: 1e-12) && estimate.count == 5)
    let interval = try #require(estimate.interval)
    #expect(isClose(interval.lowerBound, 0.9688343655219166, within: 1e-9))
    #expect(isClose(interval.upperBound, 0.9751656344780831, within: 1e-9))
    #expect(estimate.formatted(scale: 100) == "97.2 ± 0.3")
  }

  @Test func oneRunHasNoInterval() throws {
    let one = try #require(Estimate(of: [0.5]))
    #expect(one.halfWidth == nil && one.standardDeviation == nil && one.interval == nil)
    #expect(one.formatted(scale: 100) == "50.0")
    #expect(Estimate(of: []) == nil && Estimate.difference([], []) == nil)
  }

  @Test func pairedDifferences() throws {
    // Differences 1, 2, 3: mean 2, standard deviation 1, half width 4.30265 / √3.
    let difference = try #require(Estimate.difference([11, 22, 33], [10, 20, 30]))
    #expect(difference.mean == 2 && difference.standardDeviation == 1)
    #expect(isClose(difference.halfWidth, 4.30265273 / 3.0.squareRoot(), within: 1e-7))
    let wider = try #require(Estimate.difference([11, 22, 33], [10, 20, 30], confidence: 0.99))
    #expect(try #require(wider.halfWidth) > (try #require(difference.halfWidth)))
  }

  @Test func unpairedDifferences() throws {
    // Variances 1 and 4 over three values each: s² = 5/3, ν = 50/17.
    let difference = try #require(WelchDifference([12, 14, 16], [1, 2, 3]))
    #expect(difference.mean == 12)
    #expect(isClose(difference.degreesOfFreedom, 50.0 / 17, within: 1e-12))
    #expect(isClose(difference.halfWidth, 4.155399503, within: 1e-6))
    let sameSpread = try #require(WelchDifference([1, 2, 3], [1, 2, 3]))
    #expect(sameSpread.mean == 0 && sameSpread.degreesOfFreedom == 4)
    let one = try #require(WelchDifference([5], [1, 2, 3]))
    #expect(one.mean == 3 && one.halfWidth == nil && one.degreesOfFreedom == nil)
    #expect(try #require(WelchDifference([2, 2], [1, 1])).halfWidth == 0)
    #expect(try #require(WelchDifference([.infinity, 2], [1, 1])).halfWidth?.isNaN == true)
    #expect(WelchDifference([], [1]) == nil)
  }

  @Test func digitsFollowTheInterval() throws {
    // Two runs at mean ± d have the half width 12.7062 d.
    func text(_ mean: Double, _ halfWidth: Double) throws -> String {
      let spread = halfWidth / 12.70620474
      return try #require(Estimate(of: [mean - spread, mean + spread])).formatted()
    }
    #expect(try text(97.234, 0.42) == "97.2 ± 0.4")
    #expect(try text(97.234, 0.123) == "97.23 ± 0.12")
    #expect(try text(97.234, 0.096) == "97.23 ± 0.10")
    #expect(try text(97.234, 3.4) == "97 ± 3")
    #expect(try text(97.234, 14) == "97 ± 14")
    #expect(try text(0.00638, 0.00021) == "0.0064 ± 0.0002")
    #expect(try text(-0.01, 0.4) == "0.0 ± 0.4")
    #expect(try #require(Estimate(of: [1, 1, 1])).formatted(scale: 100) == "100 ± 0")
    #expect(try #require(Estimate(of: [0.0063870754])).formatted() == "0.00639")
    #expect(try #require(Estimate(of: [.nan, 1])).formatted() == "nan ± nan")
  }

  @Test func sampleStatistics() {
    #expect(SampleStatistic.median(of: [3, 1, 2]) == 2 && SampleStatistic.median(of: [4, 1, 2, 3]) == 2.5)
    #expect(SampleStatistic.quantile(0.25, of: [1, 2, 3, 4, 5]) == 2)
    #expect(isClose(SampleStatistic.quantile(0.1, of: [10, 20]), 11))
    #expect(SampleStatistic.interquartileMean(of: [100, 1, 2, 3, 4, 5, 6, -50]) == 3.5)
    #expect(SampleStatistic.interquartileMean(of: [7]) == 7)
  }

  @Test func bootstrapOfAMean() throws {
    let values = normalMatrix(100, 1, seed: 31).values.map(Double.init)
    var stream = RandomStream(seed: 1, name: "bootstrap")
    var again = stream
    let interval = try #require(Bootstrap(resamples: 2000).interval(of: values, using: &stream))
    #expect(interval.lower < interval.value && interval.value < interval.upper)
    // For a mean it comes close to Student's interval.
    let width = try #require(Estimate(of: values)?.halfWidth)
    #expect(abs((interval.upper - interval.lower) / 2 / width - 1) < 0.15)
    #expect(Bootstrap(resamples: 2000).interval(of: values, using: &again) == interval)
    #expect(Bootstrap().interval(of: [1], using: &stream) == nil)
  }

  @Test func strataAreResampledByThemselves() throws {
    var stream = RandomStream(seed: 1, name: "strata")
    // Each task is constant, so no resampling can change the mean, however unlike the tasks are.
    let constant = try #require(
      Bootstrap(resamples: 200).stratifiedInterval(of: [[1, 1, 1], [5, 5, 5]], using: &stream))
    #expect(constant.value == 3 && constant.lower == 3 && constant.upper == 3)
    let middle = try #require(
      Bootstrap(resamples: 200).stratifiedInterval(
        of: [[1, 2], [3, 4]], statistic: SampleStatistic.interquartileMean, using: &stream))
    #expect(middle.value == 2.5 && middle.lower >= 2 && middle.upper <= 3.5 && middle.lower < middle.upper)
    #expect(Bootstrap().stratifiedInterval(of: [], using: &stream) == nil)
    #expect(Bootstrap().stratifiedInterval(of: [[1], []], using: &stream) == nil)
  }

  @Test func probabilityOfImprovement() throws {
    var stream = RandomStream(seed: 1, name: "improvement")
    let bootstrap = Bootstrap(resamples: 500)
    // First task: 1>0, 1<2, 2>0, 2=2 gives 2.5/4; second task: always better.
    let some = try #require(
      bootstrap.probabilityOfImprovement(of: [[1, 2], [9, 9]], over: [[0, 2], [1, 1]], using: &stream))
    #expect(isClose(some.value, (0.625 + 1) / 2) && some.lower < some.value && some.upper == 1)
    let none = try #require(bootstrap.probabilityOfImprovement(of: [[1, 1]], over: [[1, 1]], using: &stream))
    #expect(none.value == 0.5 && none.lower == 0.5 && none.upper == 0.5)
    #expect(bootstrap.probabilityOfImprovement(of: [], over: [], using: &stream) == nil)
  }

  @Test func subsetsInReadableOrder() {
    let subsets = ModalitySubset.all(of: ["image", "sound", "label"])
    #expect(
      subsets.map(\.name) == [
        "image", "sound", "label", "image+sound", "image+label", "sound+label", "image+sound+label",
      ])
    #expect(subsets[4].members == [0, 2] && subsets.map(\.isComplete) == [Bool](repeating: false, count: 6) + [true])
    #expect(ModalitySubset.all(of: []).isEmpty && ModalitySubset.all(of: ["a", "b", "c", "d"]).count == 15)
    #expect(ModalitySubset.all(of: ["image"]).map(\.isComplete) == [true])
  }

  @Test func partialRepresentationIsTheMeanOfThePresent() {
    let subsets = ModalitySubset.all(of: ["a", "b", "c"])
    let parts = [matrix([[1, 0]]), matrix([[9, 9]]), matrix([[0, 1]])]
    #expect(subsets[0].average(of: parts) == parts[0])
    #expect(subsets[4].average(of: parts) == matrix([[0.5, 0.5]]))
  }
}
