/// The sides of a split that can be reported: the value of `evaluation.side`.
public enum EvaluationSide: String, Codable, CaseIterable, Sendable {
  /// For choosing settings.
  case validation
  /// For reporting.
  case test
}

/// How retrieval decides on a hit: the value of `evaluation.retrieval`.
public enum RetrievalMatch: String, Codable, CaseIterable, Sendable {
  /// The one item of the same observation.
  case observation
  /// Any item of the same class: for items that are paired by class.
  case label
}
