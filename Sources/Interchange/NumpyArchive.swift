import Diagnostics
import Foundation

/// Named arrays in NumPy's `.npz` format, a zip archive of npy files.
///
/// Entries are written stored or deflated, in the order of their names, with a fixed date, so that equal content gives
/// equal bytes (deflated ones with the same zlib). Both are read.
public struct NumpyArchive: Equatable, Sendable {
  /// The arrays by name, without the ending `.npy`.
  public var arrays: [String: NumericArray]

  /// Creates content to be written.
  public init(arrays: [String: NumericArray] = [:]) {
    self.arrays = arrays
  }

  /// Reads a file.
  ///
  /// - Throws: a `UserError` of kind `inputOutput` where the file cannot be read, `data` where its content is wrong.
  public init(readingFrom url: URL) throws(UserError) {
    try self.init(data: RegularFile.contents(of: url), name: url.path)
  }

  /// Reads a file's bytes; errors call them by `name`.
  ///
  /// - Parameter limit: the most bytes that all entries together may unpack to.
  /// - Throws: a `UserError` of kind `data`.
  public init(
    data: Data, name: String = "npz data", limit: Int = RegularFile.standardLimit
  ) throws(UserError) {
    self.init()
    let entries = try ZipReader(data, place: name).entries
    let size = entries.reduce(0) { $0 + $1.size }
    guard size <= limit else {
      throw UserError(.data, "unpacks to \(size) bytes, more than the \(limit) that are read here", at: name)
    }
    for entry in entries {
      guard entry.name.hasSuffix(".npy") else {
        throw UserError(
          .data, "holds '\(entry.name)', which is no array", at: name, mend: "write the archive with numpy.savez")
      }
      let file = try NumpyFile(data: entry.content(of: data, place: name), name: "\(name):\(entry.name)")
      arrays[String(entry.name.dropLast(4))] = file.array
    }
  }

  /// The file's bytes.
  ///
  /// - Parameter isDeflated: whether entries are compressed where that makes them smaller.
  /// - Throws: a `UserError` of kind `data` where the arrays are more than a zip archive without extensions holds:
  ///   65 535 entries, 4 GiB.
  public func encoded(isDeflated: Bool = false) throws(UserError) -> Data {
    var writer = ZipWriter(isDeflated: isDeflated)
    for (name, array) in arrays.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      try writer.append(NumpyFile(array).encoded(), name: "\(name).npy")
    }
    return try writer.finished()
  }

  /// Writes the file atomically.
  ///
  /// - Throws: a `UserError` of kind `inputOutput`, or as `encoded()` does.
  public func write(to url: URL, isDeflated: Bool = false) throws(UserError) {
    try AtomicFile.write(encoded(isDeflated: isDeflated), to: url)
  }
}
