import Claims
import Diagnostics
import Testing

/// Results of a suite's rows, three folders down, and what replaces them.
struct SuiteResultsTests {
  private static let test =
    "{ score: { results: a, evaluator: accuracy, subject: image, metric: share }, greater: { results: b } }"

  private func results(_ a: [Double], _ b: [Double]) throws -> CommittedResults {
    CommittedResults([
      try SampleResults.entry("P/set/a", seeds: Array(0..<a.count), [("image", "share", a)]),
      try SampleResults.entry("P/set/b", seeds: Array(0..<b.count), [("image", "share", b)]),
    ])
  }

  private func file(within: String) throws -> ClaimsFile {
    try ClaimsFile(
      """
      within: \(within)
      claims:
        - { id: first, statement: A is better, source: a note, verdict: undecided, smallestDifference: 0.1, pairing: paired, tests: [\(Self.test)] }
      """, paper: "P", source: "P.claims.yaml")
  }

  @Test func namesWithoutASlashAreOfTheSuite() throws {
    let file = try file(within: "set")
    #expect(file.claims[0].names.map(\.results) == ["P/set/a", "P/set/b"])
    let verification = Verification([file], results: try results([0.5, 0.51, 0.52], [0.1, 0.11, 0.13]))
    #expect(verification.findings.map(\.verdict) == [.holds])
    let error = #expect(throws: UserError.self) { try self.file(within: "a/b") }
    #expect(error?.what == "`within` must be the name of a folder")
  }

  @Test func theIndexHasATableForEachSuite() throws {
    let text = ResultsIndex(try results([0.5], [0.1]), files: []).text
    #expect(text.contains("## P\n\n### [set](P/set/report.md)\n\n| recipe |"))
  }

  @Test func verdictsThatAreOthersAreListed() throws {
    let (old, new) = (try results([0.5, 0.51, 0.52], [0.1, 0.11, 0.13]), try results([0.1, 0.12], [0.5, 0.51]))
    let file = try file(within: "set")
    let changes = VerdictChanges(
      from: Verification([file], results: old), of: old, to: Verification([file], results: new), of: new)
    #expect(changes.changed.count == 1)
    #expect(changes.changed.first?.before == .holds && changes.changed.first?.now == .doesNotHold)
    #expect(changes.plain.contains("P/set/a: 3 seeds before, 2 now"))
    #expect(changes.plain.contains("* 1 of 1 verdicts are not as before; 0 claims are new, 0 are gone\n"))
    let same = VerdictChanges(
      from: Verification([file], results: old), of: old, to: Verification([file], results: old), of: old)
    #expect(same.changed.isEmpty)
  }
}
