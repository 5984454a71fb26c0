import Claims
import Diagnostics
import Testing

@Suite struct ClaimsFileTests {
  private func message(_ test: String, rest: String = "", suffix: String = "") -> String {
    do {
      _ = try SampleResults.file(test, rest: rest, suffix: suffix)
      return ""
    } catch {
      return "\(error)"
    }
  }

  private let score = "score: \(SampleResults.a)"

  @Test func otherScoresTakeWhatTheyDoNotSay() throws {
    let claim = try SampleResults.file(
      "{ score: { results: a, evaluator: e, subject: [x, y], metric: m, take: highest }, greater: { results: Q/b } }"
    ).claims[0]
    let relation = claim.tests[0].relations[0]
    #expect(relation.term.names.map(\.description) == ["P/a: e, x, m", "P/a: e, y, m"])
    guard case .greater(.term(let other), let by) = relation.kind else {
      Issue.record("a relation of another kind")
      return
    }
    #expect(other.names.map(\.description) == ["Q/b: e, x, m", "Q/b: e, y, m"])
    #expect(other.choice == .highest && by == 0)
    // `every` takes them one by one, and so does what each is held against.
    let single = try SampleResults.file(
      "{ every: { results: a, evaluator: e, subject: x, metric: [m, n] }, atLeast: 0.75, of: { subject: z } }"
    ).claims[0].tests[0]
    #expect(
      single.relations.flatMap(\.names).map(\.description) == [
        "P/a: e, x, m", "P/a: e, z, m", "P/a: e, x, n", "P/a: e, z, n",
      ])
  }

  @Test func anUnknownKeyIsNamedWithTheNearest() {
    #expect(
      message("{ \(score), graeter: 5 }")
        == "P.claims.yaml:9:90: unknown key `claims[0].tests[0].graeter`; did you mean `claims[0].tests[0].greater`?")
    #expect(message("{ \(score), greater: 5 }", rest: "verdit: holds").contains("did you mean `claims[0].verdict`?"))
    #expect(
      message("{ score: { result: a }, greater: 5 }").contains("did you mean `claims[0].tests[0].score.results`?"))
    #expect(message("{ \(score), greater: 5 }", suffix: "claim: []").contains("did you mean `claims`?"))
  }

  @Test(arguments: [
    ("{ greater: 5 }", "`claims[0].tests[0]` has none of score, every, some, all, any"),
    ("{ SCORE }", "`claims[0].tests[0]` has none of greater, less, within, atLeast, atMost"),
    ("{ SCORE, greater: 5, less: 7 }", "`claims[0].tests[0].less` does not go with `greater`; keep one"),
    ("{ SCORE, every: { }, less: 7 }", "`claims[0].tests[0].every` does not go with `score`; keep one"),
    ("{ SCORE, greater: 5, of: 7 }", "`claims[0].tests[0].of` does not go with `greater`; remove it"),
    ("{ SCORE, atLeast: 5, by: 7 }", "`claims[0].tests[0].by` does not go with `atLeast`; remove it"),
    ("{ SCORE, within: 5 }", "`claims[0].tests[0].within` says not of what; add `of:` with a number or a score"),
    ("{ SCORE, within: -5, of: 3 }", "`claims[0].tests[0].within` cannot be -5.0"),
    ("{ SCORE, greater: high }", "`claims[0].tests[0].greater` must be a section, not text"),
    ("{ SCORE, greater: { results: ../b } }", "`../b` is no name of results; name a recipe's folder"),
    ("{ SCORE, greater: { subject: [] } }", "`claims[0].tests[0].greater.subject` names nothing"),
    ("{ SCORE, greater: { subject: [x, x] } }", "`x` stands there twice; keep one"),
    ("{ SCORE, greater: { take: best } }", "`claims[0].tests[0].greater.take` cannot be `best`"),
    ("{ SCORE, greater: { metric: rsum } }", "`claims[0].tests[0]` holds percent against another unit"),
    ("{ all: [], by: 1 }", "`claims[0].tests[0].by` does not go with `all`"),
    ("{ all: [] }", "`claims[0].tests[0].all` must be a list of tests"),
    ("{ score: { results: a }, greater: 5 }", "`claims[0].tests[0].score` has no `evaluator`; name the evaluator"),
    (
      "{ every: { results: a, evaluator: e, subject: x, metric: m, take: mean }, greater: 5 }",
      "`claims[0].tests[0].every` takes scores one by one"
    ),
  ]) func aTestThatSaysNothingClearIsRefused(test: String, what: String) {
    let found = message(test.replacing("SCORE", with: score))
    #expect(found.contains(": \(what)"), "\(found)")
    #expect(found.hasPrefix("P.claims.yaml:9:"))
  }

  @Test func theSmallestDifferenceIsTheClaimsOrTheTests() throws {
    let claim = try SampleResults.file(
      "{ \(score), greater: 5, smallestDifference: 2, pairing: independent }, { \(score), greater: 5 }, "
        + "{ all: [{ \(score), less: 5 }], smallestDifference: 3 }, { \(score), within: 4, of: 50 }"
    ).claims[0]
    let relations = claim.tests.flatMap(\.relations)
    #expect(relations.map(\.smallestDifference) == [2, 0.1, 3, 4])
    #expect(relations.map(\.pairing) == [.independent, .paired, .paired, .paired])
    func message(_ test: String) -> String {
      do {
        _ = try ClaimsFile(
          "claims: [{ id: x, statement: s, source: n, verdict: undecided, tests: [\(test)] }]", paper: "P", source: "f")
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(
      message("{ \(score), greater: 5 }").hasSuffix(
        "`claims[0].tests[0]` says not which difference matters; add `smallestDifference:` to it or to its claim, in the "
          + "metric's unit, percent for fractions"))
    for (rest, what) in [
      ("smallestDifference: 0", "smallestDifference` must be above 0"),
      ("smallestDifference: much", "smallestDifference` must be a number"),
      ("smallestDiference: 1", "did you mean `claims[0].tests[0].smallestDifference`?"),
      ("smallestDifference: 1, pairing: seeds", "pairing` cannot be `seeds`; choose one of paired, independent"),
    ] { #expect(message("{ \(score), greater: 5, \(rest) }").contains(what), "\(rest)") }
    #expect(
      message("{ \(score), within: 5, of: 3, smallestDifference: 1 }").contains(
        "does not go with `within`, whose tolerance it is; remove it"))
    #expect(message("{ \(score), within: 5, of: 3 }").isEmpty)
  }

  @Test func aClaimNeedsAllItsParts() {
    func message(_ text: String) -> String {
      do {
        _ = try ClaimsFile(text, paper: "P", source: "f")
        return ""
      } catch {
        return "\(error)"
      }
    }
    let test = "tests: [{ \(score), greater: 5, smallestDifference: 1 }]"
    #expect(message("") == "f:1:1: `claims` must be a list of claims; begin each with `- id:`")
    #expect(message("claims: [{ }]").contains("`claims[0].id` is missing"))
    #expect(message("claims: [{ id: x, \(test) }]").contains("`claims[0].verdict` is missing"))
    #expect(message("claims: [{ id: x, verdict: undecided, \(test) }]").contains("`claims[0].statement` is missing"))
    let claim = "{ id: x, statement: s, source: n, verdict: undecided, \(test) }"
    #expect(message("claims: [\(claim)]").isEmpty)
    #expect(message("claims: [\(claim), \(claim)]").contains("`claims[1].id` `x` stands there twice"))
    #expect(message("claims: [{ id: x, verdict: hold }]").contains("did you mean `holds`?"))
    #expect(message("claims: [{ id: x, verdict: holds }]").contains("`claims[0].tests` is missing"))
  }

  @Test func theIndexIsReadStrictly() throws {
    let good = "index: { columns: [{ title: t, value: { evaluator: e, subject: [x, y], metric: m } }] }"
    #expect(try SampleResults.file("{ \(score), greater: 5 }", suffix: good).index?.columns.map(\.title) == ["t"])
    let test = "{ \(score), greater: 5 }"
    for (index, what) in [
      ("index: { colums: [] }", "did you mean `index.columns`?"), ("index: { note: x }", "must be a list of columns"),
      ("index: { columns: [{ value: {} }] }", "`index.columns[0].title` is missing"),
      ("index: { columns: [{ title: t }] }", "must be there, `value` or `values`"),
      ("index: { columns: [{ title: t, value: { evaluator: e } }] }", "has no `subject`; name the subject"),
    ] {
      #expect(message(test, suffix: index).contains(what), "\(message(test, suffix: index))")
    }
  }
}
