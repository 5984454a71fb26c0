import Diagnostics
import Foundation
import Graphs
import Interchange
import Kernels
import Methods
import Recipes
import Runs
import StrictYAML
import Training

/// One encoder of a trained or imported model, as other programs take it.
public struct PortableNetwork {
  /// Items of the encoder as the graph takes them, and what Concord makes of them.
  public struct Example {
    /// `[items, …]` as the graph's input has it.
    public let input: NumericArray
    /// `[items, dimension]`
    public let expected: Matrix

    /// Puts both together.
    public init(input: NumericArray, expected: Matrix) { (self.input, self.expected) = (input, expected) }
  }

  /// What its file is called, `image`, `text`, or the name of a modality.
  public let name: String
  /// Whether it encodes pictures, texts, or something else.
  public let kind: Kind
  /// How items become the input, for whoever uses the file.
  public let preparation: JSONValue
  /// Writes the graph.
  public let graph: () throws -> OperatorGraph
  /// Draws some items.
  public let example: (Int) throws -> Example

  /// What is encoded.
  public enum Kind: Sendable {
    /// Pictures.
    case image
    /// Texts.
    case text
    /// Anything else.
    case other
  }

  /// Describes an encoder.
  ///
  /// - Parameters:
  ///   - graph: writes the encoder; throws where it cannot be written.
  ///   - example: draws so many items.
  public init(
    name: String, kind: Kind, preparation: JSONValue, graph: @escaping () throws -> OperatorGraph,
    example: @escaping (Int) throws -> Example
  ) {
    (self.name, self.kind, self.preparation) = (name, kind, preparation)
    (self.graph, self.example) = (graph, example)
  }
}

/// The encoders of a trained or imported model for other programs, and what they need beside them.
public struct PortableModel {
  /// What the model is, in a few words.
  public let name: String
  /// What files of it are called in the beginning.
  public let stem: String
  /// What the model is, for whoever uses the files.
  public let origin: [JSONValue.Member]
  /// The encoders.
  public let networks: [PortableNetwork]
  /// Files beside the networks, vocabularies and the form of data.
  public let files: [URL]

  /// Puts a model together.
  public init(
    name: String, stem: String, origin: [JSONValue.Member], networks: [PortableNetwork], files: [URL]
  ) {
    (self.name, self.stem, self.origin) = (name, stem, origin)
    (self.networks, self.files) = (networks, files)
  }

  /// Opens the networks of a seed of a run, the first where none is named.
  ///
  /// - Throws: `UserError` where the seed has no checkpoint, it does not fit, or the experiment's networks cannot be
  ///   written.
  public init(
    _ folder: RunFolder, seed: Int? = nil, catalogue: RecipeCatalogue,
    cacheFolder: URL = SeedRunner.standardCacheFolder()
  ) throws {
    let trained = try TrainedSeed(
      folder, seed: seed, catalogue: catalogue, dataRoot: nil, cacheFolder: cacheFolder)
    guard let experiment = trained.experiment as? any PortableExperiment else {
      throw UserError(
        .data, "networks of the experiment `\(trained.recipe.experiment)` cannot be written", at: folder.url.path)
    }
    let manifest = trained.manifest
    var hash = SHA256()
    try RegularFile.contents(of: trained.checkpoint).withUnsafeBytes { hash.update($0) }
    var origin: [JSONValue.Member] = [
      .init("recipe", .text(manifest.recipe)), .init("recipeHash", .text(manifest.recipeHash)),
      .init("seed", .integer(trained.seed)), .init("checkpoint", .text(hash.hexDigest)),
    ]
    if let commit = manifest.commit { origin.append(.init("commit", .text(commit.hash))) }
    let (networks, scale) = try Self.networks(of: experiment, trained)
    if let scale {
      origin += [.init("scale", .number(scale.value)), .init("scaleIs", .text(scale.origin))]
    }
    let form = folder.seed(trained.seed).appending(path: RunFolder.dataForm)
    self.init(
      name: "\(manifest.recipe) \(manifest.recipeHash), seed \(trained.seed)",
      stem: "\(RunFolder.familyName(of: manifest.recipe))-\(manifest.recipeHash)-seed\(trained.seed)", origin: origin,
      networks: networks,
      files: FileManager.default.fileExists(atPath: form.path) ? [form] : [])
  }

  private static func networks<E: PortableExperiment>(
    of experiment: E, _ trained: TrainedSeed
  ) throws -> (networks: [PortableNetwork], scale: SimilarityScale?) {
    try experiment.networks(
      seed: trained.seed, settings: try trained.recipe.settings(as: E.Settings.self), checkpoint: trained.checkpoint,
      context: trained.context)
  }
}

/// An experiment whose trained networks can be written for other programs.
public protocol PortableExperiment: SearchableExperiment {
  /// The encoders of a seed, and what multiplies cosines before a softmax makes probabilities of them.
  ///
  /// - Parameters:
  ///   - checkpoint: the parameters, a file of ``Checkpoint``.
  ///   - context: its folder is the seed's, which keeps what is needed of the data.
  /// - Throws: `UserError` where the checkpoint does not fit.
  func networks(
    seed: Int, settings: Settings, checkpoint: URL, context: SeedContext
  ) throws -> (networks: [PortableNetwork], scale: SimilarityScale?)
}
