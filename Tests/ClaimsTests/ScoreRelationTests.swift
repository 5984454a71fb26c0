import Claims
import Evaluation
import Runs
import Testing

@Suite struct ScoreRelationTests {
  private let score = "score: \(SampleResults.a)"

  private func outcome(_ relation: String, _ results: CommittedResults) throws -> TestOutcome {
    try SampleResults.outcome("{ \(score), \(relation) }", of: results)
  }

  // Differences of 8, 10 and 12 points by seed: 10 ± 4.30265 · 2 / √3 = 10 ± 4.968.
  private func tenPoints() throws -> CommittedResults { try SampleResults.pair([0.58, 0.70, 0.82], [0.5, 0.6, 0.7]) }

  @Test func greaterIsPairedBySeed() throws {
    let found = try outcome("greater: { results: b }", try tenPoints())
    #expect(found.decision == .yes)
    #expect(
      found.text == "70.0 ± 29.8 greater than P/b 60.0 ± 24.8; difference 10.0 ± 5.0, paired by seed")
    #expect(found.label == "P/a: accuracy, image, share")
    let difference = try #require(found.figures)
    #expect(abs(try #require(difference.difference?.mean) - 0.1) < 1e-12)
    #expect(abs(try #require(difference.difference?.halfWidth()) - 0.0496828) < 1e-6)
    #expect(difference.difference?.method == .paired)
  }

  @Test(arguments: [
    ("greater: { results: b }, by: 5", Decision.yes), ("greater: { results: b }, by: 6", .open),
    ("greater: { results: b }, by: 14", .open), ("greater: { results: b }, by: 15", .no),
    ("less: { results: b }", .no), ("less: { results: b }, by: 1", .no), ("within: 15, of: { results: b }", .yes),
    ("within: 14, of: { results: b }", .open), ("within: 5, of: { results: b }", .no),
    ("greater: 40", .yes), ("greater: 41", .open), ("less: 101", .yes), ("less: 40", .no),
    ("within: 30, of: 70", .yes), ("within: 20, of: 70", .open), ("within: 1, of: 20", .no),
    // 70 ± 29.8 against a number.
    ("atLeast: 40", .yes), ("atLeast: 41", .open), ("atLeast: 70", .open), ("atLeast: 100", .no),
    ("atMost: 100", .yes), ("atMost: 99", .open), ("atMost: 40", .no),
    // a − share · b by seed: 5.2 ± 3.0, 0.4 ± 1.0 and −5 ± 1.2.
    ("atLeast: 1.08, of: { results: b }", .yes), ("atLeast: 1.16, of: { results: b }", .open),
    ("atLeast: 1.25, of: { results: b }", .no), ("atMost: 1.25, of: { results: b }", .yes),
    ("atMost: 1.16, of: { results: b }", .open), ("atMost: 1.08, of: { results: b }", .no),
    // 10 ± 4.968 against what matters.
    ("greater: { results: b }, smallestDifference: 15", .equivalent),
    ("greater: { results: b }, smallestDifference: 14.9", .yes),
    ("less: { results: b }, smallestDifference: 15", .equivalent),
    ("less: { results: b }, smallestDifference: 14.9", .no),
    ("greater: { results: b }, by: 10, smallestDifference: 5", .equivalent),
    ("greater: { results: b }, by: 10, smallestDifference: 4.9", .open),
    ("atLeast: 1.16, of: { results: b }, smallestDifference: 1.5", .equivalent),
    ("atMost: 1.16, of: { results: b }, smallestDifference: 1.5", .equivalent),
  ]) func everyRelationWithItsEdges(relation: String, decision: Decision) throws {
    #expect(try outcome(relation, try tenPoints()).decision == decision)
  }

  @Test func lessLooksForTheOtherSide() throws {
    let results = try SampleResults.pair([0.5, 0.6, 0.7], [0.58, 0.70, 0.82])
    #expect(try outcome("less: { results: b }", results).decision == .yes)
    #expect(try outcome("less: { results: b }, by: 5", results).decision == .yes)
    #expect(try outcome("less: { results: b }, by: 6", results).decision == .open)
    #expect(try outcome("less: { results: b }, by: 15", results).decision == .no)
    #expect(try outcome("greater: { results: b }", results).decision == .no)
  }

  @Test func otherSeedsAreComparedByWelch() throws {
    // Both scatter by 10 and 12: 10 ± 25 by Welch, which decides nothing.
    let results = try SampleResults.pair([0.58, 0.70, 0.82], [0.5, 0.6, 0.7], seeds: [3, 4, 5])
    let found = try outcome("greater: { results: b }", results)
    #expect(found.decision == .open)
    #expect(found.text.hasSuffix(", by Welch, the seeds differ"))
    #expect(found.missing.isEmpty)
    let far = try SampleResults.pair([0.88, 0.90, 0.92], [0.1, 0.3], seeds: [7, 8])
    #expect(try outcome("greater: { results: b }", far).decision == .open)
    let near = try SampleResults.pair([0.88, 0.90, 0.92], [0.10, 0.11, 0.12], seeds: [7, 8, 9])
    #expect(try outcome("greater: { results: b }", near).decision == .yes)
  }

  @Test func oneSeedDecidesNoInterval() throws {
    let results = try SampleResults.pair([0.9], [0.1])
    let found = try outcome("greater: { results: b }", results)
    #expect(found.decision == .open)
    #expect(found.text == "90.0 greater than P/b 10.0; difference 80.0, no interval with one seed")
    #expect(try outcome("within: 1, of: { results: b }", results).decision == .open)
    // A bare mean is no verdict either.
    #expect(try outcome("atLeast: 2, of: { results: b }", results).decision == .open)
  }

  @Test func tiesShowNoDifference() throws {
    let same = try SampleResults.pair([0.5, 0.6, 0.7], [0.5, 0.6, 0.7])
    #expect(try outcome("greater: { results: b }", same).decision == .equivalent)
    #expect(try outcome("less: { results: b }", same).decision == .equivalent)
    #expect(try outcome("within: 1, of: { results: b }", same).decision == .yes)
    #expect(try outcome("atLeast: 1, of: { results: b }", same).decision == .equivalent)
    // Differences that agree to the last digit have no interval to speak of.
    let shifted = try SampleResults.pair([0.6, 0.7, 0.8], [0.5, 0.6, 0.7])
    #expect(try outcome("greater: { results: b }", shifted).decision == .open)
    #expect(try outcome("atLeast: 1, of: { results: b }", shifted).decision == .yes)
    #expect(try outcome("greater: { results: b }, smallestDifference: 30", shifted).decision == .open)
    #expect(try outcome("within: 30, of: { results: b }", shifted).decision == .open)
  }

  @Test func numbersAreInTheUnitOfTheMetric() throws {
    let results = try SampleResults.pair([250, 260, 270], [240, 252, 258], metric: "rsum")
    let test = "score: { results: a, evaluator: accuracy, subject: image, metric: rsum }"
    let found = try SampleResults.outcome("{ \(test), greater: 200 }", of: results)
    #expect(found.decision == .yes)
    #expect(found.text.hasPrefix("260.0 ± 24.8 greater than 200; difference 60.0"))
    #expect(try SampleResults.outcome("{ \(test), within: 15, of: { results: b } }", of: results).decision == .yes)
    #expect(try SampleResults.outcome("{ \(test), atLeast: 261 }", of: results).decision == .open)
    #expect(try SampleResults.outcome("{ \(test), atLeast: 300 }", of: results).decision == .no)
  }

  @Test func severalScoresMakeAMeanOrAnExtreme() throws {
    let results = CommittedResults([
      try SampleResults.entry(
        "P/a", seeds: [0, 1, 2], [("x", "share", [0.25, 0.5, 0]), ("y", "share", [0.75, 1, 0.25])])
    ])
    func values(_ take: String) throws -> [Double]? {
      let score = "{ results: a, evaluator: accuracy, subject: [x, y], metric: share\(take) }"
      return try SampleResults.outcome("{ score: \(score), atLeast: 0 }", of: results).figures?.term.values
    }
    #expect(try values("") == [0.5, 0.75, 0.125])
    #expect(try values(", take: highest") == [0.75, 1, 0.25])
    #expect(try values(", take: lowest") == [0.25, 0.5, 0])
    let found = try SampleResults.outcome(
      "{ score: { results: a, evaluator: accuracy, subject: [x, y], metric: share }, atLeast: 0 }", of: results)
    #expect(found.label == "P/a: mean of accuracy, x | y, share")
  }

  @Test func aMeanOverRecipesGoesSeedBySeed() throws {
    let test =
      "{ score: [{ results: a, evaluator: accuracy, subject: image, metric: share }, "
      + "{ results: b, evaluator: accuracy, subject: image, metric: share }], atLeast: 0 }"
    // Seeds 0, 1, 2 against 2, 1, 0: (0.1 + 0.6) / 2, (0.2 + 0.5) / 2, (0.3 + 0.4) / 2.
    let found = try SampleResults.outcome(
      test, of: try SampleResults.pair([0.1, 0.2, 0.3], [0.4, 0.5, 0.6], seeds: [2, 1, 0]))
    #expect(try #require(found.figures).term.values.map { ($0 * 1000).rounded() } == [350, 350, 350])
    let other = try SampleResults.outcome(
      test, of: try SampleResults.pair([0.1, 0.2, 0.3], [0.4, 0.5, 0.6], seeds: [0, 1, 9]))
    #expect(other.decision == .open)
    #expect(other.missing == ["seeds differ, so there is no mean: P/a | P/b: mean of accuracy, image, share"])
  }

  @Test func everySomeAllAndAny() throws {
    let results = try tenPoints()
    let both = "{ results: [a, b], evaluator: accuracy, subject: image, metric: share }"
    #expect(try SampleResults.outcome("{ every: \(both), atLeast: 30 }", of: results).decision == .yes)
    #expect(try SampleResults.outcome("{ every: \(both), atLeast: 38 }", of: results).decision == .open)
    #expect(try SampleResults.outcome("{ every: \(both), atLeast: 90 }", of: results).decision == .no)
    #expect(try SampleResults.outcome("{ some: \(both), atLeast: 10 }", of: results).decision == .yes)
    #expect(try SampleResults.outcome("{ some: \(both), atLeast: 120 }", of: results).decision == .no)
    let (yes, no, open) = (
      "{ \(score), atLeast: 1 }", "{ \(score), atMost: 1 }", "{ \(score), greater: { results: none } }"
    )
    for (test, decision) in [
      ("all: [\(yes), \(open)]", Decision.open), ("all: [\(no), \(open)]", .no), ("all: [\(yes), \(yes)]", .yes),
      ("any: [\(yes), \(open)]", .yes), ("any: [\(no), \(open)]", .open), ("any: [\(no), \(no)]", .no),
    ] {
      #expect(try SampleResults.outcome("{ \(test) }", of: results).decision == decision, "\(test)")
    }
    let found = try SampleResults.outcome("{ name: both, all: [\(yes), \(no)] }", of: results)
    #expect(found.label == "both" && found.text == "1 of 2 true" && found.parts.count == 2)
  }

  @Test func ofSomeOnlyWhatIsTrueAfterHolmsCorrectionCounts() throws {
    let results = try tenPoints()
    let both = "{ results: [a, b], evaluator: accuracy, subject: image, metric: share }"
    // a: 32 ± 29.8, t = 4.62 with 2 degrees of freedom, p = 0.044, twice that of two; b: 22 ± 24.8.
    let found = try SampleResults.outcome("{ some: \(both), atLeast: 38 }", of: results)
    #expect(found.decision == .open && found.parts.map(\.decision) == [.open, .open])
    #expect(found.parts[0].text.hasSuffix("; not after Holm's correction for 2 differences"))
    #expect(try SampleResults.outcome("{ \(score), atLeast: 38 }", of: results).decision == .yes)
    // To be close and to be above are two, of which either is enough.
    let close = try SampleResults.pair([0.50, 0.60, 0.70], [0.50, 0.61, 0.69])
    let far = try SampleResults.pair([0.80, 0.90, 0.97], [0.10, 0.21, 0.29])
    let closeOrAbove = "any: [{ \(score), within: 9, of: { results: b } }, { \(score), greater: { results: b } }]"
    #expect(try SampleResults.outcome("{ \(closeOrAbove) }", of: close).decision == .yes)
    #expect(try SampleResults.outcome("{ \(closeOrAbove) }", of: far).decision == .yes)
    // What is not measured, or stands in a test of its own, counts as well.
    let unmeasured = "{ \(score), greater: { results: none } }"
    let nested = "{ any: [{ \(score), atLeast: 38 }, { all: [{ \(score), atLeast: 38 }, \(unmeasured)] }] }"
    #expect(try SampleResults.outcome(nested, of: results).decision == .open)
    // Two sides of one difference are one question.
    let sides = "any: [{ \(score), greater: { results: b }, by: 5 }, { \(score), less: { results: b }, by: 5 }]"
    #expect(try SampleResults.outcome("{ \(sides) }", of: results).decision == .yes)
  }

  @Test func withoutADeclarationTheRecipesPair() throws {
    func decided(_ first: String, _ second: String, pairing: String = "") throws -> MeanDifference.Method? {
      let results = CommittedResults([
        try SampleResults.entry("P/a", [("image", "share", [0.58, 0.70, 0.82])], recipe: first),
        try SampleResults.entry("P/b", [("image", "share", [0.5, 0.6, 0.7])], recipe: second),
      ])
      let file = try ClaimsFile(
        """
        claims:
          - { id: x, statement: s, source: n, verdict: undecided, smallestDifference: 1\(pairing), tests: [{ \(score),
              greater: { results: b } }] }
        """, paper: "P", source: "f")
      return results.outcome(of: file.claims[0].tests[0]).figures?.difference?.method
    }
    let clip = "experiment: e\ndata: { set: s }\nmethod: { name: clip }\ntraining: { epochs: 2 }\n"
    #expect(try decided(clip, clip + "model: { dimensions: 8 }\n") == .paired)
    #expect(try decided(clip, clip.replacing("clip", with: "gmc")) == .independent)
    #expect(try decided(clip, clip.replacing("epochs: 2", with: "epochs: 3")) == .independent)
    #expect(try decided(clip, clip.replacing("set: s", with: "set: t")) == .independent)
    #expect(try decided(clip, clip, pairing: ", pairing: independent") == .independent)
    #expect(try decided(clip, clip.replacing("clip", with: "gmc"), pairing: ", pairing: paired") == .paired)
  }

  // Ten observations, of which b has the first five right in every seed and a one or two more.
  @Test func itemsAreASampleToo() throws {
    func tables(_ right: [Int], shift: Int = 0, families: Int = 10) -> [Int: ItemTable] {
      Dictionary(
        uniqueKeysWithValues: right.enumerated().map { seed, right in
          (
            seed,
            ItemTable(
              families: (0..<10).map { Int32($0 % families) },
              outcomes: [
                ItemOutcomes(
                  evaluator: "accuracy", subject: "image", metric: "share", measure: .hit,
                  values: (0..<10).map { (10 + $0 - shift) % 10 < right ? 1 : 0 }, observations: Array(0..<10))
              ])
          )
        })
    }
    func found(_ a: [Int: ItemTable]?, _ b: [Int: ItemTable]?) throws -> TestOutcome {
      let results = CommittedResults([
        try SampleResults.entry("P/a", [("image", "share", [0.6, 0.6, 0.7])], items: a),
        try SampleResults.entry("P/b", [("image", "share", [0.5, 0.5, 0.5])], items: b),
      ])
      return try outcome("greater: { results: b }, smallestDifference: 10", results)
    }
    let plain = try found(tables([6, 6, 7]), nil)
    #expect(plain.text.hasSuffix("paired by seed") && plain.figures?.difference?.itemVariance == nil)
    // The same observations are right in both, but for one or two.
    let alike = try found(tables([6, 6, 7]), tables([5, 5, 5]))
    #expect(alike.text.hasSuffix("paired by seed and items"))
    let width = try #require(alike.figures?.difference?.standardError)
    #expect(width > (try #require(plain.figures?.difference?.standardError)))
    // Other observations are right: their choice matters more.
    let unlike = try found(tables([6, 6, 7]), tables([5, 5, 5], shift: 5))
    #expect(try #require(unlike.figures?.difference?.standardError) > 1.5 * width)
    // No number of seeds brings the interval below what the items leave.
    #expect(unlike.decision == .open && unlike.figures?.seedsNeeded == nil)
    let text = Verification(
      [
        try SampleResults.file("{ \(score), greater: { results: b }, smallestDifference: 10 }")
      ],
      results: CommittedResults([
        try SampleResults.entry("P/a", [("image", "share", [0.6, 0.6, 0.7])], items: tables([6, 6, 7])),
        try SampleResults.entry("P/b", [("image", "share", [0.5, 0.5, 0.5])], items: tables([5, 5, 5], shift: 5)),
      ])
    ).plain
    let families = try #require(unlike.figures?.familiesNeeded)
    #expect(
      text.contains(
        "so that no number of seeds decides: with 10 seeds \(families) families of items would, of which there are 10"))
  }

  @Test func seedsThatWouldDecideAreCounted() throws {
    // 0 ± 24.8 by seed: a deviation of 10 points.
    let results = try SampleResults.pair([0.5, 0.6, 0.7], [0.6, 0.6, 0.6])
    let found = try outcome("greater: { results: b }, smallestDifference: 5", results)
    #expect(found.decision == .open)
    let figures = try #require(found.figures)
    #expect(abs(try #require(figures.difference?.spread) - 0.1) < 1e-12)
    #expect(figures.seedsNeeded == RunsNeeded().count(spread: 0.1, difference: 0.05, isPaired: true))
    #expect(try outcome("greater: { results: b }, smallestDifference: 50", results).decision == .equivalent)
    let one = try SampleResults.pair([0.9], [0.1])
    #expect(try outcome("greater: { results: b }", one).figures?.seedsNeeded == nil)
  }

  @Test func whatIsMissingIsNamed() throws {
    let results = try tenPoints()
    #expect(try outcome("greater: { results: c }", results).missing == ["results missing: P/c"])
    #expect(try outcome("greater: { results: Q/a }", results).text == "results missing: Q/a")
    #expect(
      try outcome("greater: { subject: imag }", results).text
        == "score missing: P/a: accuracy, imag, share; did you mean `image`?")
    #expect(try outcome("greater: { metric: quality }", results).text == "score missing: P/a: accuracy, image, quality")
    #expect(
      try outcome("greater: { evaluator: acuracy }", results).text
        == "score missing: P/a: acuracy, image, share; did you mean `accuracy`?")
  }

  @Test func anotherUnitThanThatOfTheNameDecidesNothing() throws {
    func results(_ unit: String?) throws -> CommittedResults {
      CommittedResults([
        try SampleResults.entry("P/a", [("image", "share", [0.58, 0.70, 0.82])], unit: unit),
        try SampleResults.entry("P/b", [("image", "share", [0.5, 0.6, 0.7])], unit: unit),
      ])
    }
    #expect(try outcome("greater: { results: b }", results("fraction")).decision == .yes)
    let other = try outcome("greater: { results: b }", results("number"))
    #expect(other.decision == .open)
    #expect(
      other.text == "unit unknown: P/a: accuracy, image, share is recorded in another unit than its name stands for")
  }

  @Test func whatIsNoNumberDecidesNothing() throws {
    let results = try SampleResults.pair([0.5, 0.6, .infinity], [0.1, 0.2, 0.3])
    for relation in [
      "atLeast: 10", "atMost: 10", "greater: { results: b }", "less: { results: b }", "within: 5, of: { results: b }",
    ] {
      #expect(try outcome(relation, results).decision == .open, "\(relation)")
    }
  }
}
