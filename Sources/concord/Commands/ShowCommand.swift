import AlignmentExperiments
import ArgumentParser
import Datasets
import Foundation
import Recipes
import StrictYAML

/// `concord show`
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows a recipe in full, every value with where it comes from.",
    discussion: """
      Example:  concord show gmc/emoji training.epochs=5 --profile quick

      With --steps the data are read and the steps of the training are counted: a warm-up or another schedule that is longer
      than the training is named.
      """)

  @OptionGroup var arguments: RecipeArguments

  @Flag(help: "Read the data, count the steps, and say which schedules they are too few for.")
  var steps = false

  @Option(name: .customLong("data-root"), help: "Folder with downloaded data, for --steps.")
  var dataRoot: String?

  @Flag(help: "Write JSON for a machine to read.")
  var json = false

  func validate() throws {
    if steps, json { throw ValidationError("--steps writes comments, which JSON has not; leave one out") }
  }

  func run() throws {
    let recipe = try arguments.resolve()
    say(json ? recipe.json.json : recipe.yamlWithOrigins, terminator: json ? "\n" : "")
    guard steps, let experiment = registeredExperiments.first(where: { $0.name == recipe.experiment }) else { return }
    guard let aligning = experiment as? any AlignmentExperiment else { return }
    let request = DataRequest(dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) })
    let schedule = try aligning.schedule(of: try recipe.settings(as: AlignmentSettings.self), request: request)
    // Comments in YAML.
    for line in [schedule.summary] + schedule.remarks { say("# \(line)") }
  }
}
