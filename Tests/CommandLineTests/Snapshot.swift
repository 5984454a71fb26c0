import Foundation

/// A text of the program that is kept in a file, so that a change of it is seen.
///
/// With `CONCORD_UPDATE_SNAPSHOTS=1` the files are written anew; the difference is then git's to show.
enum Snapshot {
  static let folder = Surroundings.package.appending(path: "Tests/CommandLineTests/Snapshots")

  static let isUpdating = ProcessInfo.processInfo.environment["CONCORD_UPDATE_SNAPSHOTS"] == "1"

  /// Holds a text against its file.
  ///
  /// - Returns: the first line that differs; nil where the two are the same.
  static func difference(of text: String, from name: String) throws -> String? {
    let file = folder.appending(path: name)
    if isUpdating {
      try Data(text.utf8).write(to: file)
      return nil
    }
    guard let data = FileManager.default.contents(atPath: file.path) else {
      return "Snapshots/\(name) is missing; CONCORD_UPDATE_SNAPSHOTS=1 writes it"
    }
    return firstDifference(of: text, from: String(decoding: data, as: UTF8.self)).map { "Snapshots/\(name):\($0)" }
  }

  static func firstDifference(of text: String, from known: String) -> String? {
    guard text != known else { return nil }
    func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    let (new, old) = (lines(text), lines(known))
    let line = zip(new, old).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(new.count, old.count)
    func shown(_ lines: [Substring]) -> String { line < lines.count ? "\"\(lines[line])\"" : "the end" }
    return "\(line + 1): it was \(shown(old)) and is \(shown(new)); CONCORD_UPDATE_SNAPSHOTS=1 takes it over"
  }

  /// Names the files that belong to no text; removes them where files are written anew.
  static func strays(besides names: [String], prefix: String) throws -> [String] {
    let found = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix(prefix) && !names.contains($0) }.sorted()
    guard isUpdating else { return found }
    for name in found { try FileManager.default.removeItem(at: folder.appending(path: name)) }
    return []
  }
}
