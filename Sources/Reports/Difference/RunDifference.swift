import Foundation
import Runs

/// What sets two runs apart: settings, scores, and what else belongs to their numbers.
public struct RunDifference: Sendable {
  /// A property of the runs that is not the same in both.
  public struct Circumstance: Equatable, Sendable {
    /// The name of the property, such as `commit` or `data emoji`.
    public let name: String
    /// The value that the first run has.
    public let first: String?
    /// The value that the second run has.
    public let second: String?
  }

  /// A setting that is not the same in both.
  public struct SettingChange: Equatable, Sendable {
    /// The dotted path.
    public let path: String
    /// The first run's, with its origin; `nil` where it has none.
    public let first: RecordedRecipe.Setting?
    /// The second run's.
    public let second: RecordedRecipe.Setting?
  }

  /// The first run.
  public let first: RunRecord
  /// The second run.
  public let second: RunRecord
  /// The settings that differ by value.
  public let settings: [SettingChange]
  /// The scores that both have.
  public let scores: [ScoreDifference]
  /// The scores that only one has, by evaluator, subject and metric.
  public let unmatched: [(score: ScoreSummary, isFirst: Bool)]
  /// Commit, data, threads, processor and versions where they differ.
  public let circumstances: [Circumstance]

  /// Compares two runs.
  public init(_ first: RunRecord, _ second: RunRecord) {
    self.first = first
    self.second = second
    settings = RecordedRecipe.differingPaths(among: [first.recipe, second.recipe]).map {
      SettingChange(path: $0, first: first.recipe[path: $0], second: second.recipe[path: $0])
    }
    func isSame(_ one: ScoreSummary, _ other: ScoreSummary) -> Bool {
      one.evaluator == other.evaluator && one.subject == other.subject && one.metric == other.metric
    }
    scores = first.result.scores.compactMap { score in
      second.result.scores.first { isSame($0, score) }.map {
        ScoreDifference(score, seeds: first.result.seeds, $0, seeds: second.result.seeds)
      }
    }
    unmatched =
      first.result.scores.filter { score in !second.result.scores.contains { isSame($0, score) } }.map { ($0, true) }
      + second.result.scores.filter { score in !first.result.scores.contains { isSame($0, score) } }.map { ($0, false) }
    circumstances = Self.circumstances(first, second)
  }

  /// Whether the scores are paired by seed.
  public var isPaired: Bool { Set(first.result.seeds) == Set(second.result.seeds) }

  /// How the intervals were found, in words.
  public var method: String {
    let count = first.result.seeds.count
    guard scores.contains(where: { $0.halfWidth != nil }) else { return "no interval: a run has one seed" }
    return isPaired
      ? "mean difference ± half of the 95 % interval by Student's t, paired by the \(count) seeds"
      : "mean difference ± half of the 95 % interval by Welch's t, unpaired: the seeds are not the same"
  }

  private static func circumstances(_ first: RunRecord, _ second: RunRecord) -> [Circumstance] {
    func properties(_ record: RunRecord) -> [(name: String, value: String?)] {
      let manifest = record.manifest
      return [
        ("recipe", record.result.recipe), ("profile", manifest.profile), ("commit", record.fullCommit),
        ("seeds", record.result.seeds.map(String.init).joined(separator: ", ")),
        ("parameters", record.result.parameterCount.map(String.init)), ("threads", "\(manifest.threads)"),
        ("seeds at a time", "\(manifest.jobs)"), ("processor", manifest.processor),
        ("protocol", record.result.notes.joined(separator: " ")),
      ]
    }
    var found: [Circumstance] = []
    for (one, other) in zip(properties(first), properties(second)) where one.value != other.value {
      found.append(Circumstance(name: one.name, first: one.value, second: other.value))
    }
    func compare(_ kind: String, _ one: [String: String], _ other: [String: String]) {
      for key in Set(one.keys).union(other.keys).sorted() where one[key] != other[key] {
        found.append(Circumstance(name: kind + key, first: one[key], second: other[key]))
      }
    }
    compare("data ", first.result.datasetChecksums, second.result.datasetChecksums)
    compare("version of ", first.manifest.versions, second.manifest.versions)
    return found
  }
}
