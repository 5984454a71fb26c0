/// A term held against another, or against a number.
///
/// Numbers are in the unit that tables show: percent for a fraction. Let d = term − share · reference (share = 1 where
/// none is named), with its 95 % interval, and δ the smallest difference that matters. Every kind but `within` has a
/// border b, and d is
///
///     equivalent   where the interval lies within b ± δ
///     beyond b     where the interval lies beyond it on the side that is asked for
///     short of b   where it lies on the other side
///
/// and else nothing is decided. With enough seeds one of the three comes true.
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
    /// d lies above b = `by`.
    case greater(Reference, by: Double)
    /// d lies below b = −`by`.
    case less(Reference, by: Double)
    /// True where the interval of d lies inside ± tolerance, false where it lies outside; the tolerance is δ.
    case within(Double, of: Reference)
    /// d lies at or above b = 0.
    case atLeast(share: Double, of: Reference)
    /// d lies at or below b = 0.
    case atMost(share: Double, of: Reference)
  }

  /// The term.
  public let term: ScoreTerm
  /// How it is held against the reference.
  public let kind: Kind
  /// δ, in the unit that tables show.
  public let smallestDifference: Double
  /// How runs are held against each other; `nil` where the recipes say it, see ``CommittedResults/pairing(of:)``.
  public let pairing: Pairing?

  /// Creates a relation.
  public init(_ term: ScoreTerm, _ kind: Kind, smallestDifference: Double, pairing: Pairing? = nil) {
    precondition(
      smallestDifference > 0, "ScoreRelation: a smallest difference of \(smallestDifference) is not positive")
    self.term = term
    self.kind = kind
    self.smallestDifference = smallestDifference
    self.pairing = pairing
  }

  /// Whether the two are to be close, not one above the other.
  var isOfCloseness: Bool { if case .within = kind { true } else { false } }

  /// What the term is held against.
  public var reference: Reference {
    switch kind {
    case .greater(let reference, _), .less(let reference, _), .within(_, let reference), .atLeast(_, let reference),
      .atMost(_, let reference):
      reference
    }
  }

  /// What the reference is multiplied by.
  var share: Double {
    switch kind {
    case .atLeast(let share, _), .atMost(let share, _): share
    case .greater, .less, .within: 1
    }
  }

  /// Every score that is looked at.
  public var names: [ScoreName] {
    if case .term(let other) = reference { term.names + other.names } else { term.names }
  }
}
