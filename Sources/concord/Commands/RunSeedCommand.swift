import ArgumentParser
import Foundation
import Runs
import Training

/// `concord run-seed`: the process of one seed, started by `concord run`.
struct RunSeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-seed", abstract: "Runs one seed in a run folder; `concord run` starts it.", shouldDisplay: false)

  @Argument var folder: String
  @Argument var seed: Int
  @Option var threads = 1
  @Option(name: .customLong("data-root")) var dataRoot: String?
  @Option(name: .customLong("checkpoint-seconds")) var checkpointSeconds: Double?
  @Flag(help: "End when standard input is closed.") var watched = false

  func run() throws {
    // The terminal's signals are the parent's to answer.
    for number in [SIGINT, SIGHUP] { signal(number, SIG_IGN) }
    let stop = StopRequest(signals: SIGTERM)
    defer { withExtendedLifetime(stop) {} }
    if watched { ParentWatch.begin() }
    let runner = SeedRunner(
      folder: RunFolder(URL(fileURLWithPath: folder, isDirectory: true)), seed: seed, catalogue: catalogue,
      dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) },
      cacheFolder: SeedRunner.standardCacheFolder(), threads: threads, checkpointSeconds: checkpointSeconds)
    let times = stop.times
    do {
      try runner.run(progress: MetricsLog(descriptor: STDOUT_FILENO, name: "progress")) { times() > 0 }
    } catch is Interruption {
      throw RunFailure(exitCode: RunFailure.interrupted, "interrupted")
    }
  }
}
