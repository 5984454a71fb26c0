import Training

/// The name of one score of committed results.
public struct ScoreName: Hashable, Sendable, CustomStringConvertible {
  /// The results' folder under `Results`, such as `GMC/digits`.
  public let results: String
  /// The table, as in `Score`.
  public let evaluator: String
  /// The row, as in `Score`.
  public let subject: String
  /// The column, as in `Score`.
  public let metric: String

  /// Names a score.
  public init(results: String, evaluator: String, subject: String, metric: String) {
    self.results = results
    self.evaluator = evaluator
    self.subject = subject
    self.metric = metric
  }

  /// `GMC/digits: accuracy, image, digit`.
  public var description: String { "\(results): \(evaluator), \(subject), \(metric)" }

  /// The parts of the name, from the results to the metric.
  var parts: [String] { [results, evaluator, subject, metric] }
}

/// A value of each seed that a claim is about: one score, or the mean, the highest or the lowest of several.
public struct ScoreTerm: Equatable, Sendable, CustomStringConvertible {
  /// What is made of several scores.
  public enum Choice: String, CaseIterable, Sendable {
    /// The mean of the scores, seed by seed.
    case mean
    /// The one whose mean over the seeds is highest; of equal ones the first.
    case highest
    /// The one whose mean over the seeds is lowest; of equal ones the first.
    case lowest
  }

  /// The scores, at least one, all of one unit.
  public let names: [ScoreName]
  /// What is made of them.
  public let choice: Choice

  /// Creates a term.
  public init(_ names: [ScoreName], choice: Choice = .mean) {
    precondition(!names.isEmpty, "ScoreTerm: there is no score among \(names.count)")
    self.names = names
    self.choice = choice
  }

  /// How values are shown.
  var metric: Metric { Metric(named: names[0].metric) }

  /// The name of the score; of several that are all combinations of some names, these with bars between.
  public var description: String {
    guard isProduct else { return prefix + names.map(\.description).joined(separator: " and ") }
    let parts = Self.parts(of: names)
    return "\(parts[0]): " + prefix + parts[1...].joined(separator: ", ")
  }

  /// The parts of the name that another term has not; the whole name where that is none.
  func description(besides other: ScoreTerm) -> String {
    guard isProduct, other.isProduct else { return description }
    let differing = zip(Self.parts(of: names), Self.parts(of: other.names)).filter { $0 != $1 }.map(\.0)
    return differing.isEmpty ? description : prefix + differing.joined(separator: ", ")
  }

  private var prefix: String { names.count > 1 ? "\(choice.rawValue) of " : "" }

  /// Whether the scores are all combinations of their parts' names.
  private var isProduct: Bool {
    names.count == (0..<4).reduce(1) { count, part in count * Set(names.map { $0.parts[part] }).count }
  }

  private static func parts(of names: [ScoreName]) -> [String] {
    (0..<4).map { part in
      var seen: Set<String> = []
      return names.map { $0.parts[part] }.filter { seen.insert($0).inserted }.joined(separator: " | ")
    }
  }
}
