/// What a data set was when somebody looked: its checksum decides whether it is the same, the rest says what has changed.
public struct DataIdentity: Codable, Equatable, Sendable {
  /// The data set's name.
  public let name: String
  /// The checksum of everything that is read.
  public let checksum: String
  /// The folder that it was read from, as a full path, where it is one of the user's.
  public let folder: String?
  /// The digest of each part, such as `dataset.yaml` or a picture, by its path; empty where parts are not known.
  public let parts: [String: String]
  /// The checksums of what else a training begins from, such as the weights of a model, by what they are of; nil for
  /// nothing.
  public let origins: [String: String]?

  /// The most parts that are kept; of more the joint digest says that some have changed.
  public static let mostParts = 20_000

  /// Describes a data set.
  public init(
    name: String, checksum: String, folder: String? = nil, parts: [String: String] = [:],
    origins: [String: String]? = nil
  ) {
    (self.name, self.checksum, self.folder, self.parts, self.origins) = (name, checksum, folder, parts, origins)
  }

  /// The same data for a training that begins from something.
  public func beginning(from origins: [String: String]) -> DataIdentity {
    DataIdentity(name: name, checksum: checksum, folder: folder, parts: parts, origins: origins)
  }

  /// The checksums of the data and of what else a training begins from, by name.
  public var checksums: [String: String] { (origins ?? [:]).merging([name: checksum]) { _, own in own } }

  /// One digest of ``checksums``.
  public var digest: String { Self.digest(of: checksums) ?? checksum }

  /// One digest of some checksums: the only one there is, or that of all.
  public static func digest(of checksums: [String: String]) -> String? {
    guard checksums.count > 1 else { return checksums.first?.value }
    var digest = SHA256()
    for (name, checksum) in checksums.sorted(by: { $0.key < $1.key }) {
      digest.update(name)
      digest.update(checksum)
    }
    return digest.hexDigest
  }

  /// What is not as it was, a few words each; empty where the checksums are the same.
  public func changes(since earlier: DataIdentity) -> [String] {
    var changes: [String] = []
    let (own, other) = (origins ?? [:], earlier.origins ?? [:])
    for name in Set(own.keys).union(other.keys).sorted() where own[name] != other[name] {
      changes.append("\(name) is another")
    }
    guard checksum != earlier.checksum else { return changes }
    if let folder, let other = earlier.folder, folder != other {
      changes.append("the folder is \(folder), not \(other)")
    }
    if !parts.isEmpty, !earlier.parts.isEmpty {
      let changed = parts.filter { name, digest in earlier.parts[name].map { $0 != digest } ?? false }
      changes += Self.words(Array(changed.keys), "changed")
      changes += Self.words(parts.keys.filter { earlier.parts[$0] == nil }, "new")
      changes += Self.words(earlier.parts.keys.filter { parts[$0] == nil }, "gone")
    }
    return changes.isEmpty ? ["the checksum of \(name) is another"] : changes
  }

  /// `a.png, b.png have changed`, at most three by name.
  private static func words(_ names: [String], _ what: String) -> [String] {
    guard !names.isEmpty else { return [] }
    let (shown, sorted) = (3, names.sorted())
    let more = names.count > shown ? " and \(names.count - shown) more" : ""
    let verb = what == "changed" ? ["has", "have"] : ["is", "are"]
    return ["\(sorted.prefix(shown).joined(separator: ", "))\(more) \(verb[names.count == 1 ? 0 : 1]) \(what)"]
  }
}
