/// A published value that a result is held against.
public struct ExpectedScore: Codable, Equatable, Sendable {
  /// The table, as in ``Score``.
  public let evaluator: String
  /// The row, as in ``Score``.
  public let subject: String
  /// The column, as in ``Score``.
  public let metric: String
  /// The published value, in the unit that the table shows: percent for a fraction.
  public let value: Double
  /// How far from it the mean over the seeds may lie, in the same unit; `nil` for the prediction interval of one more run,
  /// by how the seeds scatter.
  public let tolerance: Double?
  /// Where the value was published.
  public let source: String

  /// Creates an expectation.
  public init(
    evaluator: String, subject: String, metric: String, value: Double, tolerance: Double?, source: String
  ) {
    self.evaluator = evaluator
    self.subject = subject
    self.metric = metric
    self.value = value
    self.tolerance = tolerance
    self.source = source
  }
}
