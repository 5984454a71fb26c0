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

  /// The most parts that are kept; of more the joint digest says that some have changed.
  public static let mostParts = 20_000

  /// Describes a data set.
  public init(name: String, checksum: String, folder: String? = nil, parts: [String: String] = [:]) {
    (self.name, self.checksum, self.folder, self.parts) = (name, checksum, folder, parts)
  }

  /// What is not as it was, a few words each; empty where the checksums are the same.
  public func changes(since earlier: DataIdentity) -> [String] {
    guard checksum != earlier.checksum else { return [] }
    var changes: [String] = []
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
