import Diagnostics
import Foundation

/// Which fingerprints programs have had, beside the runs: `.fingerprints/<configuration>/<digest>.json` in their folder.
///
/// It spares computing one twice, and it says of a program that ran on two kinds of processor what each of them computed.
public struct FingerprintLedger {
  /// A fingerprint with all that it depends on.
  public struct Entry: Codable, Equatable, Sendable {
    /// What was computed, with its fingerprint.
    public var computation: Computation
    /// The number of threads.
    public var threads: Int
    /// The checksum of the data; nil where it is not known.
    public var data: String?
    /// The commit of the program; nil where it is not known or something was changed since.
    public var commit: String?

    /// Describes a fingerprint.
    public init(computation: Computation, threads: Int, data: String?, commit: String?) {
      (self.computation, self.threads, self.data, self.commit) = (computation, threads, data, commit)
    }

    /// Whether both are of the same recipe, data, threads and libraries.
    public func isComparable(with other: Entry) -> Bool {
      computation.configuration == other.computation.configuration && threads == other.threads && data == other.data
        && computation.libraries == other.computation.libraries
    }

    /// Whether both are surely of the same code.
    public func isOfSameCode(as other: Entry) -> Bool {
      let (own, others) = (computation.program, other.computation.program)
      return own != nil && own == others || commit != nil && commit == other.commit
    }
  }

  private let folder: URL?
  private var added: [String: [Entry]] = [:]

  /// Reads and writes in a folder of runs; only in memory where it is nil.
  public init(in runs: URL?) { folder = runs?.appendingPathComponent(".fingerprints", isDirectory: true) }

  /// The entries of a configuration.
  public func entries(of configuration: String) -> [Entry] {
    let own = added[configuration] ?? []
    guard let folder = folder?.appendingPathComponent(configuration, isDirectory: true) else { return own }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    return own
      + names.filter { !$0.hasPrefix(".") }.compactMap { name in
        (try? RegularFile.contents(of: folder.appendingPathComponent(name))).flatMap {
          try? JSONDecoder().decode(Entry.self, from: $0)
        }
      }
  }

  /// Remembers an entry while this process runs.
  public mutating func remember(_ entry: Entry) {
    guard entry.computation.fingerprint != nil else { return }
    let known = added[entry.computation.configuration] ?? []
    if !known.contains(entry) { added[entry.computation.configuration] = known + [entry] }
  }

  /// Remembers an entry for good; a file that cannot be written is computed again another time.
  public mutating func keep(_ entry: Entry) {
    remember(entry)
    guard let folder = folder?.appendingPathComponent(entry.computation.configuration, isDirectory: true),
      entry.computation.fingerprint != nil
    else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard (try? RunFolder.createFolder(folder)) != nil, let data = try? encoder.encode(entry) else { return }
    let name = SHA256.hexDigest(of: data).prefix(16)
    try? AtomicFile.write(data + Data("\n".utf8), to: folder.appendingPathComponent("\(name).json"))
  }
}
