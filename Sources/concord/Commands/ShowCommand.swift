import ArgumentParser
import Recipes
import StrictYAML

/// `concord show`
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows a recipe in full, every value with where it comes from.",
    discussion: "Example:  concord show gmc/emoji training.epochs=5 --profile quick")

  @OptionGroup var arguments: RecipeArguments

  @Flag(help: "Write JSON for a machine to read.")
  var json = false

  func run() throws {
    let recipe = try arguments.resolve()
    say(json ? recipe.json.json : recipe.yamlWithOrigins, terminator: json ? "\n" : "")
  }
}
