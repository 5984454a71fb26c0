/// One number of a result.
///
/// A report has one table per evaluator, one row per subject and one column per metric, each in the order of first
/// appearance.
public struct Score: Codable, Equatable, Sendable {
  /// What was done, such as `accuracy` or `retrieval`: the table.
  public let evaluator: String
  /// What it was done to, such as `image+sound` or `image → sound`: the row.
  public let subject: String
  /// What was measured, such as `accuracy` or `R@1`: the column.
  public let metric: String
  /// The value, in the metric's own unit.
  public let value: Double
  /// The metric's unit and direction; `nil` in results of earlier versions.
  public let kind: Metric.Kind?
  /// What chance and perfection give; `nil` where the evaluator does not say.
  public let scale: ScoreScale?

  /// Creates a score by its typed metric.
  public init(evaluator: String, subject: String, metric: Metric, value: Double, scale: ScoreScale? = nil) {
    self.init(
      evaluator: evaluator, subject: subject, metric: metric.name, value: value, kind: metric.kind, scale: scale)
  }

  /// Creates a score.
  public init(
    evaluator: String, subject: String, metric: String, value: Double, kind: Metric.Kind? = nil,
    scale: ScoreScale? = nil
  ) {
    self.kind = kind
    self.scale = scale
    self.evaluator = evaluator
    self.subject = subject
    self.metric = metric
    self.value = value
  }
}
