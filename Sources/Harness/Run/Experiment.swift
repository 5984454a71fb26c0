import Diagnostics
import Foundation

/// A paper's experiment: the networks, data and protocol that turn settings and a seed into scores.
///
/// An experiment is a value without state; the harness makes one run folder, starts one process a seed, and calls
/// ``run(seed:settings:context:)`` in each.
public protocol Experiment: Sendable {
  /// The settings of a recipe, all of them with defaults.
  ///
  /// Every stored property is a key of the recipe, in the order of declaration. A section is a nested structure; a
  /// choice is an enumeration of strings, `CaseIterable` so that an error can name the choices. Synthesised `Codable`
  /// is enough; an optional whose default is `nil` is written `null`.
  associatedtype Settings: ExperimentSettings

  /// The name that recipes are filed under, such as `gmc`.
  var name: String { get }

  /// One line that says what the experiment is, with its paper.
  var summary: String { get }

  /// The folder of the experiment's own recipes.
  var recipeFolder: URL { get }

  /// Checks what types cannot express, such as a batch size of at least 2.
  ///
  /// - Throws: an error whose `place` is the dotted key, such as `training.batchSize`, and whose `what` goes on from
  ///   it, such as `must be at least 2`; the harness puts the file and line before it.
  func validate(_ settings: Settings) throws(UserError)

  /// Trains and evaluates once.
  ///
  /// Files of the seed go into `context.folder`: `checkpoint.safetensors`, `embeddings.npz` and `class-names.json` (see
  /// ``EmbeddingsFile``). `metrics.jsonl` and `scores.json` are the harness's own.
  ///
  /// - Throws: ``Interruption`` where `context.shouldStop()` said so, `UserError` for what the user can mend.
  func run(seed: Int, settings: Settings, context: SeedContext) throws -> SeedResult
}

/// The settings of an experiment: a value with a default for every key.
public protocol ExperimentSettings: Codable, Equatable, Sendable {
  /// The defaults.
  init()
}

extension ExperimentSettings {
  /// Refuses what does not hold, for a setting by its dotted key.
  public func require(_ holds: Bool, _ key: String, _ what: String) throws(UserError) {
    if !holds { throw UserError(.data, what, at: key) }
  }

  /// Checks a section whose errors name keys without it.
  public func check(_ section: String, _ validate: () throws(UserError) -> Void) throws(UserError) {
    do {
      try validate()
    } catch {
      throw UserError(error.kind, error.what, at: error.place.map { "\(section).\($0)" } ?? section, mend: error.mend)
    }
  }
}

extension Experiment {
  /// Accepts all settings.
  public func validate(_ settings: Settings) throws(UserError) {}
}

/// Thrown by an experiment that stopped because it was asked to.
public struct Interruption: Error, Equatable, Sendable {
  /// Creates the error.
  public init() {}
}
