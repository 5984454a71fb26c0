import Diagnostics
import Foundation

/// Something that an experiment shows once, in files `<prefix><name>.json` of a seed's folder.
public protocol NamedSeedFile: Codable, Sendable {
  /// What file names begin with.
  static var prefix: String { get }

  /// What the file describes, for errors.
  static var contents: String { get }

  /// How the file is laid out.
  static var formatting: JSONEncoder.OutputFormatting { get }

  /// Whether it can be shown.
  var isSensible: Bool { get }
}

extension NamedSeedFile {
  /// Writes the file; what cannot be shown is a fault of the program.
  public func write(name: String, to folder: URL) throws {
    precondition(isSensible, "\(Self.self): \(name) has numbers that are not finite, or of which some are missing")
    let encoder = JSONEncoder()
    encoder.outputFormatting = Self.formatting
    try AtomicFile.write(try encoder.encode(self), to: Self.url(name, in: folder))
  }

  /// The names of the files in a seed's folder.
  package static func names(in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".json") }.map {
      String($0.dropFirst(prefix.count).dropLast(5))
    }.sorted()
  }

  /// Reads a file.
  ///
  /// - Throws: where it is missing or damaged.
  package static func read(name: String, in folder: URL) throws(UserError) -> Self {
    let url = url(name, in: folder)
    guard let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(Self.self, from: data),
      file.isSensible
    else {
      throw UserError(.data, "is no description of \(contents)", at: url.path)
    }
    return file
  }

  private static func url(_ name: String, in folder: URL) -> URL { folder.appending(path: "\(prefix)\(name).json") }
}
