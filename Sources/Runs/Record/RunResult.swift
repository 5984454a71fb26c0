import Diagnostics
import Evaluation
import Foundation
import Recipes
import Training

/// One score over all seeds.
public struct ScoreSummary: Codable, Equatable, Sendable {
  /// The table, as in ``Score``.
  public let evaluator: String
  /// The row, as in ``Score``.
  public let subject: String
  /// The column, as in ``Score``.
  public let metric: String
  /// The values, in the order of the seeds.
  public let values: [Double]
  /// The mean over the seeds.
  public let mean: Double
  /// Half of the width of the 95 % interval of the mean; `nil` for one seed.
  public let halfWidth: Double?
  /// The metric's unit and direction; `nil` in results of earlier versions.
  public let kind: Metric.Kind?
  /// What chance and perfection give, the mean over the seeds; `nil` where the evaluator does not say, and in results of
  /// earlier versions.
  public let scale: ScoreScale?

  /// The metric with its unit and direction.
  public var typedMetric: Metric { Metric(named: metric, kind: kind) }

  /// Sums up the values of one score.
  public init(
    evaluator: String, subject: String, metric: String, values: [Double], kind: Metric.Kind? = nil,
    scale: ScoreScale? = nil
  ) {
    self.kind = kind
    self.scale = scale
    self.evaluator = evaluator
    self.subject = subject
    self.metric = metric
    self.values = values
    (mean, halfWidth) = Self.estimate(values)
  }

  /// The mean of scales; `nil` where one is missing.
  static func scale(_ scales: [ScoreScale?]) -> ScoreScale? {
    let known = scales.compactMap { $0 }
    guard known.count == scales.count, let first = known.first else { return nil }
    guard known.contains(where: { $0 != first }) else { return first }
    return ScoreScale(
      chance: SampleStatistic.mean(of: known.map(\.chance)), ceiling: SampleStatistic.mean(of: known.map(\.ceiling)))
  }

  /// The mean of the values and half of its 95 % interval by Student's t; no interval for one value.
  package static func estimate(_ values: [Double]) -> (mean: Double, halfWidth: Double?) {
    guard let estimate = Estimate(of: values) else { return (.nan, nil) }
    return (estimate.mean, estimate.halfWidth)
  }
}

/// The result of a run, `results.json`: what reports and figures read.
public struct RunResult: Codable, Equatable, Sendable {
  /// The name of the recipe.
  public let recipe: String
  /// The recipe's title.
  public let title: String
  /// The hash of the resolved recipe.
  public let hash: String
  /// The seeds.
  public let seeds: [Int]
  /// The scores, in the order of the first seed.
  public let scores: [ScoreSummary]
  /// The published values that the result may be held against.
  public let expected: [ExpectedScore]
  /// Remarks on the protocol.
  public let notes: [String]
  /// The number of trained parameters.
  public let parameterCount: Int?
  /// The wall time of each seed in seconds.
  public let wallSeconds: [Double]
  /// The checksum of each dataset.
  public let datasetChecksums: [String: String]

  /// Puts the seeds' results together.
  ///
  /// - Throws: where two seeds have different scores.
  public init(recipe: Recipe, name: String, isComparable: Bool, seeds: [SeedResult]) throws(UserError) {
    func key(_ score: Score) -> [String] { [score.evaluator, score.subject, score.metric] }
    let first = seeds.first?.scores ?? []
    for (seed, result) in zip(recipe.seeds, seeds) where result.scores.map(key) != first.map(key) {
      throw UserError(
        .data, "seed \(seed) has other scores than seed \(recipe.seeds[0])", at: "seed-\(seed)/scores.json",
        mend: "the experiment must give the same scores for every seed")
    }
    self.recipe = name
    title = recipe.title
    hash = recipe.hash
    self.seeds = recipe.seeds
    scores = first.indices.map { index in
      ScoreSummary(
        evaluator: first[index].evaluator, subject: first[index].subject, metric: first[index].metric,
        values: seeds.map { $0.scores[index].value }, kind: first[index].kind,
        scale: ScoreSummary.scale(seeds.map { $0.scores[index].scale }))
    }
    expected = isComparable ? recipe.expected : []
    var notes: [String] = []
    for note in seeds.flatMap(\.notes) where !notes.contains(note) { notes.append(note) }
    self.notes = notes
    parameterCount = seeds.first?.parameterCount
    wallSeconds = seeds.map(\.wallSeconds)
    datasetChecksums = seeds.reduce(into: [:]) { $0.merge($1.datasetChecksums) { first, _ in first } }
  }

  /// Puts runs of one recipe together, each of seeds that no other has.
  ///
  /// Hash, title and published values are those of the first.
  ///
  /// - Throws: where two runs have different scores.
  package init(merging runs: [RunResult]) throws(UserError) {
    precondition(
      Set(runs.flatMap(\.seeds)).count == runs.flatMap(\.seeds).count && !runs.isEmpty,
      "RunResult: \(runs.count) runs with seeds \(runs.map(\.seeds)); each has to have its own")
    let first = runs[0]
    func key(_ score: ScoreSummary) -> [String] { [score.evaluator, score.subject, score.metric] }
    for run in runs where run.scores.map(key) != first.scores.map(key) {
      throw UserError(
        .data, "seed \(run.seeds[0]) has other scores than seed \(first.seeds[0])", at: run.recipe,
        mend: "run both with one version of the program")
    }
    (recipe, title, hash, expected) = (first.recipe, first.title, first.hash, first.expected)
    seeds = runs.flatMap(\.seeds)
    scores = first.scores.indices.map { index in
      ScoreSummary(
        evaluator: first.scores[index].evaluator, subject: first.scores[index].subject,
        metric: first.scores[index].metric, values: runs.flatMap { $0.scores[index].values },
        kind: first.scores[index].kind, scale: ScoreSummary.scale(runs.map { $0.scores[index].scale }))
    }
    notes = runs.flatMap(\.notes).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    parameterCount = first.parameterCount
    wallSeconds = runs.flatMap(\.wallSeconds)
    datasetChecksums = runs.reduce(into: [:]) { $0.merge($1.datasetChecksums) { first, _ in first } }
  }

  /// The score that a published value is about.
  public func score(for expected: ExpectedScore) -> ScoreSummary? {
    scores.first {
      $0.evaluator == expected.evaluator && $0.subject == expected.subject && $0.metric == expected.metric
    }
  }

  /// Whether every published value is met within its tolerance; a value that was not measured is not met.
  public var meetsExpectations: Bool { expected.allSatisfy { verdict(on: $0) == true } }

  /// Whether a published value is met; `nil` where it was not measured.
  public func verdict(on expected: ExpectedScore) -> Bool? {
    score(for: expected).map {
      abs($0.mean * $0.typedMetric.scale - expected.value) <= expected.tolerance + 1e-9
    }
  }
}
