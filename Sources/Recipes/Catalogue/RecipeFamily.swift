import Diagnostics
import Foundation

/// What an experiment's recipes have in common: the name they are filed under, the settings they may have, and the rules
/// that these must keep.
public protocol RecipeFamily: Sendable {
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

  /// Keys of earlier versions with what they are called now, for messages: a path, or the path of a section.
  var formerKeys: [String: String] { get }

  /// Checks what types cannot express, such as a batch size of at least 2.
  ///
  /// - Throws: an error whose `place` is the dotted key, such as `training.batchSize`, and whose `what` goes on from
  ///   it, such as `must be at least 2`; the catalogue puts the file and line before it.
  func validate(_ settings: Settings) throws(UserError)
}

extension RecipeFamily {
  /// No key was ever called otherwise.
  public var formerKeys: [String: String] { [:] }

  /// Accepts all settings.
  public func validate(_ settings: Settings) throws(UserError) {}
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
