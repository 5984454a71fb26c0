import Diagnostics
import Foundation
import Interchange
import Runs
import StrictYAML
import Training

/// Scores, representations or a checkpoint of a run as a file for other programs.
public struct RunExport: Sendable {
  /// What is exported.
  public enum Content: String, CaseIterable, Sendable {
    /// The scores of all seeds and their means, as ``ScoreSheet`` has them.
    case scores
    /// One seed's representations with the labels.
    case embeddings
    /// One seed's tensors.
    case checkpoint
  }

  /// A file format; the raw value is its name, and the ending but for `model-index`.
  public enum Format: String, CaseIterable, Sendable {
    /// Comma-separated values.
    case csv
    /// NumPy's archive; what the file is of stands as JSON in the bytes of the array `metadata`.
    case npz
    /// Safetensors; what the file is of stands in its metadata.
    case safetensors
    /// The section `model-index` of a model's card, in YAML.
    case modelIndex = "model-index"

    /// Whether scores are what it holds.
    var holdsScores: Bool { self == .csv || self == .modelIndex }
  }

  /// The bytes.
  public let data: Data
  /// The name of the file where the user gives none: `gmc-emoji-82091f91-seed0-embeddings.npz`.
  public let fileName: String

  /// The name of the array that says in an npz file what the others are of.
  static let metadataArray = "metadata"

  /// Puts the file together.
  ///
  /// - Parameters:
  ///   - content: scores for CSV and a model's card, and representations for the others where it is `nil`.
  ///   - seed: the first where it is `nil`.
  /// - Throws: where the format does not hold the content, the seed is not the run's, or its file is missing.
  public init(of folder: RunFolder, content: Content? = nil, format: Format, seed: Int? = nil) throws(UserError) {
    let content = content ?? (format.holdsScores ? .scores : .embeddings)
    let manifest = try folder.readManifest()
    let stem = "\(RunFolder.familyName(of: manifest.recipe))-\(manifest.recipeHash)"
    guard (content == .scores) == format.holdsScores else {
      throw UserError(
        .usage, "\(content.rawValue) cannot be exported to \(format.rawValue)",
        mend: content == .scores ? "use --to csv or --to model-index" : "use --to npz or --to safetensors")
    }
    if content == .scores {
      guard seed == nil else {
        throw UserError(.usage, "scores are exported for all seeds", mend: "leave --seed out")
      }
      let record = try RunRecord(of: folder)
      data = Data((format == .csv ? ScoreSheet([record]).text : ModelIndex(record).text).utf8)
      fileName = format == .csv ? "\(stem)-scores.csv" : "\(stem)-model-index.yaml"
      return
    }
    guard let seed = seed ?? manifest.seeds.first, manifest.seeds.contains(seed) else {
      let seeds = manifest.seeds.map(String.init).joined(separator: ", ")
      throw UserError(.usage, "seed \(seed.map(String.init) ?? "") is not one of the run's", mend: "choose of \(seeds)")
    }
    var metadata = Self.metadata(of: manifest, content: content, seed: seed)
    let arrays: [String: NumericArray]
    switch content {
    case .embeddings:
      let file = try Self.file(EmbeddingsFile.name, ofSeed: seed, in: folder, content: content)
      arrays = try NumpyArchive(readingFrom: file).arrays
      if let names = try? Data(contentsOf: folder.seed(seed).appendingPathComponent(EmbeddingsFile.classNames)) {
        guard let list = try? JSONDecoder().decode([String].self, from: names) else {
          throw UserError(
            .data, "must be a list of names",
            at: folder.seed(seed).appendingPathComponent(EmbeddingsFile.classNames).path)
        }
        metadata["classNames"] = JSONValue.list(list.map(JSONValue.text)).json
      }
    default:
      let file = try SafetensorsFile(
        readingFrom: Self.file(Checkpoint.fileName, ofSeed: seed, in: folder, content: content))
      arrays = file.arrays
      metadata.merge(file.metadata) { own, _ in own }
      // Vocabularies, classes and the form of pictures, without which parameters mean nothing.
      let form = folder.seed(seed).appendingPathComponent(RunFolder.dataForm)
      if let bytes = try? RegularFile.contents(of: form), let text = String(data: bytes, encoding: .utf8) {
        metadata["data"] = text
      }
    }
    fileName = "\(stem)-seed\(seed)-\(content.rawValue).\(format.rawValue)"
    guard format == .npz else {
      data = SafetensorsFile(arrays: arrays, metadata: metadata).encoded()
      return
    }
    guard arrays[Self.metadataArray] == nil else {
      throw UserError(
        .data, "the run has an array `\(Self.metadataArray)` of its own", at: folder.seed(seed).path,
        mend: "use --to safetensors")
    }
    let text = JSONValue.object(metadata.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value)) }).json
    let bytes = Array(text.utf8)
    data = try NumpyArchive(
      arrays: arrays.merging([Self.metadataArray: NumericArray(shape: [bytes.count], values: .uint8(bytes))]) {
        own, _ in
        own
      }
    ).encoded()
  }

  /// Writes the file.
  ///
  /// - Throws: where it is there already and `overwriting` is false.
  public func write(to url: URL, overwriting: Bool = false) throws(UserError) {
    if !overwriting, FileManager.default.fileExists(atPath: url.path) {
      throw UserError(.inputOutput, "the file exists already", at: url.path, mend: "add --force to replace it")
    }
    try AtomicFile.write(data, to: url)
  }

  /// What the arrays are of.
  private static func metadata(of manifest: Manifest, content: Content, seed: Int) -> [String: String] {
    var metadata = [
      "content": content.rawValue, "recipe": manifest.recipe, "recipeHash": manifest.recipeHash, "seed": "\(seed)",
      "threads": "\(manifest.threads)", "processor": manifest.processor, "ending": manifest.ending.rawValue,
    ]
    if let profile = manifest.profile { metadata["profile"] = profile }
    if let commit = manifest.commit { metadata["commit"] = commit.hash + (commit.isClean ? "" : "-dirty") }
    if let version = manifest.versions["Concord"] { metadata["concord"] = version }
    for (name, checksum) in manifest.datasetChecksums { metadata["dataset.\(name)"] = checksum }
    return metadata
  }

  private static func file(
    _ name: String, ofSeed seed: Int, in folder: RunFolder, content: Content
  ) throws(UserError) -> URL {
    let file = folder.seed(seed).appendingPathComponent(name)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw UserError(
        .inputOutput, "seed \(seed) has no \(content.rawValue)", at: file.path, mend: "the seed has not got so far")
    }
    return file
  }
}
