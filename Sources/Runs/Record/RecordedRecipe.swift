import Diagnostics
import Foundation
import Recipes
import StrictYAML

/// The resolved recipe of a run as `recipe.yaml` has it, every setting with where it came from.
///
/// It is read without the catalogue: an old run's settings need not fit today's experiments.
public struct RecordedRecipe: Equatable, Sendable {
  /// One setting.
  public struct Setting: Equatable, Sendable {
    /// The dotted path, such as `training.epochs`.
    public let path: String
    /// The value.
    public let value: JSONValue
    /// Where it came from, such as `gmc/emoji.yaml:12`; `nil` where the file does not say.
    public let origin: String?

    /// Whether the value is the experiment's own default.
    public var isDefault: Bool { origin == "\(RecipeOrigin.standard)" }
  }

  /// The settings in the order of the file.
  public let settings: [Setting]

  /// Reads the text of a `recipe.yaml`.
  ///
  /// - Parameter source: the name of the file in errors.
  public init(text: String, source: String) throws(UserError) {
    let document = try LocatedValue.parse(text, source: source)
    guard case .section(let members) = document.content else {
      throw UserError(.data, "the file is damaged", at: source, mend: "run again")
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    func origin(atLine line: Int) -> String? {
      // Text with a number sign is quoted, so the last one with a space on either side begins the comment.
      guard lines.indices.contains(line - 1), let mark = lines[line - 1].range(of: " # ", options: .backwards) else {
        return nil
      }
      return lines[line - 1][mark.upperBound...].trimmingCharacters(in: .whitespaces)
    }
    func leaves(_ member: LocatedValue.Member, under prefix: String) -> [Setting] {
      let path = prefix + member.key
      if case .section(let inner) = member.value.content, !inner.isEmpty {
        return inner.flatMap { leaves($0, under: path + ".") }
      }
      return [Setting(path: path, value: member.value.plain, origin: origin(atLine: member.place.line))]
    }
    settings =
      members
      .filter { !RecipeFile.ownKeys.contains($0.key) || $0.key == "experiment" }
      .flatMap { leaves($0, under: "") }
  }

  /// Reads the recipe of a run.
  public init(of folder: RunFolder) throws(UserError) {
    let path = folder.recipe.path
    guard let data = try? Data(contentsOf: folder.recipe) else {
      throw UserError(.inputOutput, "the file cannot be read", at: path, mend: "name the folder of a run")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UserError(.data, "the file is damaged: it is not UTF-8", at: path, mend: "run again")
    }
    try self.init(text: text, source: path)
  }

  /// The setting at a path.
  public subscript(path path: String) -> Setting? { settings.first { $0.path == path } }

  /// The paths whose values are not the same in all recipes, in the order of the first recipe that has them.
  public static func differingPaths(among recipes: [RecordedRecipe]) -> [String] {
    var paths: [String] = []
    var known: Set<String> = []
    let values = recipes.map { recipe in
      Dictionary(recipe.settings.map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    for setting in recipes.flatMap(\.settings) where known.insert(setting.path).inserted { paths.append(setting.path) }
    return paths.filter { path in
      values.contains { !areEqual($0[path], values[0][path]) }
    }
  }

  /// What a setting was and is now, for the first that both a recorded recipe and a present one have with other values, seeds
  /// and threads left aside; nil where there is none.
  package func firstChange(to recipe: Recipe) -> (path: String, then: JSONValue, now: JSONValue)? {
    for setting in settings {
      guard let now = recipe.settings.value(at: setting.path.split(separator: ".").map(String.init)),
        !Self.areEqual(setting.value, now)
      else { continue }
      return (setting.path, setting.value, now)
    }
    return nil
  }

  /// Whether two values are the same; `1` and `1.0` are.
  private static func areEqual(_ first: JSONValue?, _ second: JSONValue?) -> Bool {
    switch (first, second) {
    case (.integer(let whole)?, .number(let number)?), (.number(let number)?, .integer(let whole)?):
      Double(whole) == number
    case (.list(let first)?, .list(let second)?):
      first.count == second.count && zip(first, second).allSatisfy { areEqual($0, $1) }
    case (.number(let first)?, .number(let second)?): first == second || (first.isNaN && second.isNaN)
    default: first == second
    }
  }
}
