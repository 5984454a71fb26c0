/// What stands of a claim.
public enum Verdict: String, CaseIterable, Sendable {
  /// All tests are true.
  case holds
  /// All tests are false.
  case doesNotHold = "does not hold"
  /// Some tests are true, others are not.
  case inPart = "in part"
  /// The difference is smaller than what matters.
  case equivalent
  /// Results are missing, or the seeds cannot tell.
  case undecided
}

/// A claim of a paper's note with the tests that decide it.
///
/// The verdict of the tests:
///
///     a test of `provided` is false or open  → undecided
///     all tests true                         → holds
///     all tests equivalent                   → equivalent
///     all tests false or equivalent          → does not hold
///     one true, one false or equivalent      → in part; with `inPart` only where all of it is true, else does not hold
///     otherwise                              → undecided
public struct Claim: Equatable, Sendable {
  /// Its short name, one of a kind in the file.
  public let identifier: String
  /// What is claimed.
  public let statement: String
  /// Where it is claimed.
  public let source: String
  /// The verdict that is written down.
  public let committed: Verdict
  /// What must be true for the claim to be decided at all.
  public let provided: [ClaimTest]
  /// What decides it, at least one.
  public let tests: [ClaimTest]
  /// What else must be true for tests of which some are true to make it hold in part.
  public let inPart: [ClaimTest]

  /// Creates a claim.
  public init(
    identifier: String, statement: String, source: String, committed: Verdict, provided: [ClaimTest] = [],
    tests: [ClaimTest], inPart: [ClaimTest] = []
  ) {
    precondition(!tests.isEmpty, "Claim: \(identifier) has no test")
    self.identifier = identifier
    self.statement = statement
    self.source = source
    self.committed = committed
    self.provided = provided
    self.tests = tests
    self.inPart = inPart
  }

  /// Every score that the tests look at.
  public var names: [ScoreName] { (provided + tests + inPart).flatMap(\.relations).flatMap(\.names) }

  /// The verdict of decided tests.
  static func verdict(provided: [TestOutcome], tests: [TestOutcome], inPart: [TestOutcome]) -> Verdict {
    guard provided.allSatisfy({ $0.decision == .yes || $0.decision == .equivalent }) else { return .undecided }
    let decisions = tests.map(\.decision)
    func isShort(_ decision: Decision) -> Bool { decision == .no || decision == .equivalent }
    if decisions.allSatisfy({ $0 == .yes }) { return .holds }
    if decisions.allSatisfy({ $0 == .equivalent }) { return .equivalent }
    if decisions.allSatisfy(isShort) { return .doesNotHold }
    guard decisions.contains(.yes), decisions.contains(where: isShort) else { return .undecided }
    if inPart.allSatisfy({ $0.decision == .yes }) { return .inPart }
    // What the seeds cannot tell is not shown; what was never measured may still be.
    let awaitsResults = inPart.contains { $0.decision == .open && !$0.missing.isEmpty }
    let isRefuted = inPart.contains { isShort($0.decision) }
    return awaitsResults && !isRefuted ? .undecided : .doesNotHold
  }
}
