import ArgumentParser
import Foundation
import Runs

/// `concord run-team`: the process that starts the ranks of a seed and outlives them, started by `concord run`.
struct RunTeamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-team", abstract: "Runs one seed by several processes; `concord run` starts it.",
    shouldDisplay: false)

  @Option var ranks: Int
  @Option var hosts: String?
  @Argument(parsing: .postTerminator, help: "What each rank runs.") var command: [String] = []

  func run() throws {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    do {
      try TeamKeeper(TeamLaunch(ranks: ranks, hosts: hosts), command: [program.path] + command).run()
    } catch let failure as RunFailure where failure.description.isEmpty {
      Foundation.exit(failure.exitCode)
    }
  }
}
