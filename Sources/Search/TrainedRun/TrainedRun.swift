import Datasets
import Diagnostics
import Foundation
import Kernels
import Recipes
import Runs
import StrictYAML
import Training

/// A run whose trained networks are opened again.
public struct TrainedRun {
  /// The run.
  public let folder: RunFolder
  /// What the run was.
  public let manifest: Manifest
  /// The seed whose networks these are.
  public let seed: Int
  /// The networks.
  public let embedder: any Embedder
  /// The embeddings that are known already.
  public let cache: EmbeddingCache
  /// What a user should know, such as that the data have changed.
  public let notes: [String]

  /// Opens the networks of a seed, the first where none is named.
  ///
  /// - Parameters:
  ///   - observations: whether the run's own observations are looked through, for which its data must be there.
  ///   - dataRoot: the folder of downloaded data; the run's own where it is `nil`.
  ///   - cacheFolder: the folder of data built once, and of embeddings.
  /// - Throws: `UserError` where the seed has no checkpoint, it does not fit, or the experiment cannot be searched.
  public init(
    _ folder: RunFolder, seed: Int? = nil, catalogue: RecipeCatalogue, observations: Bool = true, dataRoot: URL? = nil,
    cacheFolder: URL = SeedRunner.standardCacheFolder()
  ) throws {
    self.folder = folder
    manifest = try folder.readManifest()
    let recipe = try catalogue.recipe(folder.recipe.path)
    let searchable = catalogue.experiments.filter { $0 is any SearchableExperiment }.map(\.name)
    guard let experiment = catalogue.experiment(named: recipe.experiment) as? any SearchableExperiment else {
      throw UserError(
        .data, "runs of the experiment `\(recipe.experiment)` cannot be searched", at: folder.url.path,
        mend: searchable.isEmpty ? nil : "name a run of \(searchable.joined(separator: ", "))")
    }
    guard let chosen = seed ?? recipe.seeds.first, recipe.seeds.contains(chosen) else {
      throw UserError(
        .usage, "seed \(seed.map(String.init) ?? "") is not one of the run's", at: folder.url.path,
        mend: "choose of \(recipe.seeds.map(String.init).joined(separator: ", "))")
    }
    self.seed = chosen
    let checkpoint = folder.seed(chosen).appendingPathComponent(Checkpoint.fileName)
    guard FileManager.default.fileExists(atPath: checkpoint.path) else {
      throw UserError(
        .inputOutput, "seed \(chosen) has no checkpoint", at: checkpoint.path, mend: "let it train to its end")
    }
    let root = dataRoot ?? manifest.dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) }
    let context = SeedContext(
      folder: folder.seed(chosen), events: NullSink(), dataRoot: root, cacheFolder: cacheFolder,
      threads: Parallel.threads)
    embedder = try Self.embedder(
      of: experiment, recipe: recipe, seed: chosen, checkpoint: checkpoint, context: context, observations: observations
    )
    let data = embedder.data
    var key = SHA256()
    key.update("embeddings 1")
    try RegularFile.contents(of: checkpoint).withUnsafeBytes { key.update($0) }
    for text in [recipe.settings.canonicalJSON, data.checksum, data.form.description] { key.update(text) }
    cache = EmbeddingCache(folder: cacheFolder, key: key.hexDigest)
    notes =
      data.isChanged
      ? ["the data set \(data.name) has changed since the run was made; its \(data.side.name) side of now is searched"]
      : []
  }

  private static func embedder<E: SearchableExperiment>(
    of experiment: E, recipe: Recipe, seed: Int, checkpoint: URL, context: SeedContext,
    observations: Bool
  ) throws -> any Embedder {
    try experiment.embedder(
      seed: seed, settings: try recipe.settings(as: E.Settings.self), checkpoint: checkpoint, context: context,
      observations: observations)
  }

  /// The run in a few words: `fdt/emoji bb7f36b7, seed 0`.
  public var name: String { "\(manifest.recipe) \(manifest.recipeHash), seed \(seed)" }
}
