import Diagnostics
import Foundation
import Recipes
import Runs
import StrictYAML
import Training

/// A run's folder with as much of its record as can be read.
public struct ListedRun: Sendable {
  /// The folder.
  public let folder: RunFolder
  /// What the run was; `nil` where it cannot be read.
  public let manifest: Manifest?
  /// The settings; `nil` where they cannot be read.
  public let recipe: RecordedRecipe?
  /// The scores; `nil` where the run has not finished, or they cannot be read.
  public let result: RunResult?
  /// How many seeds have scores of their own.
  public let doneSeeds: Int
  /// What cannot be read, in words.
  public let faults: [String]

  /// Reads what there is.
  public init(_ folder: RunFolder) {
    self.folder = folder
    var faults: [String] = []
    func attempt<Value>(_ read: () throws(UserError) -> Value) -> Value? {
      do throws(UserError) { return try read() } catch {
        faults.append("\(URL(fileURLWithPath: error.place ?? folder.url.path).lastPathComponent): \(error.what)")
        return nil
      }
    }
    let manifest = attempt { () throws(UserError) in try folder.readManifest() }
    recipe = attempt { () throws(UserError) in try RecordedRecipe(of: folder) }
    let isWritten = FileManager.default.fileExists(atPath: folder.results.path)
    var result = isWritten ? attempt { () throws(UserError) in try folder.readResult() } : nil
    if let found = result, found.scores.contains(where: { $0.values.count != found.seeds.count }) {
      faults.append("results.json: the scores do not fit the seeds")
      result = nil
    }
    (self.manifest, self.result) = (manifest, result)
    doneSeeds = (manifest?.seeds ?? []).count {
      FileManager.default.fileExists(atPath: folder.scores(ofSeed: $0).path)
    }
    self.faults = faults
  }

  /// When the run began: as the manifest has it, else as the folder is named.
  public var start: Date? {
    manifest?.start ?? RunListing.time(inName: folder.url.lastPathComponent)
  }

  /// The recipe's name; that of the folder of its runs where nothing else is known.
  public var recipeName: String {
    let parent = folder.url.deletingLastPathComponent().lastPathComponent
    return manifest?.recipe ?? result?.recipe ?? parent
  }

  /// The hash of the resolved recipe.
  public var hash: String? {
    if let hash = manifest?.recipeHash ?? result?.hash { return hash }
    let parts = folder.url.lastPathComponent.split(separator: "-")
    return start == nil || parts.count < 2 ? nil : String(parts[1])
  }

  /// The seeds: those that have scores, else those that it was begun with.
  public var seeds: [Int]? { result?.seeds ?? manifest?.seeds }

  /// How it ended, in a word: as the manifest has it, or `damaged`.
  public var ending: String {
    faults.isEmpty ? manifest?.ending.rawValue ?? "unknown" : "damaged"
  }

  /// The score that the run is known by.
  public var mainScore: MainScore? { result.flatMap { MainScore(of: $0) } }

  /// The value of a key: a manifest field, a setting or a score; `nil` where the run has none.
  ///
  /// A score has the unit that tables show: percent for a fraction.
  public func value(of key: String) -> JSONValue? {
    if let field = Field(rawValue: key) { return value(of: field) }
    if let setting = recipe?[path: key] { return setting.value }
    return score(named: key).map { .number($0.mean * $0.typedMetric.scale) }
  }

  /// A field of the manifest that a query may name.
  enum Field: String, CaseIterable {
    case recipe, profile, hash, seed, seeds, ending, message, threads, jobs, commit, processor, start, end, overrides
    case folder
  }

  private func value(of field: Field) -> JSONValue? {
    switch field {
    case .recipe: .text(recipeName)
    case .profile: manifest?.profile.map(JSONValue.text)
    case .hash: hash.map(JSONValue.text)
    case .seed, .seeds: seeds.map { .list($0.map(JSONValue.integer)) }
    case .ending: .text(ending)
    case .message: manifest?.message.map(JSONValue.text)
    case .threads: manifest.map { .integer($0.threads) }
    case .jobs: manifest.map { .integer($0.jobs) }
    case .commit: manifest?.commit.map { .text($0.hash + ($0.isClean ? "" : "-dirty")) }
    case .processor: manifest.map { .text($0.processor) }
    case .start: start.map { .text($0.formatted(.iso8601)) }
    case .end: manifest?.end.map { .text($0.formatted(.iso8601)) }
    case .overrides: manifest.map { .list($0.overrides.map(JSONValue.text)) }
    case .folder: .text(folder.url.path)
    }
  }

  /// The first score that a name means: `evaluator | subject | metric`, or some of these parts in this order, with
  /// spaces or slashes between, such as `retrieval R@1`.
  func score(named name: String) -> ScoreSummary? {
    let wanted = Self.normal(name)
    return result?.scores.first { score in Self.names(of: score).contains { Self.normal($0) == wanted } }
  }

  private static func names(of score: ScoreSummary) -> [String] {
    let (evaluator, subject, metric) = (score.evaluator, score.subject, score.metric)
    return [
      "\(evaluator) \(subject) \(metric)", "\(evaluator) \(metric)", "\(subject) \(metric)", "\(evaluator) \(subject)",
      metric,
    ]
  }

  private static func normal(_ name: String) -> String {
    String(name.lowercased().map { "|/".contains($0) ? " " : $0 }).split(separator: " ").joined(separator: " ")
  }

  /// All that a query may name of this run.
  var keys: [String] {
    Field.allCases.map(\.rawValue) + (recipe?.settings.map(\.path) ?? [])
      + (result?.scores.flatMap { ["\($0.evaluator) \($0.metric)", "\($0.evaluator) \($0.subject) \($0.metric)"] } ?? [])
  }
}
