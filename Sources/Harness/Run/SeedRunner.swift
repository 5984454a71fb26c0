import Diagnostics
import Foundation

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

  /// Describes the run of a seed.
  public init(
    folder: RunFolder, seed: Int, catalogue: RecipeCatalogue, dataRoot: URL?, cacheFolder: URL, threads: Int
  ) {
    self.folder = folder
    self.seed = seed
    self.catalogue = catalogue
    self.dataRoot = dataRoot
    self.cacheFolder = cacheFolder
    self.threads = threads
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

  /// Trains and evaluates; writes `metrics.jsonl` and, at the end, `scores.json`.
  ///
  /// - Parameter progress: also told every event.
  /// - Throws: ``Interruption`` where `stopRequested` said so, and what the experiment throws.
  @discardableResult public func run(
    progress: any EventSink, stopRequested: @escaping @Sendable () -> Bool
  ) throws -> SeedResult {
    let recipe = try catalogue.recipe(folder.recipe.path)
    guard let experiment = catalogue.experiment(named: recipe.experiment) else {
      throw UserError(.data, "there is no experiment `\(recipe.experiment)`", at: folder.recipe.path)
    }
    guard recipe.seeds.contains(seed) else {
      throw UserError(.usage, "seed \(seed) is not one of the run's", at: folder.recipe.path)
    }
    let start = ContinuousClock.now
    let log = try MetricsLog(appendingTo: folder.metrics(ofSeed: seed), start: start)
    let events = TeeSink(log, progress)
    let context = SeedContext(
      folder: folder.seed(seed), events: events, dataRoot: dataRoot, cacheFolder: cacheFolder, threads: threads,
      stopRequested: stopRequested)
    let result = try Self.run(experiment, recipe: recipe, seed: seed, context: context)
    try events.receive(.evaluated(result.scores))
    try folder.write(result, seed: seed)
    try events.receive(.finished)
    return result
  }

  private static func run<E: Experiment>(
    _ experiment: E, recipe: Recipe, seed: Int, context: SeedContext
  ) throws -> SeedResult {
    try experiment.run(seed: seed, settings: try recipe.settings(as: E.Settings.self), context: context)
  }
}
