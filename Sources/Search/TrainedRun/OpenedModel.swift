import Autograd
import Diagnostics
import Foundation
import Pretrained
import Runs

/// Networks that can be searched: those of a run, or an imported model.
public struct OpenedModel {
  /// What they are, in a few words.
  public let name: String
  /// The networks.
  public let embedder: any Embedder
  /// The embeddings that are known already.
  public let cache: EmbeddingCache
  /// What a user should know, such as that the data have changed.
  public let notes: [String]

  /// Takes the networks of a run.
  public init(_ run: TrainedRun) {
    (name, embedder, cache, notes) = (run.name, run.embedder, run.cache, run.notes)
  }

  /// Opens an imported model.
  ///
  /// - Parameters:
  ///   - precision: what layers multiply.
  ///   - cacheFolder: the folder of embeddings.
  /// - Throws: `UserError` where it is damaged.
  public init(
    imported folder: URL, precision: InferencePrecision = .float32, cacheFolder: URL = SeedRunner.standardCacheFolder()
  ) throws(UserError) {
    let model = try PretrainedModel(folder: folder)
    name = folder.lastPathComponent
    embedder = PretrainedEmbedder(model, name: name, precision: precision)
    var key = SHA256()
    key.update("embeddings 1")
    if precision != .float32 { key.update("\(precision.rawValue) 1") }
    let configuration = model.description.configuration
    key.update("\(model.description.checksum) \(configuration)")
    cache = EmbeddingCache(folder: cacheFolder, key: key.hexDigest)
    notes = configuration.notes
  }
}
