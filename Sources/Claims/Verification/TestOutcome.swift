import Evaluation
import Runs

/// Whether a test is true.
public enum Decision: String, Sendable {
  /// The test is true.
  case yes
  /// The test is false.
  case no
  /// The difference is smaller than what matters.
  case equivalent
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
    /// The difference that decided; `nil` where a value is not a number.
    public let difference: MeanDifference?
    /// The smallest difference that matters.
    public let smallestDifference: Double
    /// The two-sided probability of such a difference if the true one lay at the border; `nil` where runs do not scatter.
    public let probability: Double?
    /// The number of seeds that would decide the test at 80 % power, going by how the seeds scatter; `nil` where that
    /// is not known.
    public let seedsNeeded: Int?
    /// The number that would if the true difference were as far from the border as the one that was seen, which may be
    /// chance.
    public let seedsAsSeen: Int?
    /// The number of families of test items that would decide with ten seeds; `nil` where items are not known, or ten
    /// seeds are too few whatever is tested.
    public let familiesNeeded: Int?
  }

  /// What the test says.
  public let label: String
  /// Whether that is the claims file's wording, not the scores' names.
  let isNamed: Bool
  /// Whether it is true.
  public let decision: Decision
  /// The numbers as text, or what is missing.
  public let text: String
  /// The numbers of a relation whose scores are there.
  public let figures: Figures?
  /// The relation; `nil` where there are tests inside.
  public let relation: ScoreRelation?
  /// What could not be found.
  public let missing: [String]
  /// The outcomes of the tests inside.
  public let parts: [TestOutcome]

  /// Whether it is open for want of scores alone.
  var isUnmeasured: Bool {
    parts.isEmpty ? !missing.isEmpty : parts.allSatisfy(\.isUnmeasured)
  }

  init(
    label: String, isNamed: Bool, decision: Decision, text: String, figures: Figures? = nil,
    relation: ScoreRelation? = nil,
    missing: [String] = [], parts: [TestOutcome] = []
  ) {
    self.label = label
    self.isNamed = isNamed
    self.decision = decision
    self.text = text
    self.figures = figures
    self.relation = relation
    self.missing = missing
    self.parts = parts
  }
}

extension TestOutcome {
  /// The two-sided probability of what was seen were the relation not true, 1 for what was not measured; of several
  /// relations the greatest, which bounds that of all of them and of any. `nil` where runs do not scatter.
  fileprivate var probability: Double? {
    guard parts.isEmpty else { return parts.compactMap(\.probability).max() }
    return missing.isEmpty ? figures?.probability : 1
  }

  /// The relations inside.
  var relations: [TestOutcome] { parts.isEmpty ? [self] : parts.flatMap(\.relations) }

  /// The outcome with another decision.
  func deciding(_ decision: Decision, remark: String) -> TestOutcome {
    TestOutcome(
      label: label, isNamed: isNamed, decision: decision, text: text + remark, figures: figures, relation: relation,
      missing: missing, parts: parts)
  }
}

extension CommittedResults {
  /// Tries a test.
  public func outcome(of test: ClaimTest) -> TestOutcome {
    switch test.content {
    case .relation(let relation): return outcome(of: relation, name: test.name)
    case .all(let tests):
      let parts = tests.map(outcome)
      return joined(parts, name: test.name, word: "all", decision: Self.all(parts.map(\.decision)))
    case .any(let tests):
      let parts = Self.corrected(tests.map(outcome))
      return joined(parts, name: test.name, word: "any", decision: Self.any(parts.map(\.decision)))
    }
  }

  /// False where one is, else open where one is; equivalent where all are, and false where only some are, since those
  /// are not true.
  private static func all(_ decisions: [Decision]) -> Decision {
    if let first = [Decision.no, .open].first(where: decisions.contains) { return first }
    guard decisions.contains(.equivalent) else { return .yes }
    return decisions.allSatisfy { $0 == .equivalent } ? .equivalent : .no
  }

  /// True where one is, else open where one is; equivalent where all are.
  private static func any(_ decisions: [Decision]) -> Decision {
    if let first = [Decision.yes, .open].first(where: decisions.contains) { return first }
    return decisions.allSatisfy { $0 == .equivalent } ? .equivalent : .no
  }

  /// What one hypothesis of several is about: the scores, and whether they are to be close rather than apart.
  private struct Question: Equatable {
    let names: [[ScoreName]]
    let isOfCloseness: Bool
  }

  /// Takes back what is true before Holm's correction alone; the same difference asked for both ways counts once.
  private static func corrected(_ parts: [TestOutcome]) -> [TestOutcome] {
    var questions: [Question] = []
    var probabilities: [Double] = []
    let places = parts.map { part -> Int? in
      guard let probability = part.probability else { return nil }
      let relations = part.relations.compactMap(\.relation)
      let question = Question(
        names: relations.map(\.names), isOfCloseness: relations.contains { $0.isOfCloseness })
      if let place = questions.firstIndex(of: question) {
        probabilities[place] = max(probabilities[place], probability)
        return place
      }
      questions.append(question)
      probabilities.append(probability)
      return questions.count - 1
    }
    let adjusted = HolmCorrection.adjusted(probabilities)
    return zip(parts, places).map { part, place in
      guard part.decision == .yes, let place, adjusted[place] >= 0.05 else { return part }
      return part.deciding(.open, remark: "; not after Holm's correction for \(questions.count) differences")
    }
  }

  private func joined(_ parts: [TestOutcome], name: String?, word: String, decision: Decision) -> TestOutcome {
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
      let (decision, text, figures) = relation.decide(own, against: other, pairing: pairing(of: relation))
      return TestOutcome(
        label: label, isNamed: name != nil, decision: decision, text: prefix + text, figures: figures,
        relation: relation)
    } catch {
      return TestOutcome(
        label: label, isNamed: name != nil, decision: .open, text: error.text, relation: relation,
        missing: [error.text])
    }
  }
}
