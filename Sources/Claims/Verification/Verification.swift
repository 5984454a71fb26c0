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
          inPart: inPart)
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
    + "smallest difference that matters; open: a score is missing, or the interval does not decide\n"

  /// How many seeds would decide an open test.
  private static func plan(for outcome: TestOutcome) -> String {
    guard let figures = outcome.figures, let relation = outcome.relation else { return "no figures" }
    let smallest = "the smallest difference that matters is \(ScoreRelation.number(relation.smallestDifference))"
    guard let seeds = figures.seedsNeeded, let spread = figures.difference?.spread else {
      return "\(smallest); what one seed adds is not known, so neither is how many would decide"
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
          .init("seedsNeeded", figures.seedsNeeded.map(JSONValue.integer) ?? .null),
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
          "differs": .boolean(finding.differs), "provided": .list(finding.provided.map(test)),
          "tests": .list(finding.tests.map(test)), "inPart": .list(finding.inPart.map(test)),
        ])
      })
  }
}
