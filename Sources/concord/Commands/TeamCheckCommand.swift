import AlignmentExperiments
import ArgumentParser
import Diagnostics
import Foundation
import Recipes
import Runs
import Teams
import Training

/// `concord team-check`: two steps of a recipe by the processes that `mpirun` has started, beside two undivided ones.
///
///     mpirun -n 2 concord team-check compare/clip training.chunks=4
struct TeamCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "team-check", abstract: "Compares two steps of several processes with undivided ones.",
    shouldDisplay: false)

  @OptionGroup var arguments: RecipeArguments
  @Option(name: .customLong("data-root")) var dataRoot: String?
  @Option(help: "A fault on purpose: \(TeamFault.allCases.map(\.rawValue).joined(separator: ", ")).")
  var fault: String?

  func run() throws {
    let fault = try fault.map { name in
      guard let fault = TeamFault(rawValue: name) else { throw ValidationError("there is no fault \(name)") }
      return fault
    }
    guard Team.isStarted else { return try check(in: .alone, fault) }
    try TeamMember.run { try check(in: $0, fault) }
  }

  private func check(in team: Team, _ fault: TeamFault?) throws {
    let recipe = try arguments.resolve()
    guard let experiment = catalogue.experiment(named: recipe.experiment) as? any AlignmentExperiment else {
      throw UserError(.usage, "the experiment \(recipe.experiment) is not for several processes")
    }
    let settings = try recipe.settings(as: AlignmentSettings.self)
    guard settings.training.chunks > 1 else {
      throw UserError(.data, "must be 2 or more for a check", at: "training.chunks")
    }
    try catalogue.check(ranks: team.size, of: recipe)
    let context = SeedContext(
      folder: FileManager.default.temporaryDirectory, events: NullSink(),
      dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) },
      cacheFolder: SeedRunner.standardCacheFolder(), threads: 1, team: team)
    let found = try experiment.teamCheck(settings: settings, context: context, fault: fault)
    guard team.isFirst else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    say(String(decoding: try encoder.encode(found), as: UTF8.self))
  }
}
