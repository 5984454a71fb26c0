import AlignmentExperiments
import ArgumentParser
import Datasets
import Evaluators
import Foundation
import Options
import Recipes
import StrictYAML

/// `concord list`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the recipes, or what recipes can name: methods, evaluators, data.",
    discussion: """
      Example:  concord list --methods

      A recipe whose data is not here says what has to be installed or fetched. A method is shown with its publication, its file, the suites that have it, and its best score among the committed \
      results: the nearest Results upwards that has Papers beside it.
      """)

  /// What is listed beside recipes.
  enum Listing: String, EnumerableFlag {
    case methods, evaluators, data

    static func help(for value: Listing) -> ArgumentHelp? {
      switch value {
      case .methods: "List the methods (method.name)."
      case .evaluators: "List the evaluators (evaluation.evaluators)."
      case .data: "List the sources of data (data.set)."
      }
    }
  }

  @Flag(exclusivity: .exclusive)
  var listing: Listing?

  @Flag(help: "Write JSON for a machine to read.")
  var json = false

  func run() throws {
    switch listing {
    case nil: try listRecipes()
    case .methods:
      let methods = try MethodListing(results: MethodListing.nearestResults())
      say(json ? methods.json.json : methods.text, terminator: json ? "\n" : "")
    case .evaluators:
      list(EvaluatorCatalogue.all.compactMap { $0 as? any Evaluator.Type }.map { ($0.key, $0.summary) })
    case .data: list(DataSources.all.compactMap { $0 as? any DataSource.Type }.map { ($0.key, $0.summary) })
    }
  }

  private func list(_ entries: [(name: String, summary: String)]) {
    if json {
      let values = entries.map {
        JSONValue.object([.init("name", .text($0.name)), .init("summary", .text($0.summary))])
      }
      return say(JSONValue.list(values).json)
    }
    let width = entries.map(\.name.count).max() ?? 0
    for entry in entries {
      say("\(entry.name.padding(toLength: width + 2, withPad: " ", startingAt: 0))\(entry.summary)")
    }
  }

  private func listRecipes() throws {
    let entries = try catalogue.entries()
    if json {
      let values = entries.map { entry in
        JSONValue.object([
          .init("name", .text(entry.name)), .init("title", .text(entry.title)),
          .init("profiles", .list(entry.profiles.map(JSONValue.text))),
          .init("missing", absence(of: entry).map(JSONValue.text) ?? .null),
        ])
      }
      return say(JSONValue.list(values).json)
    }
    let width = entries.map(\.name.count).max() ?? 0
    for entry in entries {
      let space = String(repeating: " ", count: width - entry.name.count)
      let profiles = entry.profiles.isEmpty ? "" : " (profiles: \(entry.profiles.joined(separator: ", ")))"
      let missing = absence(of: entry).map { " [data missing: \($0)]" } ?? ""
      say("\(entry.name)\(space)  \(entry.title)\(profiles)\(missing)")
    }
  }

  /// What a recipe's data lacks here; nil where all is there, or where the recipe cannot be read, which running it tells.
  private func absence(of entry: RecipeCatalogue.Entry) -> String? {
    guard let settings = try? catalogue.recipe(entry.name).settings(as: AlignmentSettings.self) else { return nil }
    let source = settings.data.sources[settings.data.set] as? any DataSource
    if let absence = source?.absence(dataRoot: nil) { return absence }
    let shift = settings.evaluation.options[ShiftEvaluator.self]
    guard settings.evaluation.evaluators.contains(ShiftEvaluator.key), shift.folder == nil else { return nil }
    return DebianPackage.missing([(.gemojione, true)])
  }
}
