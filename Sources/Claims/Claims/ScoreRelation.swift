/// A term held against another, or against a number.
///
/// Numbers are in the unit that tables show: percent for a fraction. Let d = term − reference, with its 95 % interval,
/// paired by seed where both have the same seeds, else Welch's.
public struct ScoreRelation: Equatable, Sendable {
  /// What a term is held against.
  public enum Reference: Equatable, Sendable {
    /// Another term of scores.
    case term(ScoreTerm)
    /// A number.
    case number(Double)
  }

  /// The kinds of relations.
  public enum Kind: Equatable, Sendable {
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
  public let kind: Kind

  /// Creates a relation.
  public init(_ term: ScoreTerm, _ kind: Kind) {
    self.term = term
    self.kind = kind
  }

  /// What the term is held against.
  public var reference: Reference {
    switch kind {
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
