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

  /// Makes one result of the folds of a cross-validation with one seed: each score's mean over the folds, all their time.
  ///
  /// - Throws: where two folds have different scores.
  package init(averaging folds: [RunResult]) throws(UserError) {
    precondition(
      !folds.isEmpty && folds.allSatisfy { $0.seeds.count == 1 && $0.seeds == folds[0].seeds },
      "RunResult: folds of seeds \(folds.map(\.seeds)); all must be of one")
    let first = folds[0]
    func key(_ score: ScoreSummary) -> [String] { [score.evaluator, score.subject, score.metric] }
    for fold in folds where fold.scores.map(key) != first.scores.map(key) {
      throw UserError(
        .data, "two folds of seed \(first.seeds[0]) have different scores", at: first.recipe,
        mend: "run both with one version of the program")
    }
    (recipe, title, hash, expected, seeds) = (first.recipe, first.title, first.hash, first.expected, first.seeds)
    scores = first.scores.indices.map { index in
      let own = first.scores[index]
      return ScoreSummary(
        evaluator: own.evaluator, subject: own.subject, metric: own.metric,
        values: [SampleStatistic.mean(of: folds.map { $0.scores[index].values[0] })], kind: own.kind,
        scale: ScoreSummary.scale(folds.map { $0.scores[index].scale }))
    }
    notes = folds.flatMap(\.notes).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    parameterCount = first.parameterCount
    wallSeconds = [folds.flatMap(\.wallSeconds).reduce(0, +)]
    datasetChecksums = folds.reduce(into: [:]) { $0.merge($1.datasetChecksums) { first, _ in first } }
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

  /// What a seed handed back, as far as the result has it: notes, parameters and scales are those of all seeds; nil where it has
  /// not this seed.
  package func seed(_ seed: Int) -> SeedResult? {
    guard let place = seeds.firstIndex(of: seed) else { return nil }
    return SeedResult(
      scores: scores.map {
        Score(
          evaluator: $0.evaluator, subject: $0.subject, metric: $0.metric, value: $0.values[place], kind: $0.kind,
          scale: $0.scale)
      }, notes: notes, datasetChecksums: datasetChecksums, parameterCount: parameterCount,
      wallSeconds: wallSeconds[place])
  }

  /// The score that a published value is about.
  public func score(for expected: ExpectedScore) -> ScoreSummary? {
    scores.first {
      $0.evaluator == expected.evaluator && $0.subject == expected.subject && $0.metric == expected.metric
    }
  }

  /// Whether no published value is missed; one that was not measured is, and one that a single seed cannot judge is not.
  public var meetsExpectations: Bool {
    expected.allSatisfy { score(for: $0) != nil && verdict(on: $0) != false }
  }

  /// How far from a published value the mean over the seeds may lie, in the unit that is shown: what the recipe says, else
  /// half of the 95 % prediction interval of one more run, `t · s · √(1 + 1/n)`; `nil` where one seed leaves none.
  public func tolerance(on expected: ExpectedScore) -> Double? {
    expected.tolerance
      ?? score(for: expected).flatMap { score in
        PredictionInterval(from: score.values).map { $0.halfWidth * score.typedMetric.scale }
      }
  }

  /// Whether a published value is met; `nil` where it was not measured, or one seed cannot tell.
  public func verdict(on expected: ExpectedScore) -> Bool? {
    guard let score = score(for: expected), let tolerance = tolerance(on: expected) else { return nil }
    return abs(score.mean * score.typedMetric.scale - expected.value) <= tolerance + 1e-9
  }

  /// A published value as it is shown, with how far from it the mean may lie: `97.5 ± 0.4`.
  public func text(of expected: ExpectedScore) -> String {
    if let tolerance = expected.tolerance { return "\(expected.value) ± \(tolerance)" }
    return "\(expected.value)" + (tolerance(on: expected).map { String(format: " ± %.1f by prediction", $0) } ?? "")
  }
}
