import ArgumentParser
import Datasets
import Evaluators
import Foundation
import Options
import StrictYAML

/// `concord list`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the recipes, or what recipes can name: methods, evaluators, data.",
    discussion: """
      Example:  concord list --methods

      A recipe is shown with the source of its data and whether that is here, missing, or yours to name; below \
      stands what has to be installed or fetched. A method is shown with its publication, its file, the suites that \
      have it, and its best score among the committed results: the nearest Results upwards that has Papers beside it.
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
    case nil:
      let recipes = try RecipeListing(catalogue)
      say(json ? recipes.json.json : recipes.text, terminator: json ? "\n" : "")
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
}
