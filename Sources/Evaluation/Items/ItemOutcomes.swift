/// What each item that one row of a table tests came to: the ranks of queries, or whether observations were right.
public struct ItemOutcomes: Equatable, Sendable {
  /// What the values are.
  public enum Measure: String, CaseIterable, Sendable {
    /// The rank of a query's first relevant candidate, from 1, rounded up: `R@k` and `rsum` are shares of these.
    case rank
    /// 1 where the answer is right, 0 where not: an accuracy is their mean.
    case hit
  }

  /// The table, such as `retrieval`.
  public let evaluator: String
  /// The row.
  public let subject: String
  /// The column; empty for ranks, which several columns are made of.
  public let metric: String
  /// What the values are.
  public let measure: Measure
  /// The values, one an item.
  public let values: [Int32]
  /// The observation that each item is of, by its place on the side.
  public let observations: [Int32]

  /// Describes the outcomes of a row.
  public init(
    evaluator: String, subject: String, metric: String, measure: Measure, values: [Int32], observations: [Int32]
  ) {
    precondition(
      values.count == observations.count, "ItemOutcomes: \(values.count) values of \(observations.count) observations")
    (self.evaluator, self.subject, self.metric, self.measure) = (evaluator, subject, metric, measure)
    (self.values, self.observations) = (values, observations)
  }
}

/// The outcomes of one run on its test side.
public struct ItemTable: Equatable, Sendable {
  /// The family of each observation, by a number that is the same in all runs.
  public let families: [Int32]
  /// The outcomes.
  public let outcomes: [ItemOutcomes]

  /// Keeps outcomes; every item's observation lies below the number of families' entries.
  public init(families: [Int32], outcomes: [ItemOutcomes]) {
    precondition(
      outcomes.allSatisfy { $0.observations.allSatisfy { families.indices.contains(Int($0)) } },
      "ItemTable: an outcome of more than \(families.count) observations")
    (self.families, self.outcomes) = (families, outcomes)
  }

  /// A number for a family's name, the same everywhere (FNV-1a of 32 bits).
  public static func number(of family: String) -> Int32 {
    var hash: UInt32 = 2_166_136_261
    for byte in family.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return Int32(bitPattern: hash)
  }

  /// The outcomes of several folds, each of which tests other observations, as those of one run; only rows that all folds
  /// have.
  public init(pooling folds: [ItemTable]) {
    var outcomes: [ItemOutcomes] = []
    for first in folds.first?.outcomes ?? [] {
      var (values, observations): ([Int32], [Int32]) = ([], [])
      var offset: Int32 = 0
      var isWhole = true
      for fold in folds {
        if let own = fold.outcomes.first(where: { $0.names == first.names }) {
          values += own.values
          observations += own.observations.map { $0 + offset }
        } else {
          isWhole = false
        }
        offset += Int32(fold.families.count)
      }
      guard isWhole else { continue }
      outcomes.append(
        ItemOutcomes(
          evaluator: first.evaluator, subject: first.subject, metric: first.metric, measure: first.measure,
          values: values, observations: observations))
    }
    self.init(families: folds.flatMap(\.families), outcomes: outcomes)
  }
}

extension ItemOutcomes {
  /// The names that tell a row from others.
  var names: [String] { [evaluator, subject, metric, measure.rawValue] }
}
