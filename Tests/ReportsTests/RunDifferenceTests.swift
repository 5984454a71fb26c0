import Diagnostics
import Foundation
import Reports
import Runs
import SampleRuns
import StrictYAML
import Testing
import Training

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

        accuracy                      A            B       B − A
        image, accuracy (%)  95.0 ± 2.5  100.1 ± 2.2  +5.1 ± 0.2*
        all, accuracy (%)    99.0 ± 0.0   99.0 ± 0.0   0.0 ± 0.0

        retrieval                            A           B       B − A
        image → sound, R@1 (%)      50.0 ± 2.5  55.1 ± 2.2  +5.1 ± 0.2*
        image → sound, median rank   2.0 ± 0.0   2.0 ± 0.0   0.0 ± 0.0
        sound → image, R@1 (%)      25.0 ± 0.0  25.0 ± 0.0   0.0 ± 0.0

        B − A: mean difference ± half of the 95 % interval by Student's t, paired by the 3 seeds
        * the interval leaves zero out (not corrected for 5 scores)

        """)
  }

  @Test func unlikeRunsAreComparedInWhatTheyShare() throws {
    let first = try sample.finished(overrides: ["seeds=[0,1,2]"])
    var result = SampleRun.seed(0)
    result.scores.removeFirst(3)
    result.scores.append(Score(evaluator: "geometry", subject: "image", metric: "alignment", value: 0.5))
    result.datasetChecksums = ["emoji": "def"]
    let second = try sample.finished(overrides: ["seeds=[4]", "threads=1"], results: [result], start: 100)
    let difference = RunDifference(try RunRecord(of: first), try RunRecord(of: second))
    let text = difference.plain
    #expect(
      text.contains("Only in A: accuracy, image, accuracy; accuracy, all, accuracy; retrieval, image → sound, R@1\n"))
    #expect(text.contains("Only in B: geometry, image, alignment\n"))
    #expect(text.contains("B − A: no interval: a run has one seed\n") && !text.contains("*"))
    #expect(text.contains("\nthreads  null (default)            1 (command line)\n"))
    #expect(text.contains("\ndata digits  abc123   –\n"))
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(difference.json.json.utf8)) as? [String: Any])
    #expect(
      Set(json.keys) == ["first", "second", "settings", "circumstances", "scores", "onlyInFirst", "onlyInSecond"])
    #expect((json["first"] as? [String: Any])?["commit"] as? String == "c0ffee-dirty")
    let settings = try #require(json["settings"] as? [[String: Any]])
    #expect(settings.map { $0["key"] as? String } == ["seeds", "threads"])
    #expect((settings[1]["second"] as? [String: Any])?["origin"] as? String == "command line")
    let scores = try #require(json["scores"] as? [[String: Any]])
    #expect(scores.count == 2 && scores[0]["halfWidth"] is NSNull && scores[0]["method"] as? String == "none")
    #expect(scores[0]["difference"] as? Double == 0)
  }
}
