import AlignmentExperiments
import Datasets
import Diagnostics
import Evaluators
import Foundation
import Options
import Recipes
import StrictYAML

/// The recipes as `concord list` shows them: which data each needs, and whether it is here.
struct RecipeListing {
  /// What there is of a recipe's data.
  private enum Presence: Equatable {
    /// All is there, or it is made.
    case here
    /// What has to be installed or fetched.
    case missing(String)
    /// A user names it.
    case yours
    /// The recipe cannot be read, which running it tells.
    case unknown

    var text: String {
      switch self {
      case .here: "here"
      case .missing: "missing"
      case .yours: "yours"
      case .unknown: "?"
      }
    }
  }

  private struct Entry {
    let recipe: RecipeCatalogue.Entry
    /// The source of the data, such as `emoji`.
    let data: String
    let presence: Presence
    /// What is missing is not the data itself, but something that an evaluator needs beside it.
    var isBeside = false
  }

  private let entries: [Entry]
  private let width: Int

  /// Looks at the data of all recipes.
  ///
  /// - Parameter width: the most columns of a line.
  init(_ catalogue: RecipeCatalogue, width: Int = 100) throws {
    let listed = try catalogue.entries()
    entries = zip(listed, catalogue.recipes(listed.map { ($0.name, nil, []) })).map(Self.entry)
    self.width = width
  }

  private static func entry(_ recipe: RecipeCatalogue.Entry, _ found: Result<Recipe, UserError>) -> Entry {
    guard let settings = try? found.get().settings(as: AlignmentSettings.self) else {
      return Entry(recipe: recipe, data: "?", presence: .unknown)
    }
    let source = settings.data.sources[settings.data.set] as? any DataSource
    let data = settings.data.set.rawValue
    if source is FolderSource { return Entry(recipe: recipe, data: data, presence: .yours) }
    if let absence = source?.absence(dataRoot: nil) {
      return Entry(recipe: recipe, data: data, presence: .missing(absence))
    }
    let shift = settings.evaluation.options[ShiftEvaluator.self]
    if settings.evaluation.evaluators.contains(ShiftEvaluator.key), shift.folder == nil,
      let absence = DebianPackage.missing([(.gemojione, true)])
    {
      return Entry(recipe: recipe, data: data, presence: .missing(absence), isBeside: true)
    }
    return Entry(recipe: recipe, data: data, presence: .here)
  }

  /// A row a recipe: name, data, whether it is here, title; what goes on in further lines, and what is said of all, is
  /// indented.
  var text: String {
    func padded(_ text: String, _ length: Int) -> String {
      text + String(repeating: " ", count: max(0, length - text.count) + 2)
    }
    func longest(_ texts: [String]) -> Int { texts.map(\.count).max() ?? 0 }
    let columns = [
      longest(entries.map(\.recipe.name)), longest(entries.map(\.data)), longest(entries.map(\.presence.text)),
    ]
    var lines: [String] = []
    for entry in entries {
      let profiles =
        entry.recipe.profiles == ["quick"]
        ? "" : " (profiles: \(entry.recipe.profiles.isEmpty ? "none" : entry.recipe.profiles.joined(separator: ", ")))"
      lines += Self.lines(
        entry.recipe.title + profiles, width: width,
        after: padded(entry.recipe.name, columns[0]) + padded(entry.data, columns[1])
          + padded(entry.presence.text, columns[2]))
    }
    var missing: [(name: String, what: String)] = []
    for entry in entries {
      guard case .missing(let what) = entry.presence else { continue }
      let name = entry.isBeside ? entry.recipe.name : entry.data
      if !missing.contains(where: { $0 == (name, what) }) { missing.append((name, what)) }
    }
    lines.append("")
    if !missing.isEmpty {
      lines.append("  Missing data:")
      let length = longest(missing.map(\.name))
      for (name, what) in missing { lines += Self.lines(what, width: width, after: "    " + padded(name, length)) }
    }
    lines.append("  A recipe has the profile quick, unless others are named.")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The words of a text behind a beginning, in lines of a width, each further one indented as deep.
  private static func lines(_ text: String, width: Int, after beginning: String) -> [String] {
    var lines = [beginning]
    var isFirst = true
    for word in text.split(separator: " ") {
      if !isFirst, lines[lines.count - 1].count + 1 + word.count > width {
        lines.append(String(repeating: " ", count: beginning.count))
        isFirst = true
      }
      lines[lines.count - 1] += (isFirst ? "" : " ") + word
      isFirst = false
    }
    return lines
  }

  /// The recipes for a machine; `missing` is null where the data is here or a user names it.
  var json: JSONValue {
    .list(
      entries.map { entry in
        let missing: JSONValue = if case .missing(let what) = entry.presence { .text(what) } else { .null }
        return .object([
          .init("name", .text(entry.recipe.name)), .init("title", .text(entry.recipe.title)),
          .init("profiles", .list(entry.recipe.profiles.map(JSONValue.text))), .init("data", .text(entry.data)),
          .init("presence", .text(entry.presence.text)), .init("missing", missing),
        ])
      })
  }
}
