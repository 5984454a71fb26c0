import Reports
import Runs

/// Whether a test is true.
public enum Decision: String, Sendable {
  /// The test is true.
  case yes
  /// The test is false.
  case no
  /// A score is missing, or the interval leaves it open.
  case open
}

/// What came of a test.
public struct TestOutcome: Equatable, Sendable {
  /// The numbers of a relation, in the metric's own unit.
  public struct Figures: Equatable, Sendable {
    /// The term's value.
    public let term: ScoreSummary
    /// The value of the other term; `nil` for a number.
    public let reference: ScoreSummary?
    /// The interval that decided; `nil` where means were compared.
    public let difference: ScoreDifference?
    /// The mean difference; without what the relation asks for beyond.
    public let mean: Double
  }

  /// What the test says.
  public let label: String
  /// Whether that is the claims file's wording, not the scores' names.
  let isNamed: Bool
  /// Whether it is true.
  public let decision: Decision
  /// The numbers as text, or what is missing.
  public let text: String
  /// The numbers of a relation that could be decided.
  public let figures: Figures?
  /// What could not be found.
  public let missing: [String]
  /// The outcomes of the tests inside.
  public let parts: [TestOutcome]

  /// Whether it is open for want of scores alone.
  var isUnmeasured: Bool {
    parts.isEmpty ? !missing.isEmpty : parts.allSatisfy(\.isUnmeasured)
  }

  init(
    label: String, isNamed: Bool, decision: Decision, text: String, figures: Figures? = nil, missing: [String] = [],
    parts: [TestOutcome] = []
  ) {
    self.label = label
    self.isNamed = isNamed
    self.decision = decision
    self.text = text
    self.figures = figures
    self.missing = missing
    self.parts = parts
  }
}

extension CommittedResults {
  /// Tries a test.
  public func outcome(of test: ClaimTest) -> TestOutcome {
    switch test.content {
    case .relation(let relation): outcome(of: relation, name: test.name)
    case .all(let tests): joined(tests, name: test.name, word: "all", decisive: .no)
    case .any(let tests): joined(tests, name: test.name, word: "any", decisive: .yes)
    }
  }

  /// One decisive part decides the whole, open parts leave it open, else it is the other way.
  private func joined(_ tests: [ClaimTest], name: String?, word: String, decisive: Decision) -> TestOutcome {
    let parts = tests.map(outcome)
    let isDecisive = parts.contains { $0.decision == decisive }
    let isOpen = parts.contains { $0.decision == .open }
    let decision = isDecisive ? decisive : isOpen ? .open : decisive == .yes ? .no : .yes
    let count = parts.filter { $0.decision == .yes }.count
    return TestOutcome(
      label: name ?? "\(word) of", isNamed: true, decision: decision, text: "\(count) of \(parts.count) true",
      missing: parts.flatMap(\.missing), parts: parts)
  }

  private func outcome(of relation: ScoreRelation, name: String?) -> TestOutcome {
    let label = name ?? relation.term.description
    // A named test must still tell its scores.
    let prefix = name == nil ? "" : "\(relation.term): "
    do throws(MissingScore) {
      let own = try value(of: relation.term)
      let other: Value? =
        if case .term(let term) = relation.reference { try value(of: term) } else { nil }
      let (decision, text, figures) = relation.decide(own, against: other)
      return TestOutcome(label: label, isNamed: name != nil, decision: decision, text: prefix + text, figures: figures)
    } catch {
      return TestOutcome(
        label: label, isNamed: name != nil, decision: .open, text: error.text, missing: [error.text])
    }
  }
}
