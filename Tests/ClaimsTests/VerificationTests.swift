import Claims
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
      results: try SampleResults.pair([0.5, 0.6, 0.7], [0.5, 0.6, 0.7]))
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
          test         yes                     P/a: accuracy, image, share: 60.0 ± 24.8 at least 1
          much better  open                    results missing: P/none, and 1 more
          any of       yes                     1 of 2 true
            test       yes                       P/a: accuracy, image, share: 60.0 ± 24.8 at least 1
            test       open                      results missing: P/none

        mean ± half of the 95 % interval over the seeds, in percent for fractions; open: a score is missing, or the \
        interval does not decide

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
    #expect(tests[0]["method"] as? String == "paired" && tests[0]["difference"] as? Double == 0)
    #expect((tests[0]["value"] as? [String: Any])?["values"] as? [Double] == [0.5, 0.6, 0.7])
    #expect(tests[1]["missing"] as? [String] == ["results missing: P/none"])
  }
}
