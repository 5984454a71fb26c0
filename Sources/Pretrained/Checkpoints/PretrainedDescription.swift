import Datasets
import Diagnostics
import Foundation
import Layers

/// What an imported model is and where it is from, `pretrained.json`.
public struct PretrainedDescription: Codable, Equatable, Sendable {
  /// The usual file name.
  public static let fileName = "pretrained.json"

  /// The folder that it was imported from, as it was named.
  public var source: String
  /// The file of the weights.
  public var weights: String
  /// The SHA-256 digest of the weights.
  public var checksum: String
  /// The licence that the model's card names; nil where it names none.
  public var licence: String?
  /// The side of the pictures that the weights were trained with.
  public var storedSide: Int
  /// What the model is.
  public var configuration: CLIPConfiguration

  /// Reads an imported model's description; nil where there is none.
  ///
  /// - Throws: `UserError` where it is damaged.
  static func read(from folder: URL) throws(UserError) -> PretrainedDescription? {
    let file = folder.appending(path: fileName)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    let data = try RegularFile.contents(of: file, limit: 1 << 24, place: file.relativePath)
    guard let description = try? JSONDecoder().decode(Self.self, from: data), description.isPossible else {
      throw UserError(.data, "is damaged", at: file.relativePath, mend: "import the model again")
    }
    try description.configuration.check(at: file.relativePath)
    return description
  }

  /// Whether sizes are such that a network can be made of them.
  private var isPossible: Bool {
    let own = configuration
    func fits(_ count: Int, _ most: Int) -> Bool { count >= 1 && count <= most }
    for tower in [own.image, own.text] {
      guard fits(tower.width, 1 << 14), fits(tower.layers, 256), fits(tower.heads, 1 << 10),
        fits(tower.hidden, 1 << 20), tower.epsilon > 0, tower.activation == .gelu || tower.activation == .quickGELU
      else { return false }
    }
    guard fits(own.patchSize, 1 << 10), fits(own.picture.side, 1 << 13), fits(storedSide, 1 << 13),
      storedSide % own.patchSize == 0, fits(own.vocabulary, 1 << 20), fits(own.length, 1 << 14),
      fits(own.dimensions, 1 << 14)
    else { return false }
    return own.picture.mean.count == 3 && own.picture.deviation.count == 3 && !weights.contains("/")
  }

  /// The file's content, keys sorted.
  func encoded() throws(UserError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      throw UserError(.data, "the configuration has a number that JSON does not have", at: source)
    }
    return data
  }
}
