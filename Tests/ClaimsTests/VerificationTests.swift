import Claims
import Evaluation
import Foundation
import StrictYAML
import Testing

@Suite struct VerificationTests {
  private let yes = "{ score: \(SampleResults.a), atLeast: 1 }"
  private let no = "{ score: \(SampleResults.a), atMost: 1 }"
  private let open = "{ score: \(SampleResults.a), greater: { results: b } }"
  private let missing = "{ score: \(SampleResults.a), greater: { results: none } }"

  private func verify(_ tests: [String], rest: String = "", verdict: String = "undecided") throws -> Verification {
    Verification(
      [try SampleResults.file(tests.joined(separator: ", "), verdict: verdict, rest: rest)],
      results: try SampleResults.pair([0.5, 0.6, 0.7], [0.4, 0.6, 0.8]))
  }

  private func verdict(_ tests: [String], rest: String = "") throws -> Verdict {
    try verify(tests, rest: rest).findings[0].verdict
  }

  @Test func testsMakeTheVerdict() throws {
    #expect(try verdict([yes, yes]) == .holds)
    #expect(try verdict([no, no]) == .doesNotHold)
    #expect(try verdict([yes, no]) == .inPart)
    #expect(try verdict([yes, no, open]) == .inPart)
    #expect(try verdict([yes, open]) == .undecided)
    #expect(try verdict([no, open]) == .undecided)
    #expect(try verdict([open]) == .undecided)
    #expect(try verdict([missing]) == .undecided)
  }

  @Test func smallDifferencesAreEquivalent() throws {
    // a less b is 10, 0 and −10 points.
    let same = "{ score: \(SampleResults.a), greater: { results: b }, smallestDifference: 30 }"
    #expect(try verdict([same]) == .equivalent)
    #expect(try verdict([same, same]) == .equivalent)
    #expect(try verdict([same, no]) == .doesNotHold)
    #expect(try verdict([same, yes]) == .inPart)
    #expect(try verdict([same, open]) == .undecided)
    #expect(try verdict([same, yes], rest: "inPart: [\(same)]") == .doesNotHold)
    #expect(try verdict([yes], rest: "provided: [\(same)]") == .holds)
    #expect(try verdict(["{ all: [\(same), \(same)] }"]) == .equivalent)
    #expect(try verdict(["{ all: [\(same), \(yes)] }"]) == .doesNotHold)
    #expect(try verdict(["{ all: [\(same), \(no)] }"]) == .doesNotHold)
    #expect(try verdict(["{ any: [\(same), \(same)] }"]) == .equivalent)
    #expect(try verdict(["{ any: [\(same), \(no)] }"]) == .doesNotHold)
    #expect(try verdict(["{ any: [\(same), \(yes)] }"]) == .holds)
    #expect(try verify([same], verdict: "equivalent").differing.isEmpty)
  }

  @Test func undecidedTestsSayHowManySeedsWouldDecide() throws {
    let text = try verify([open.replacing("results: b }", with: "results: b }, smallestDifference: 5")]).plain
    let seeds = try #require(RunsNeeded().count(spread: 0.1, difference: 0.05, isPaired: true))
    #expect(
      text.contains(
        "the smallest difference that matters is 5, a seed scatters by 10.0: \(seeds) seeds would decide at 80 % power\n"
      ))
    // What is decided needs no more.
    #expect(try !verify([yes]).plain.contains("would decide"))
  }

  @Test func thePowerTableCountsSeedsAndHours() throws {
    let results = CommittedResults([
      try SampleResults.entry("P/a", [("image", "share", [0.5, 0.6, 0.7])], seconds: 1800),
      try SampleResults.entry("P/b", [("image", "share", [0.4, 0.6, 0.8])], seconds: 900),
    ])
    let wide = open.replacing("results: b }", with: "results: b }, smallestDifference: 5")
    let verification = Verification([try SampleResults.file("\(wide), \(yes), \(missing)")], results: results)
    let seeds = try #require(RunsNeeded().count(spread: 0.1, difference: 0.05, isPaired: true))
    let text = PowerTable(verification, results: results).plain
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let hours = String(format: "%.1f", Double(seeds) * 2700 / 3600)
    #expect(lines[1] == ["P", "first", "test", "1", "open", "10.0", "5", "3", "\(seeds)", "–", "–", "2700", hours])
    #expect(lines[2] == ["test", "2", "yes", "10.0", "0.1", "3", "3", "–", "–", "1800", "1.5"])
    #expect(lines[3] == ["test", "3", "open", "–", "0.1", "–", "–", "–", "–", "–", "–"])
    #expect(
      text.contains(
        "2 recipes, each with the seeds of its most demanding test: \(hours) hours of one process; with 10 at most: 7.5 "
          + "hours\n"))
    #expect(
      text.hasSuffix(
        "without results: P/none\nnot in these hours, since no number of seeds can be told: P first test 3\n"))
  }

  @Test func whatIsProvidedComesFirst() throws {
    #expect(try verdict([yes], rest: "provided: [\(yes)]") == .holds)
    #expect(try verdict([yes], rest: "provided: [\(yes), \(no)]") == .undecided)
    #expect(try verdict([no], rest: "provided: [\(missing)]") == .undecided)
  }

  @Test func inPartMayAskForMore() throws {
    #expect(try verdict([yes, no], rest: "inPart: [\(yes)]") == .inPart)
    #expect(try verdict([yes, no], rest: "inPart: [\(no)]") == .doesNotHold)
    // What the interval leaves open is not shown; what was not measured may be.
    #expect(try verdict([yes, no], rest: "inPart: [\(open)]") == .doesNotHold)
    #expect(try verdict([yes, no], rest: "inPart: [\(missing)]") == .undecided)
    #expect(try verdict([yes, no], rest: "inPart: [\(missing), \(no)]") == .doesNotHold)
    #expect(try verdict([yes, yes], rest: "inPart: [\(no)]") == .holds)
    #expect(try verdict([no, no], rest: "inPart: [\(yes)]") == .doesNotHold)
  }

  @Test func anotherVerdictThanTheCommittedDiffers() throws {
    #expect(try verify([yes], verdict: "holds").differing.isEmpty)
    #expect(try verify([missing], verdict: "undecided").differing.isEmpty)
    #expect(try verify([missing], verdict: "holds").differing.map(\.name) == ["P first"])
    #expect(try verify([yes], verdict: "does not hold").differing.map(\.verdict) == [.holds])
  }

  @Test func theTableShowsEveryTest() throws {
    let both = "{ results: [a, b], evaluator: accuracy, subject: image, metric: share }"
    let found = try verify([
      yes, "{ name: much better, every: \(both), greater: { results: none } }", "{ any: [\(yes), \(missing)] }",
    ])
    #expect(
      found.plain == """
        claim          verdict    committed  figures
        P first        undecided  undecided  A is better
          test         yes                     P/a: accuracy, image, share: 60.0 ± 24.8 at least 1; difference 59.0 ± 24.8, over the seeds
          much better  open                    results missing: P/none, and 1 more
          any of       yes                     1 of 2 true
            test       yes                       P/a: accuracy, image, share: 60.0 ± 24.8 at least 1; difference 59.0 ± 24.8, over the seeds
            test       open                      results missing: P/none

        mean ± half of the 95 % interval over the seeds, in percent for fractions; equivalent: the interval lies within ± \
        the smallest difference that matters; open: a score is missing, or the interval does not decide; and items: \
        families of test items are a sample, too, else the seeds alone

        """)
    let other = try verify([yes], verdict: "in part").plain
    #expect(other.contains("P first  holds*"))
    #expect(other.hasSuffix("* the committed verdict is another one\n"))
  }

  @Test func machinesReadTheSame() throws {
    let text = try verify([open, missing], verdict: "holds").json.json
    let findings = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    let finding = try #require(findings.first)
    #expect(finding["paper"] as? String == "P" && finding["id"] as? String == "first")
    #expect(finding["verdict"] as? String == "undecided" && finding["committed"] as? String == "holds")
    #expect(finding["differs"] as? Bool == true)
    let tests = try #require(finding["tests"] as? [[String: Any]])
    #expect(tests.map { $0["decision"] as? String } == ["open", "open"])
    #expect(tests[0]["method"] as? String == "paired")
    #expect(abs(try #require(tests[0]["difference"] as? Double)) < 1e-12)
    #expect(
      tests[0]["smallestDifference"] as? Double == 0.001 && tests[0]["seedsNeeded"] as? Int ?? 0 > 1000, "\(tests[0])")
    #expect((tests[0]["value"] as? [String: Any])?["values"] as? [Double] == [0.5, 0.6, 0.7])
    #expect(tests[1]["missing"] as? [String] == ["results missing: P/none"])
  }
}
