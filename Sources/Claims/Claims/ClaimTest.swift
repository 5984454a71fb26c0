/// What decides a claim: a comparison of scores, or several that all or of which one must be true.
public struct ClaimTest: Equatable, Sendable {
  /// What is tested.
  public indirect enum Content: Equatable, Sendable {
    /// A comparison.
    case comparison(Comparison)
    /// Every one of the tests.
    case all([ClaimTest])
    /// At least one of the tests.
    case any([ClaimTest])
  }

  /// What the test says; `nil` where its scores say it.
  public let name: String?
  /// What is tested.
  public let content: Content

  /// Creates a test.
  public init(name: String? = nil, _ content: Content) {
    self.name = name
    self.content = content
  }

  /// The comparisons, in order.
  public var comparisons: [Comparison] {
    switch content {
    case .comparison(let comparison): [comparison]
    case .all(let tests), .any(let tests): tests.flatMap(\.comparisons)
    }
  }
}

/// A term held against another, or against a number.
///
/// Numbers are in the unit that tables show: percent for a fraction. Let d = term − reference, with its 95 % interval,
/// paired by seed where both have the same seeds, else Welch's.
public struct Comparison: Equatable, Sendable {
  /// What a term is held against.
  public enum Reference: Equatable, Sendable {
    /// Another term.
    case term(ScoreTerm)
    /// A number.
    case number(Double)
  }

  /// The relations.
  public enum Relation: Equatable, Sendable {
    /// True where the interval of d lies above `by`, false where it lies below.
    case greater(Reference, by: Double)
    /// True where the interval of d lies below −`by`, false where it lies above.
    case less(Reference, by: Double)
    /// True where the interval of d lies inside ± tolerance, false where it lies outside.
    case within(Double, of: Reference)
    /// True where mean ≥ share · mean of the reference, else false.
    case atLeast(share: Double, of: Reference)
    /// True where mean ≤ share · mean of the reference, else false.
    case atMost(share: Double, of: Reference)
  }

  /// The term.
  public let term: ScoreTerm
  /// How it is held against the reference.
  public let relation: Relation

  /// Creates a comparison.
  public init(_ term: ScoreTerm, _ relation: Relation) {
    self.term = term
    self.relation = relation
  }

  /// What the term is held against.
  public var reference: Reference {
    switch relation {
    case .greater(let reference, _), .less(let reference, _), .within(_, let reference), .atLeast(_, let reference),
      .atMost(_, let reference):
      reference
    }
  }

  /// Every score that is looked at.
  public var names: [ScoreName] {
    if case .term(let other) = reference { term.names + other.names } else { term.names }
  }
}
