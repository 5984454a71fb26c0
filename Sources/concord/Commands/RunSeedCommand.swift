import ArgumentParser
import Diagnostics
import Foundation
import Runs
import Teams
import Training

/// `concord run-seed`: the process of one seed, started by `concord run`; with `--team` each of several, started by `mpirun`.
struct RunSeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-seed", abstract: "Runs one seed in a run folder; `concord run` starts it.", shouldDisplay: false)

  @Argument var folder: String
  @Argument var seed: Int
  @Option var threads = 1
  @Option(name: .customLong("data-root")) var dataRoot: String?
  @Option(name: .customLong("checkpoint-seconds")) var checkpointSeconds: Double?
  @Flag(help: "End when standard input is closed.") var watched = false
  @Flag(name: .customLong("team"), help: "Join the processes that mpirun has started.") var isOfTeam = false

  func run() throws {
    // The terminal's signals are the parent's to answer.
    for number in [SIGINT, SIGHUP] { signal(number, SIG_IGN) }
    // What mpirun hands on to its ranks; by SIGTERM it ends them.
    let stop = StopRequest(signals: isOfTeam ? SIGUSR1 : SIGTERM)
    defer { withExtendedLifetime(stop) {} }
    // Other ranks than 0 have no standard input.
    if watched, !isOfTeam || Team.isStartedAsFirst { ParentWatch.begin() }
    guard isOfTeam else { return try run(in: .alone, stop.times) }
    try TeamMember.run { try run(in: $0, stop.times) }
  }

  private func run(in team: Team, _ stops: @escaping @Sendable () -> Int) throws {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let remark =
      team.isAlone
      ? nil
      : try TeamTerms(team, threads: threads, machine: .current(executable: program), versions: Version.all).check()
    let runner = SeedRunner(
      folder: RunFolder(URL(fileURLWithPath: folder, isDirectory: true)), seed: seed, catalogue: catalogue,
      dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) },
      cacheFolder: SeedRunner.standardCacheFolder(), threads: threads, checkpointSeconds: checkpointSeconds,
      team: team, remark: remark)
    do {
      try runner.run(progress: MetricsLog(descriptor: STDOUT_FILENO, name: "progress")) { stops() > 0 }
    } catch is Interruption {
      throw RunFailure(exitCode: RunFailure.interrupted, "interrupted")
    }
  }
}
