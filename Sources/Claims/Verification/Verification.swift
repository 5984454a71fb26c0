import Evaluation
import Reports
import Runs
import StrictYAML
import Training

/// The claims of the papers held against the committed results.
public struct Verification: Sendable {
  /// What came of a claim.
  public struct Finding: Sendable {
    /// The name of the paper.
    public let paper: String
    /// The claim.
    public let claim: Claim
    /// What the results say.
    public let verdict: Verdict
    /// What came of its tests.
    public let tests: [TestOutcome]
    /// What came of what must be true for the claim to be decided.
    public let provided: [TestOutcome]
    /// What came of what must be true for it to hold in part.
    public let inPart: [TestOutcome]
    /// Where what was measured is not as the claim's source has it.
    public let deviations: [Deviation]

    /// Whether the committed verdict is another one.
    public var differs: Bool { verdict != claim.committed }
    /// The claim with its paper: `GMC 3-digits`.
    public var name: String { "\(paper) \(claim.identifier)" }
  }

  /// The claims in order.
  public let findings: [Finding]

  /// Tries every claim.
  public init(_ files: [ClaimsFile], results: CommittedResults) {
    findings = files.flatMap { file in
      file.claims.map { claim in
        let provided = claim.provided.map(results.outcome)
        let tests = claim.tests.map(results.outcome)
        let inPart = claim.inPart.map(results.outcome)
        return Finding(
          paper: file.paper, claim: claim,
          verdict: Claim.verdict(provided: provided, tests: tests, inPart: inPart), tests: tests, provided: provided,
          inPart: inPart, deviations: file.deviations.filter { $0.claims.contains(claim.identifier) })
      }
    }
  }

  /// The claims whose committed verdict is another one.
  public var differing: [Finding] { findings.filter(\.differs) }

  /// A table: a row for each claim, marked where the committed verdict is another one, and for each test below it.
  public var plain: String {
    var rows: [[ScoreTable.Cell]] = []
    for finding in findings {
      rows.append([
        .init(finding.name), .init(finding.verdict.rawValue + (finding.differs ? "*" : "")),
        .init(finding.claim.committed.rawValue), .init(finding.claim.statement),
      ])
      if !finding.deviations.isEmpty {
        rows.append(["  deviations", "", "", .init("  " + Self.words(for: finding.deviations))])
      }
      func add(_ outcome: TestOutcome, prefix: String, depth: Int, isPlanned: Bool) {
        let indent = String(repeating: "  ", count: depth)
        // Scores that were never measured are all missing for one reason, so the first stands for all.
        let rest = outcome.missing.count > 1 ? ", and \(outcome.missing.count - 1) more" : ""
        // The scores' names stand before the figures: as a column of their own they would be very wide.
        let figures = outcome.isNamed ? outcome.text : "\(outcome.label): \(outcome.text)"
        rows.append([
          .init(indent + prefix + (outcome.isNamed ? outcome.label : "test")), .init(outcome.decision.rawValue), "",
          .init(indent + (outcome.isUnmeasured ? outcome.missing[0] + rest : figures)),
        ])
        guard !outcome.isUnmeasured else { return }
        let isPlanned = isPlanned && outcome.decision == .open
        if isPlanned, outcome.figures != nil {
          rows.append(["", "", "", .init(indent + "  " + Self.plan(for: outcome))])
        }
        for part in outcome.parts { add(part, prefix: "", depth: depth + 1, isPlanned: isPlanned) }
      }
      let isOpen = finding.verdict == .undecided
      for outcome in finding.provided { add(outcome, prefix: "provided: ", depth: 1, isPlanned: isOpen) }
      for outcome in finding.tests { add(outcome, prefix: "", depth: 1, isPlanned: isOpen) }
      for outcome in finding.inPart { add(outcome, prefix: "in part if: ", depth: 1, isPlanned: false) }
    }
    let table = ScoreTable(
      title: "claim", heads: ["", "verdict", "committed", "figures"], rows: rows, isNumeric: false)
    let marked = differing.isEmpty ? "" : "* the committed verdict is another one\n"
    return table.plain + "\n" + Self.legend + marked
  }

  private static let legend =
    "mean ± half of the 95 % interval over the seeds, in percent for fractions; equivalent: the interval lies within ± the "
    + "smallest difference that matters; open: a score is missing, or the interval does not decide; and items: families of "
    + "test items are a sample, too, else the seeds alone\n"

  /// Deviations by gravity, the gravest first: the grave ones by their names.
  private static func words(for deviations: [Deviation]) -> String {
    Deviation.Gravity.allCases.reversed().compactMap { gravity -> String? in
      let own = deviations.filter { $0.gravity == gravity }
      guard !own.isEmpty else { return nil }
      return gravity == .minor
        ? "\(own.count) minor" : "\(gravity.rawValue): \(own.map(\.identifier).joined(separator: ", "))"
    }.joined(separator: "; ")
  }

  /// The deviations of all claims, the gravest first.
  public var deviations: String {
    var rows: [[ScoreTable.Cell]] = []
    for paper in ScoreTable.unique(findings.map(\.paper)) {
      let own = findings.filter { $0.paper == paper }
      let all = own.flatMap(\.deviations).reduce(into: [Deviation]()) { if !$0.contains($1) { $0.append($1) } }
      for gravity in Deviation.Gravity.allCases.reversed() {
        for deviation in all where deviation.gravity == gravity {
          rows.append([
            .init("\(paper) \(deviation.identifier)"), .init(gravity.rawValue),
            .init("\(deviation.what). \(deviation.why)."),
          ])
        }
      }
    }
    guard !rows.isEmpty else { return "" }
    return ScoreTable(
      title: "deviations", heads: ["deviation", "gravity", "what and why"], rows: rows, isNumeric: false
    ).plain
  }

  /// How many seeds would decide an open test.
  private static func plan(for outcome: TestOutcome) -> String {
    guard let figures = outcome.figures, let relation = outcome.relation else { return "no figures" }
    let smallest = "the smallest difference that matters is \(ScoreRelation.number(relation.smallestDifference))"
    guard let seeds = figures.seedsNeeded, let spread = figures.difference?.spread else {
      guard let items = figures.difference?.itemVariance, items > 0 else {
        return "\(smallest); what one seed adds is not known, so neither is how many would decide"
      }
      return
        "\(smallest), and the test items alone leave \(relation.term.metric.text(items.squareRoot())), so that no number of "
        + "seeds decides: "
        + (figures.familiesNeeded.map {
          "with 10 seeds \($0) families of items would, of which there are \(figures.difference?.families ?? 0)"
        } ?? "more items and more seeds would")
    }
    let asSeen = figures.seedsAsSeen.map { $0 < seeds ? ", \($0) if the difference is as large as here" : "" } ?? ""
    return
      "\(smallest), a seed scatters by \(relation.term.metric.text(spread)): \(seeds) seeds would decide at 80 % power"
      + asSeen
  }

  /// The claims for a machine; numbers are in the metric's own unit.
  public var json: JSONValue {
    func value(_ summary: ScoreSummary?) -> JSONValue {
      guard let summary else { return .null }
      return .object([
        "mean": .number(summary.mean), "halfWidth": summary.halfWidth.map(JSONValue.number) ?? .null,
        "values": .list(summary.values.map(JSONValue.number)),
      ])
    }
    func test(_ outcome: TestOutcome) -> JSONValue {
      var members: [JSONValue.Member] = [
        .init("test", .text(outcome.label)), .init("decision", .text(outcome.decision.rawValue)),
        .init("figures", .text(outcome.text)),
      ]
      if let figures = outcome.figures {
        members += [
          .init("value", value(figures.term)), .init("against", value(figures.reference)),
          .init("difference", figures.difference.map { .number($0.mean) } ?? .null),
          .init("halfWidth", figures.difference?.halfWidth().map(JSONValue.number) ?? .null),
          .init("method", figures.difference.map { .text($0.method.rawValue) } ?? .null),
          .init("smallestDifference", .number(figures.smallestDifference)),
          .init("spread", figures.difference?.spread.map(JSONValue.number) ?? .null),
          .init("countsItems", .boolean(figures.difference?.itemVariance != nil)),
          .init("seedsNeeded", figures.seedsNeeded.map(JSONValue.integer) ?? .null),
          .init("familiesNeeded", figures.familiesNeeded.map(JSONValue.integer) ?? .null),
          .init("seedsAsSeen", figures.seedsAsSeen.map(JSONValue.integer) ?? .null),
        ]
      }
      members.append(.init("missing", .list(outcome.missing.map(JSONValue.text))))
      members.append(.init("parts", .list(outcome.parts.map(test))))
      return .object(members)
    }
    return .list(
      findings.map { finding in
        .object([
          "paper": .text(finding.paper), "id": .text(finding.claim.identifier),
          "statement": .text(finding.claim.statement), "source": .text(finding.claim.source),
          "verdict": .text(finding.verdict.rawValue), "committed": .text(finding.claim.committed.rawValue),
          "differs": .boolean(finding.differs),
          "deviations": .list(
            finding.deviations.map { deviation in
              .object([
                "id": .text(deviation.identifier), "what": .text(deviation.what), "why": .text(deviation.why),
                "gravity": .text(deviation.gravity.rawValue),
              ])
            }), "provided": .list(finding.provided.map(test)),
          "tests": .list(finding.tests.map(test)), "inPart": .list(finding.inPart.map(test)),
        ])
      })
  }
}
