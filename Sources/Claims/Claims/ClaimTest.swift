/// What decides a claim: a relation of scores, or several that all or of which one must be true.
public struct ClaimTest: Equatable, Sendable {
  /// What is tested.
  public indirect enum Content: Equatable, Sendable {
    /// A relation that must hold.
    case relation(ScoreRelation)
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

  /// The relations, in order.
  public var relations: [ScoreRelation] {
    switch content {
    case .relation(let relation): [relation]
    case .all(let tests), .any(let tests): tests.flatMap(\.relations)
    }
  }
}
