import Diagnostics
import Foundation
import Harness
import Testing

@Suite struct RunDifferenceTests {
  let sample: SampleRun

  init() throws { sample = try SampleRun() }

  private func score(_ values: [Double], metric: String = "accuracy") -> ScoreSummary {
    ScoreSummary(evaluator: "accuracy", subject: "image", metric: metric, values: values)
  }

  @Test func sameSeedsArePairedWhateverTheirOrder() throws {
    // Differences 1, 2, 3 by seed: mean 2, standard deviation 1, half width 4.30265 / √3.
    let difference = ScoreDifference(
      score([10, 20, 30]), seeds: [0, 1, 2], score([33, 11, 22]), seeds: [2, 0, 1])
    #expect(difference.method == .paired)
    #expect(difference.mean == 2)
    #expect(abs(try #require(difference.halfWidth) - 2.4841377) < 1e-6)
    #expect(!difference.excludesZero && difference.isImprovement == nil)
  }

  @Test func otherSeedsAreComparedByWelch() throws {
    // Variances 1 and 4 over three each: s² = 5/3, ν = 50/17, t = 3.2187586.
    let difference = ScoreDifference(score([1, 2, 3]), seeds: [0, 1, 2], score([12, 14, 16]), seeds: [3, 4, 5])
    #expect(difference.method == .welch)
    #expect(difference.mean == 12)
    #expect(abs(try #require(difference.halfWidth) - 4.155399503) < 1e-6)
    #expect(difference.excludesZero && difference.isImprovement == true)
  }

  @Test func theDirectionIsTheMetricsOwn() {
    let lower = ScoreDifference(
      score([5, 6, 7], metric: "median rank"), seeds: [0, 1, 2], score([1, 2.1, 3], metric: "median rank"),
      seeds: [0, 1, 2])
    #expect(lower.excludesZero && lower.isImprovement == true)
    let neutral = ScoreDifference(
      score([5, 6, 7], metric: "cosine"), seeds: [0, 1, 2], score([1, 2.1, 3], metric: "cosine"), seeds: [0, 1, 2])
    #expect(neutral.excludesZero && neutral.isImprovement == nil)
  }

  @Test(arguments: [([1.0], [2.0]), ([1.0, 2.0], [2.0, 3.0])])
  func nothingIsMarkedWithoutScatter(first: [Double], second: [Double]) {
    let seeds = Array(first.indices)
    let difference = ScoreDifference(score(first), seeds: seeds, score(second), seeds: seeds)
    #expect(difference.mean == 1)
    #expect(!difference.excludesZero)
    #expect(difference.method == (first.count == 1 ? .none : .paired))
  }

  @Test func differencesAreShownWithTheirOrigins() throws {
    let first = try sample.finished(overrides: ["seeds=[0,1,2]"])
    let shifts = [0.051, 0.06, 0.042]
    let second = try sample.finished(
      overrides: ["seeds=[0,1,2]", "training.epochs=3", "method.temperature=0.10"],
      results: shifts.map(SampleRun.seed), commit: "decade", start: 100)
    let difference = RunDifference(try RunRecord(of: first), try RunRecord(of: second))
    let hashes = try [first, second].map { try $0.readResult().hash }
    #expect(
      difference.plain == """
        A  sample/small \(hashes[0]), commit c0ffee+, seeds 0, 1, 2
           \(first.url.path)
        B  sample/small \(hashes[1]), commit decade+, seeds 0, 1, 2
           \(second.url.path)

        setting          A             B
        training.epochs  10 (default)  3 (command line)

        also    A             B
        commit  c0ffee-dirty  decade-dirty

        accuracy                       A           B       B − A
        image, accuracy (%)   95.0 ± 2.5  100.1 ± 2.2  +5.1 ± 0.3*
        all, accuracy (%)     99.0 ± 0.0   99.0 ± 0.0   0.0 ± 0.0

        """)
  }
}
