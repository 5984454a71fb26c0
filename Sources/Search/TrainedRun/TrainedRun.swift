import Autograd
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
  ///   - precision: what layers multiply.
  ///   - dataRoot: the folder of downloaded data; the run's own where it is `nil`.
  ///   - cacheFolder: the folder of data built once, and of embeddings.
  /// - Throws: `UserError` where the seed has no checkpoint, it does not fit, or the experiment cannot be searched.
  public init(
    _ folder: RunFolder, seed: Int? = nil, catalogue: RecipeCatalogue, observations: Bool = true,
    precision: InferencePrecision = .float32, dataRoot: URL? = nil, cacheFolder: URL = SeedRunner.standardCacheFolder()
  ) throws {
    let trained = try TrainedSeed(
      folder, seed: seed, catalogue: catalogue, dataRoot: dataRoot, cacheFolder: cacheFolder)
    (self.folder, manifest, self.seed) = (folder, trained.manifest, trained.seed)
    embedder = try Self.embedder(of: trained.experiment, trained, observations: observations, precision: precision)
    let data = embedder.data
    var key = SHA256()
    key.update("embeddings 1")
    try RegularFile.contents(of: trained.checkpoint).withUnsafeBytes { key.update($0) }
    if precision != .float32 { key.update("\(precision.rawValue) 1") }
    for text in [trained.recipe.settings.canonicalJSON, data.checksum, data.form.description] { key.update(text) }
    cache = EmbeddingCache(folder: cacheFolder, key: key.hexDigest)
    notes =
      data.isChanged
      ? ["the data set \(data.name) has changed since the run was made; its \(data.side.name) side of now is searched"]
      : []
  }

  private static func embedder<E: SearchableExperiment>(
    of experiment: E, _ trained: TrainedSeed, observations: Bool, precision: InferencePrecision
  ) throws -> any Embedder {
    try experiment.embedder(
      seed: trained.seed, settings: try trained.recipe.settings(as: E.Settings.self), checkpoint: trained.checkpoint,
      context: trained.context, observations: observations, precision: precision)
  }

  /// The run in a few words: `fdt/emoji bb7f36b7, seed 0`.
  public var name: String { "\(manifest.recipe) \(manifest.recipeHash), seed \(seed)" }
}
