import Foundation
import Recipes
import Training

/// Computes the fingerprint of a recipe in this process.
public struct FingerprintRunner {
  private let catalogue: RecipeCatalogue
  private let dataRoot: URL?
  private let threads: Int

  /// Computes with so many threads.
  public init(catalogue: RecipeCatalogue, dataRoot: URL?, threads: Int) {
    (self.catalogue, self.dataRoot, self.threads) = (catalogue, dataRoot, threads)
  }

  /// The fingerprint of a recipe; nil where its experiment has none.
  ///
  /// - Throws: what the experiment throws, such as a `UserError` where the data cannot be read.
  public func fingerprint(of recipe: Recipe) throws -> Fingerprint? {
    try begin(recipe) { experiment, context in try Self.fingerprint(experiment, of: recipe, context: context) }
  }

  /// The names of a recipe's scores; nil where its experiment does not tell.
  ///
  /// - Throws: what the experiment throws.
  public func scoreNames(of recipe: Recipe) throws -> [ScoreName]? {
    try begin(recipe) { experiment, context in try Self.scoreNames(experiment, of: recipe, context: context) }
  }

  private func begin<Found>(
    _ recipe: Recipe, _ body: (any Experiment, SeedContext) throws -> Found?
  ) throws -> Found? {
    guard let experiment = catalogue.experiment(named: recipe.experiment) as? any Experiment else { return nil }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
    try RunFolder.createFolder(folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let context = SeedContext(
      folder: folder, events: NullSink(), dataRoot: dataRoot, cacheFolder: SeedRunner.standardCacheFolder(),
      threads: threads)
    return try body(experiment, context)
  }

  private static func scoreNames<E: Experiment>(
    _ experiment: E, of recipe: Recipe, context: SeedContext
  ) throws -> [ScoreName]? {
    try experiment.rehearsal(settings: try recipe.settings(as: E.Settings.self), context: context)?.map(ScoreName.init)
  }

  private static func fingerprint<E: Experiment>(
    _ experiment: E, of recipe: Recipe, context: SeedContext
  ) throws -> Fingerprint? {
    try experiment.fingerprint(settings: try recipe.settings(as: E.Settings.self), context: context)
  }
}
