import Diagnostics
import Foundation

/// A folder of prepared data, each file checked when it is read; losing it costs only time.
///
/// A file is `CONCORD1`, the SHA-256 digest of the rest, the entry's key as 64 hexadecimal digits, and the payload.
public struct DatasetCache: Sendable {
  /// The folder of the files; it is made when something is written.
  public let folder: URL

  private static let magic = Array("CONCORD1".utf8)
  private static let headerSize = 8 + 32 + 64

  /// Creates a cache in a folder, or in the default one: `$CONCORD_CACHE`, else `$XDG_CACHE_HOME/concord`, else
  /// `~/.cache/concord`.
  public init(
    folder: URL? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    func set(_ name: String) -> URL? {
      environment[name].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0, isDirectory: true) }
    }
    self.folder =
      folder ?? set("CONCORD_CACHE") ?? set("XDG_CACHE_HOME")?.appendingPathComponent("concord")
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache/concord")
  }

  /// The file of an entry.
  public func file(name: String, key: String) -> URL {
    folder.appendingPathComponent("\(name)-\(key.prefix(16)).cache")
  }

  /// The payload of an entry, or nil where there is none or it is damaged.
  public func read(name: String, key: String) -> Data? {
    guard let data = try? RegularFile.contents(of: file(name: name, key: key)), data.count >= Self.headerSize else {
      return nil
    }
    let start = data.startIndex
    var hash = SHA256()
    data.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[40...])) }
    guard data[start..<start + 8].elementsEqual(Self.magic),
      data[start + 8..<start + 40].elementsEqual(hash.digest),
      data[start + 40..<start + 104].elementsEqual(key.utf8)
    else { return nil }
    return data[(start + Self.headerSize)...]
  }

  /// Writes an entry atomically.
  ///
  /// - Returns: a note where the folder cannot be written, which is not an error; nil where all went well.
  public func write(_ payload: Data, name: String, key: String) -> String? {
    precondition(key.utf8.count == 64, "DatasetCache.write: a key has 64 digits, not \(key.utf8.count)")
    var body = Data(key.utf8)
    body.append(payload)
    var hash = SHA256()
    body.withUnsafeBytes { hash.update($0) }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try (Data(Self.magic) + Data(hash.digest) + body).write(to: file(name: name, key: key), options: .atomic)
      return nil
    } catch {
      return "the cache folder \(folder.path) cannot be written, so the data is prepared anew each time"
    }
  }
}
