import Foundation

/// What a column of a table probably holds, guessed from its name and values.
enum ColumnGuess: Equatable {
  /// Paths of pictures that exist inside a folder, this many of them.
  case image(folder: String, found: Int)
  /// Paths of clips: animated pictures, video files or folders of pictures.
  case video(folder: String, found: Int)
  /// Paths of recordings.
  case audio(folder: String, found: Int)
  /// Paths of series.
  case series(folder: String, found: Int)
  /// Sides of a split.
  case split
  /// Numbers, maybe with a comma before the fraction.
  case number(hasComma: Bool)
  /// A class.
  case label
  /// A name of each observation.
  case identifier
  /// Sets of tags.
  case tags(separator: String)
  /// Texts.
  case text
  /// Nothing at all.
  case empty

  private static let labelNames = ["label", "class", "category", "target", "species", "kind", "type", "genre"]
  private static let textNames = ["caption", "text", "description", "sentence", "title", "comment"]
  private static let identifierNames = ["id", "identifier", "index", "key", "uid", "uuid", "name", ""]

  /// Guesses.
  ///
  /// - Parameters:
  ///   - values: the cells, without white space around them.
  ///   - places: the existing files under the data set's folder, by their path inside each folder that holds any.
  ///   - delimiter: what stands between the cells; a comma there is none in a number.
  init(name: String, values: [String], files: FolderFiles, delimiter: Character = ",") {
    let filled = values.filter { !$0.isEmpty }
    let name = name.lowercased()
    guard !filled.isEmpty else {
      self = .empty
      return
    }
    let distinct = Set(filled)
    if let (folder, found) = files.best(for: filled, endings: FolderFiles.imageEndings) {
      self = .image(folder: folder, found: found)
    } else if let (folder, found) = files.best(for: filled, endings: FolderFiles.videoEndings) {
      self = .video(folder: folder, found: found)
    } else if let (folder, found) = files.bestOfFrames(for: filled) {
      self = .video(folder: folder, found: found)
    } else if let (folder, found) = files.best(for: filled, endings: FolderFiles.audioEndings) {
      self = .audio(folder: folder, found: found)
    } else if let (folder, found) = files.best(for: filled, endings: FolderFiles.seriesEndings) {
      self = .series(folder: folder, found: found)
    } else if distinct.allSatisfy({ FolderSplit.side(named: $0) != nil }) {
      self = .split
    } else if filled.allSatisfy({ Float($0)?.isFinite == true }) {
      let areWhole = filled.allSatisfy { Int($0) != nil }
      let isNamed = Self.labelNames.contains(name)
      if areWhole, isNamed, distinct.count < filled.count {
        self = .label
      } else {
        let isIdentifier =
          Self.identifierNames.contains(name) || name.hasSuffix("id")
          || Self.areConsecutive(filled.compactMap { Int($0) })
        self = areWhole && distinct.count == values.count && isIdentifier ? .identifier : .number(hasComma: false)
      }
    } else if delimiter != ",", filled.allSatisfy({ $0.wholeMatch(of: /[+-]?\d+(,\d+)?/) != nil }) {
      self = .number(hasComma: true)
    } else {
      self = Self.words(name, filled, distinct)
    }
  }

  /// Whether each number is one more than the number before.
  private static func areConsecutive(_ numbers: [Int]) -> Bool {
    numbers.count > 2 && zip(numbers, numbers.dropFirst()).allSatisfy { $0 &+ 1 == $1 }
  }

  /// Tells classes, identifiers, tags and texts apart.
  private static func words(_ name: String, _ filled: [String], _ distinct: Set<String>) -> ColumnGuess {
    if textNames.contains(where: name.contains) { return .text }
    for separator in [";", "|", ","] {
      let lists = filled.map { $0.components(separatedBy: separator) }
      let areMany = 2 * lists.count { $0.count > 1 } >= filled.count
      let pieces = lists.joined().map(FolderTable.trimmed)
      let areShort = pieces.allSatisfy { $0.split(separator: " ").count <= 3 }
      // Tags come back; the parts of a sentence do not.
      if areMany, areShort, 2 * Set(pieces).count <= pieces.count { return .tags(separator: separator) }
    }
    let words = filled.map { $0.split(whereSeparator: \.isWhitespace).count }.reduce(0, +)
    let areShort = words <= 3 * filled.count
    if areShort, labelNames.contains(name) || (distinct.count >= 2 && 3 * distinct.count <= filled.count) {
      return .label
    }
    let hasSpaces = filled.contains { $0.contains(where: \.isWhitespace) }
    return distinct.count == filled.count && !hasSpaces && identifierNames.contains(name) ? .identifier : .text
  }
}

/// The files in a data set's folder and the folders inside it.
struct FolderFiles {
  static let imageEndings = ["png", "jpg", "jpeg", "webp"]
  static let videoEndings = ["gif", "apng", "mp4", "m4v", "webm", "mkv", "avi", "mov", "ogv", "mpg", "mpeg"]
  static let audioEndings = ["wav", "flac"]
  static let seriesEndings = ["npy", "csv", "tsv"]
  static let tableEndings = ["csv", "tsv"]

  /// The data set's folder.
  let folder: URL
  /// The names of the plain files directly in it, sorted.
  let files: [String]
  /// The names of the folders directly in it, sorted.
  let folders: [String]

  /// Lists a folder.
  init(_ folder: URL) {
    self.folder = folder
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    var files: [String] = []
    var folders: [String] = []
    for name in names where !name.hasPrefix(".") {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: "\(folder.path)/\(name)", isDirectory: &isFolder) else { continue }
      if isFolder.boolValue { folders.append(name) } else { files.append(name) }
    }
    self.files = files
    self.folders = folders
  }

  /// The files with one of some endings.
  func files(endings: [String]) -> [String] {
    files.filter { name in endings.contains { name.lowercased().hasSuffix(".\($0)") } }
  }

  /// The folder (empty: this one) under which nearly all of some paths are folders of pictures.
  func bestOfFrames(for paths: [String]) -> (folder: String, found: Int)? {
    func count(_ paths: some Sequence<String>, in name: String) -> Int {
      let base = name.isEmpty ? folder : folder.appendingPathComponent(name)
      return paths.count { path in
        let file = FolderTable.file(path, in: base)
        return FrameFolder.isFolder(file) && (try? FrameFolder.names(in: file)) != nil
      }
    }
    // Names of classes are often those of folders, too; but they come back.
    let tries = Set(paths).count == paths.count ? Array(paths.prefix(50)) : []
    guard let best = ([""] + folders).max(by: { count(tries, in: $0) < count(tries, in: $1) }),
      !tries.isEmpty, 10 * count(tries, in: best) >= 9 * tries.count
    else { return nil }
    return (best, count(paths, in: best))
  }

  /// The folder (empty: this one) under which most of some paths exist, where nearly all have one of the endings.
  func best(for paths: [String], endings: [String]) -> (folder: String, found: Int)? {
    let fitting = paths.filter { path in endings.contains { path.lowercased().hasSuffix(".\($0)") } }
    guard 10 * fitting.count >= 9 * paths.count else { return nil }
    let tries = fitting.prefix(50)
    func count(_ paths: some Sequence<String>, in name: String) -> Int {
      let base = name.isEmpty ? folder : folder.appendingPathComponent(name)
      return paths.count { FileManager.default.fileExists(atPath: FolderTable.file($0, in: base).path) }
    }
    let best = ([""] + folders).max { count(tries, in: $0) < count(tries, in: $1) } ?? ""
    // The folder itself goes first where another finds no more.
    let chosen = count(tries, in: "") >= count(tries, in: best) ? "" : best
    return (chosen, count(fitting, in: chosen))
  }
}
