import ArgumentParser
import Foundation
import Recipes
import StrictYAML

/// `concord list`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the recipes.",
    discussion: "Example:  concord list --json")

  @Flag(help: "Write JSON for a machine to read.")
  var json = false

  func run() throws {
    let entries = try catalogue.entries()
    if json {
      let values = entries.map { entry in
        JSONValue.object([
          .init("name", .text(entry.name)), .init("title", .text(entry.title)),
          .init("profiles", .list(entry.profiles.map(JSONValue.text))),
        ])
      }
      return say(JSONValue.list(values).json)
    }
    let width = entries.map(\.name.count).max() ?? 0
    for entry in entries {
      let space = String(repeating: " ", count: width - entry.name.count)
      let profiles = entry.profiles.isEmpty ? "" : " (profiles: \(entry.profiles.joined(separator: ", ")))"
      say("\(entry.name)\(space)  \(entry.title)\(profiles)")
    }
  }
}
