import Autograd
import Datasets
import Diagnostics
import Foundation
import Interchange
import Kernels
import Layers

/// A published text encoder alone, imported or as it was fetched: a BERT whose sentences are pooled tokens.
public struct SentenceEncoder {
  /// What it is and where it is from, `text-encoder.json` of an imported one.
  public struct Description: Codable, Equatable, Sendable {
    /// The folder that it was imported from, as it was named.
    public var source: String
    /// The SHA-256 digest of the weights.
    public var checksum: String
    /// The licence that the model's card names; nil where it names none.
    public var licence: String?
    /// What the model is.
    public var configuration: BERTConfiguration
  }

  /// The file of an imported one's description.
  public static let fileName = "text-encoder.json"
  private static let weightsName = "model.safetensors"

  /// What it is and where it is from.
  public let description: Description
  /// The network.
  public let model: BERTModel
  /// What makes tokens of texts.
  public let tokeniser: PretrainedTokeniser
  private let origin: (folder: URL, isBlank: Bool)

  /// Whether a folder holds an imported one.
  public static func isImported(_ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: fileName).path)
  }

  /// Whether a folder holds one as it was fetched.
  public static func isPublished(_ folder: URL) -> Bool { !isImported(folder) && BERTConfiguration.isOf(folder) }

  /// Reads an imported one's description.
  ///
  /// - Throws: `UserError` where there is none, or it is damaged.
  public static func description(of folder: URL) throws(UserError) -> Description {
    let file = folder.appending(path: fileName)
    let data = try RegularFile.contents(of: file, limit: 1 << 24, place: file.relativePath)
    guard let found = try? JSONDecoder().decode(Description.self, from: data) else {
      throw UserError(.data, "is damaged", at: file.relativePath, mend: "import the model again")
    }
    try found.configuration.check(at: file.relativePath)
    return found
  }

  /// Opens the encoder of a folder.
  ///
  /// - Throws: `UserError` where a file is missing, damaged or of another architecture, or the files do not fit each other.
  public init(folder: URL) throws(UserError) {
    let file = folder.appending(path: Self.weightsName)
    if Self.isImported(folder) {
      description = try Self.description(of: folder)
    } else {
      let published = try PublishedFolder(folder)
      let name = try published.weights()
      guard name == Self.weightsName else {
        throw UserError(
          .data, "there is no \(Self.weightsName)", at: folder.relativePath, mend: "name the folder of a BERT")
      }
      let data = try RegularFile.contents(of: file, place: file.relativePath)
      var hash = SHA256()
      data.withUnsafeBytes { hash.update($0) }
      description = Description(
        source: folder.relativePath, checksum: hash.hexDigest, licence: published.licence,
        configuration: try BERTConfiguration(folder: folder))
    }
    let content = try SafetensorsFile(readingFrom: file)
    model = try BERTWeights.model(WeightReader(content, place: file.relativePath), description.configuration)
    tokeniser = try Self.tokeniser(of: folder, description.configuration)
    origin = (folder, false)
  }

  /// The network of a description without its numbers, to be filled from a checkpoint of one's own.
  ///
  /// - Throws: `UserError` where description or vocabulary are missing or damaged.
  public init(blank folder: URL) throws(UserError) {
    description = try Self.description(of: folder)
    model = try BERTWeights.model(WeightReader(), description.configuration)
    tokeniser = try Self.tokeniser(of: folder, description.configuration)
    origin = (folder, true)
  }

  private static func tokeniser(
    of folder: URL, _ configuration: BERTConfiguration
  ) throws(UserError) -> PretrainedTokeniser {
    let found = try PretrainedTokeniser(folder: folder)
    guard case .wordPiece = found, found.vocabularySize == configuration.vocabulary else {
      throw UserError(
        .data, "the vocabulary has \(found.vocabularySize) tokens, the model \(configuration.vocabulary)",
        at: folder.relativePath, mend: "take the vocabulary of the model itself, WordPiece")
    }
    return found
  }

  /// The same network with parameters of its own, read once more.
  public func another() -> BERTModel {
    do {
      return try origin.isBlank
        ? BERTWeights.model(WeightReader(), description.configuration) : SentenceEncoder(folder: origin.folder).model
    } catch {
      preconditionFailure("SentenceEncoder: \(error)")
    }
  }

  /// How many numbers the network has.
  public var parameterCount: Int { model.parameterCount }

  /// Embeddings of texts, rows of length 1.
  public func texts(_ texts: [String]) -> Matrix {
    let width = description.configuration.width
    var values: [Float] = []
    let part = 32
    for start in stride(from: 0, to: texts.count, by: part) {
      let own = texts[start..<min(start + part, texts.count)].map {
        tokeniser.tokens(of: $0, length: description.configuration.length)
      }
      let longest = own.map(\.count).max() ?? 0
      let tokens = own.flatMap { $0 + [Int32](repeating: 0, count: longest - $0.count) }
      let isReal = own.flatMap { tokens in (0..<longest).map { $0 < tokens.count } }
      values += model(tokens, batch: own.count, isReal: isReal).sentences.values
    }
    return Matrix(rows: texts.count, columns: width, values: values).normalisingRows()
  }

  /// Imports a published one: checks all of it, and copies weights, vocabulary and description to another folder.
  ///
  /// - Parameter target: the folder to be made; it may not be there.
  /// - Throws: `UserError` as ``init(folder:)`` does, or where the target cannot be written.
  public static func importing(_ source: URL, to target: URL) throws(UserError) -> SentenceEncoder {
    guard !FileManager.default.fileExists(atPath: target.path) else {
      throw UserError(.inputOutput, "the folder exists already", at: target.relativePath, mend: "name another")
    }
    let model = try SentenceEncoder(folder: source)
    do {
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      let file = source.appending(path: weightsName)
      try FileManager.default.copyItem(
        at: file.resolvingSymlinksInPath(), to: target.appending(path: weightsName))
    } catch {
      try? FileManager.default.removeItem(at: target)
      throw UserError(
        .inputOutput, "cannot be written: \(error.localizedDescription)", at: target.relativePath,
        mend: "see its permissions and the free space")
    }
    try model.writeForm(from: source, to: target)
    return model
  }

  /// Copies what tells network and vocabulary, without the numbers, to a folder that is there.
  ///
  /// - Throws: `UserError` where it cannot be written.
  public func writeForm(from source: URL, to folder: URL) throws(UserError) {
    for file in PretrainedTokeniser.files(in: source) ?? [] {
      try AtomicFile.write(try RegularFile.contents(of: file), to: folder.appending(path: file.lastPathComponent))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(description) else {
      throw UserError(.data, "the configuration has a number that JSON does not have", at: description.source)
    }
    // Only a folder with a description counts as a model.
    try AtomicFile.write(data, to: folder.appending(path: Self.fileName))
  }
}
