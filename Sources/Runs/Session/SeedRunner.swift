import Diagnostics
import Foundation
import Recipes
import Teams
import Training

/// Runs one seed in this process: what the child of a run does.
public struct SeedRunner {
  /// The run.
  public let folder: RunFolder
  /// The seed.
  public let seed: Int
  /// The registered experiments.
  public let catalogue: RecipeCatalogue
  /// The folder of downloaded data.
  public let dataRoot: URL?
  /// The folder for data built once.
  public let cacheFolder: URL
  /// The number of threads.
  public let threads: Int
  /// The greatest time between two checkpoints; `nil` for no checkpoints.
  public let checkpointSeconds: Double?
  /// The processes that run the seed together.
  public let team: Team
  /// What a reader of the log must hear of these processes.
  public let remark: String?

  /// Describes the run of a seed.
  public init(
    folder: RunFolder, seed: Int, catalogue: RecipeCatalogue, dataRoot: URL?, cacheFolder: URL, threads: Int,
    checkpointSeconds: Double? = nil, team: Team = .alone, remark: String? = nil
  ) {
    self.folder = folder
    self.seed = seed
    self.catalogue = catalogue
    self.dataRoot = dataRoot
    self.cacheFolder = cacheFolder
    self.threads = threads
    self.checkpointSeconds = checkpointSeconds
    self.team = team
    self.remark = remark
  }

  /// The folder for data built once: `$CONCORD_CACHE`, else `$XDG_CACHE_HOME/concord`, else `~/.cache/concord`.
  public static func standardCacheFolder(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    func set(_ name: String) -> URL? {
      environment[name].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0, isDirectory: true) }
    }
    return set("CONCORD_CACHE") ?? set("XDG_CACHE_HOME")?.appendingPathComponent("concord", isDirectory: true)
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache/concord", isDirectory: true)
  }

  /// Trains and evaluates, from the last checkpoint where there is one; writes `metrics.jsonl` and, last of all,
  /// `scores.json`. A seed that has its scores is done and nothing is computed again.
  ///
  /// Of a team rank 0 alone does so; the others take its steps, and need no run folder.
  ///
  /// - Parameter progress: also told every event.
  /// - Throws: ``Dismissal`` on other ranks than 0 when the training is over, ``Interruption`` where `stopRequested` said so,
  ///   an error where another process runs the same seed, and what the experiment throws.
  @discardableResult public func run(
    progress: any EventSink, stopRequested: @escaping @Sendable () -> Bool
  ) throws -> SeedResult {
    let recipe = try sharedRecipe()
    try catalogue.check(ranks: team.size, of: recipe)
    guard let experiment = catalogue.experiment(named: recipe.experiment) as? any Experiment else {
      throw UserError(.data, "there is no experiment `\(recipe.experiment)`", at: folder.recipe.path)
    }
    guard recipe.seeds.contains(seed) else {
      throw UserError(.usage, "seed \(seed) is not one of the run's", at: folder.recipe.path)
    }
    guard team.isFirst else { return try follow(experiment, recipe: recipe, stopRequested: stopRequested) }
    // The process that ran the seed for a parent that was killed may take a moment to end.
    let lock = try FileLock(folder.lock(ofSeed: seed), on: "seed \(seed) of this run", waiting: 10)
    return try withExtendedLifetime(lock) {
      let result = try? folder.readSeedResult(seed)
      let isDone = team.any(result != nil)
      if isDone, let result { return result }
      return try run(experiment, recipe: recipe, progress: progress, stopRequested: stopRequested)
    }
  }

  /// The recipe of the run folder, which other hosts need not have.
  private func sharedRecipe() throws(UserError) -> Recipe {
    guard !team.isAlone else { return try catalogue.recipe(folder.recipe.path) }
    let text = team.broadcast(team.isFirst ? try RegularFile.contents(of: folder.recipe) : Data())
    return try catalogue.recipe(text: String(decoding: text, as: UTF8.self), source: folder.recipe.path)
  }

  /// What other ranks than 0 do.
  private func follow(
    _ experiment: any Experiment, recipe: Recipe, stopRequested: @escaping @Sendable () -> Bool
  ) throws -> SeedResult {
    if team.any(false) { throw Dismissal() }
    let context = SeedContext(
      folder: folder.seed(seed), events: NullSink(), dataRoot: dataRoot, cacheFolder: cacheFolder, threads: threads,
      team: team, stopRequested: stopRequested)
    _ = try Self.run(experiment, recipe: recipe, seed: seed, context: context)
    throw Dismissal()
  }

  private func run(
    _ experiment: any Experiment, recipe: Recipe, progress: any EventSink,
    stopRequested: @escaping @Sendable () -> Bool
  ) throws -> SeedResult {
    let own = folder.seed(seed)
    AtomicFile.removeLeftovers(in: own)
    let log = try MetricsLog(resuming: folder.metrics(ofSeed: seed), at: TrainingCheckpoints.mark(in: own))
    let events = TeeSink(log, progress)
    let context = SeedContext(
      folder: own, events: events, dataRoot: dataRoot, cacheFolder: cacheFolder, checkpointSeconds: checkpointSeconds,
      threads: threads, team: team, stopRequested: stopRequested)
    if let remark { try events.receive(.note(remark)) }
    let (began, waited) = (ContinuousClock.now, ProcessorWait.seconds)
    var result = try Self.run(experiment, recipe: recipe, seed: seed, context: context)
    let elapsed = (.now - began).seconds
    // How long the processes before waited is not known.
    if elapsed > 0, log.secondsBefore == 0, let waited, let now = ProcessorWait.seconds {
      result.waiting = (now - waited) / elapsed
    }
    result.wallSeconds += log.secondsBefore
    var timings = context.stopwatch.timings
    timings.add(max(0, elapsed - timings.total), to: "all else")
    if log.secondsBefore > 0 { timings.add(log.secondsBefore, to: Timings.before) }
    result.timings = timings
    let peak = ResidentMemory.peak
    if peak > 0 { result.peakMemory = Int(peak) }
    try events.receive(.evaluated(result.scores))
    try events.receive(.timed(timings))
    try events.receive(.finished)
    _ = try events.mark()
    // The scores are what says that the seed is done, so they come last.
    try folder.write(result, seed: seed)
    TrainingCheckpoints.removeFiles(in: own)
    return result
  }

  private static func run<E: Experiment>(
    _ experiment: E, recipe: Recipe, seed: Int, context: SeedContext
  ) throws -> SeedResult {
    try experiment.run(seed: seed, settings: try recipe.settings(as: E.Settings.self), context: context)
  }
}
