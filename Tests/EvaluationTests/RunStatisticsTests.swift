import Evaluation
import Kernels
import Testing

struct RunStatisticsTests {
  @Test func wholeRunsAreDrawn() throws {
    var stream = RandomStream(seed: 1, name: "runs")
    let bootstrap = Bootstrap(resamples: 4000)
    // The two tasks undo each other in every run, so that no draw of whole runs changes the mean.
    let opposed = try #require(bootstrap.runInterval(of: [[1, 2, 3], [3, 2, 1]], using: &stream))
    #expect(opposed.value == 2 && opposed.lower == 2 && opposed.upper == 2)
    // Drawn task by task it does change.
    let apart = try #require(bootstrap.stratifiedInterval(of: [[1, 2, 3], [3, 2, 1]], using: &stream))
    #expect(apart.lower < 2 && apart.upper > 2)
    // Of three runs each end is drawn alone once in 27 times, more often than in 1 of 40: the interval is the range.
    let range = try #require(bootstrap.runInterval(of: [[1, 5, 9]], using: &stream))
    #expect(range.value == 5 && range.lower == 1 && range.upper == 9)
    let middle = try #require(
      bootstrap.runInterval(
        of: [[0, 0], [1, 3], [2, 4], [9, 9]], statistic: SampleStatistic.interquartileMean, using: &stream))
    // The middle half of 0 0 1 3 2 4 9 9.
    #expect(middle.value == 2.5)
    #expect(bootstrap.runInterval(of: [], using: &stream) == nil)
    #expect(bootstrap.runInterval(of: [[]], using: &stream) == nil)
  }

  @Test func theStreamDecidesTheInterval() throws {
    let scores = [[0.1, 0.5, 0.3, 0.9, 0.2], [0.4, 0.6, 0.1, 0.8, 0.3]]
    var first = RandomStream(seed: 3, name: "runs")
    var second = first
    let bootstrap = Bootstrap(resamples: 300)
    #expect(
      bootstrap.runInterval(of: scores, using: &first) == bootstrap.runInterval(of: scores, using: &second))
    #expect(first == second && first.position >= 1500)
  }

  @Test func improvementOfWholeRuns() throws {
    var stream = RandomStream(seed: 1, name: "improvement")
    let bootstrap = Bootstrap(resamples: 2000)
    // First task: 1>0, 1<2, 2>0, 2=2 gives 2.5/4; second task: always better.
    let some = try #require(
      bootstrap.probabilityOfImprovement(ofRuns: [[1, 2], [9, 9]], over: [[0, 2], [1, 1]], using: &stream))
    #expect(abs(some.value - 0.8125) < 1e-12)
    // The ends: the first method's worse run against the second's better one, and the other way round.
    #expect(some.lower == 0.5 && some.upper == 1)
    let all = try #require(
      bootstrap.probabilityOfImprovement(ofRuns: [[3, 4, 5]], over: [[0, 1, 2]], using: &stream))
    #expect(all.value == 1 && all.lower == 1 && all.upper == 1)
    #expect(bootstrap.probabilityOfImprovement(ofRuns: [], over: [], using: &stream) == nil)
    #expect(bootstrap.probabilityOfImprovement(ofRuns: [[1]], over: [[]], using: &stream) == nil)
  }

  @Test(arguments: [(1, 1.0, 0.0), (2, 3, 0.5), (3, 10, 0.75), (5, 126, 0.9375), (6, 462, 0.96875)])
  func fewRunsTellLittle(runs: Int, distinct: Double, coverage: Double) {
    let limits = BootstrapLimits(runs: runs)
    #expect(limits.distinctResamples == distinct)
    #expect(limits.rangeCoverage == coverage)
    #expect(limits.admits(confidence: 0.95) == (runs >= 6))
  }

  @Test func differencesArePairedBySeedWhereMethodsBelongTogether() throws {
    // Differences 1, 2, 3: mean 2, deviation 1, half-width 4.302653 / √3.
    let first = [0: 11.0, 1: 22, 2: 33]
    let second = [2: 30.0, 1: 20, 0: 10, 7: 99]
    let comparison = MethodComparison([first, second, [:]], higherIsBetter: false, reference: 1) { _, _ in true }
    let found = try #require(comparison.differences[0])
    let difference = found.difference
    #expect(difference.mean == 2 && difference.count == 3 && difference.method == .paired && !found.isBeyondChance)
    #expect(abs(try #require(difference.halfWidth()) - 4.302652729911275 / 3.0.squareRoot()) < 1e-9)
    #expect(comparison.reference == 1 && comparison.differences[1] == nil && comparison.differences[2] == nil)
    // The mean over its own seeds is what makes a method the best.
    #expect(comparison.best == 0)
    // A reference without values leaves the best.
    #expect(
      MethodComparison([first, second, [:]], higherIsBetter: false, reference: 2) { _, _ in true }.reference == 0)
    // Methods that have nothing in common are two samples of all their runs.
    let apart = MethodComparison([first, second], higherIsBetter: false, reference: 1) { _, _ in false }
    let welch = try #require(WelchDifference([11, 22, 33], [10, 20, 30, 99]))
    let other = try #require(apart.differences[0]).difference
    #expect(other.method == .independent && abs(other.mean - welch.mean) < 1e-12)
    #expect(abs(try #require(other.halfWidth()) - (try #require(welch.halfWidth))) < 1e-9)
  }

  @Test func theBestStandsOutOnlyAgainstEveryOther() {
    func compare(_ values: [[Int: Double]], _ higherIsBetter: Bool? = true) -> MethodComparison {
      MethodComparison(values, higherIsBetter: higherIsBetter) { _, _ in true }
    }
    let low = [0: 1.0, 1: 2.0, 2: 3.0]
    let high = [0: 5.0, 1: 6.01, 2: 6.99]
    let near = [0: 5.1, 1: 5.5, 2: 7.2]
    #expect(compare([low, high]).standsOut == 1)
    #expect(compare([low, high], false).standsOut == 0)
    #expect(compare([low, high, near]).standsOut == nil && compare([low, high, near]).rivals == [2])
    #expect(compare([low, high, [:]]).standsOut == 1)
    // Neither direction is better; one method alone; a single seed; differences without scatter.
    #expect(compare([low, high], nil).best == nil)
    #expect(compare([high]).standsOut == nil)
    #expect(compare([[0: 1], [0: 2]]).standsOut == nil)
    #expect(compare([[0: 1, 1: 1], [0: 2, 1: 2]]).standsOut == nil)
    // A mean that is not finite is never the best.
    #expect(compare([[0: .nan], [0: 2]]).best == 1)
    #expect(compare([]).best == nil)
  }

  @Test func manyMethodsNeedMoreThanOne() throws {
    // Differences of 8, 10 and 12: t = 8.66 with 2 degrees of freedom, p = 0.0131; of the ten pairs of five methods, of which the
    // best was picked, ten times that; against one that was named four times.
    let best = [0: 20.0, 1: 30, 2: 40]
    let other = [0: 12.0, 1: 20, 2: 28]
    let alone = MethodComparison([best, other], higherIsBetter: true) { _, _ in true }
    #expect(abs(try #require(alone.differences[1]?.adjusted) - 0.0130722) < 1e-6 && alone.standsOut == 0)
    let several = MethodComparison([best, other, other, other, other], higherIsBetter: true) { _, _ in true }
    #expect(abs(try #require(several.differences[1]?.adjusted) - 10 * 0.0130722) < 1e-5)
    #expect(several.standsOut == nil && several.rivals == [1, 2, 3, 4])
    let named = MethodComparison([best, other, other, other, other], higherIsBetter: true, reference: 0) { _, _ in true
    }
    #expect(abs(try #require(named.differences[1]?.adjusted) - 4 * 0.0130722) < 1e-5)
    #expect(named.rivals == [1, 2, 3, 4])
  }

  @Test func holmAdjustsStepByStep() {
    // 4 · 0.01, then 3 · 0.02, then 2 · 0.03 which is less than before, then 0.04 likewise.
    let adjusted = HolmCorrection.adjusted([0.04, 0.01, 0.03, 0.02])
    for (value, expected) in zip(adjusted, [0.06, 0.04, 0.06, 0.06]) { #expect(abs(value - expected) < 1e-12) }
    #expect(HolmCorrection.adjusted([0.9, 0.8]) == [1, 1] && HolmCorrection.adjusted([]).isEmpty)
    #expect(zip(HolmCorrection.adjusted([0.01, 0.02], of: 10), [0.1, 0.18]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func runsThatAreNeeded() throws {
    let plan = RunsNeeded()
    // As z-values 1.96 + 1.2816 give 10.5 · (s / δ)²; few runs need more.
    let many = try #require(plan.count(spread: 10, difference: 1, isPaired: true))
    #expect((1051...1060).contains(many))
    #expect(plan.count(spread: 1, difference: 1, isPaired: true) == 13)
    #expect(try #require(plan.count(spread: 1, difference: 1, isPaired: false)) == 12)
    #expect(plan.count(spread: 0, difference: 1, isPaired: true) == 2)
    // With 10 paired runs (2.262 + 1.383)² · (0.04 + 0.5 · 100 / F) ≤ 1.
    let families = try #require(
      plan.families(
        runs: 10, spread: 0.4.squareRoot(), difference: 1, fixedVariance: 0.5, families: 100, isPaired: true))
    #expect((1418...1421).contains(families), "\(families)")
    #expect(
      plan.families(
        runs: 10, spread: 1, difference: 1, fixedVariance: 0.5, families: 100, isPaired: true) == nil)
    // What more runs do not lessen may be too much: 3.24 · 0.4 > 1.
    #expect(plan.count(spread: 1, difference: 1, fixedVariance: 0.16, isPaired: true) == nil)
    #expect(try #require(plan.count(spread: 1, difference: 1, fixedVariance: 0.04, isPaired: true)) > 13)
  }
}
