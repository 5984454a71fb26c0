import Foundation

/// What makes captions of the titles and file names that hundreds of people gave their drawings: the rules of ``ClipartSource``.
///
/// 1. A drawing that lies in several folders is kept in the deepest, of two as deep in the first by name.
/// 2. Of a numbered series (names in one folder that differ in digits only) the first `seriesLimit` are kept; generated
///    shapes are such series.
/// 3. A title is not used that names a collection (it stands on more than `titleLimit` drawings), a person, or nothing (no
///    word of three letters or more, or what a program wrote by mistake). `Clipart by NAME - ` before a title is taken off.
/// 4. Where no title is used, the words of the file name are: parted at signs, digits and capitals, without the maker's name
///    at the end. A file name without a word of three letters or more drops the drawing.
/// 5. Of drawings with the same caption the first `captionLimit` are kept.
package struct ClipartRules {
  /// A drawing with what it says of itself.
  package struct Drawing {
    let path: String
    let digest: String
    let metadata: DrawingMetadata

    /// Describes a drawing by its path below the folder of all, its file's digest and what it says of itself.
    package init(path: String, digest: String, metadata: DrawingMetadata) {
      (self.path, self.digest, self.metadata) = (path, digest, metadata)
    }

    var folder: Substring { path[..<(path.lastIndex(of: "/") ?? path.startIndex)] }
    var stem: String {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return name.lowercased().hasSuffix(".svg") ? String(name.dropLast(4)) : name
    }
    /// The folder and the name without digits, which drawings of a series have in common.
    var series: String { "\(folder)/\(stem.filter { !$0.isNumber })" }
    /// The title as it stands, or the file's name.
    var rawCaption: String { metadata.title.isEmpty ? stem : metadata.title }
  }

  /// The drawings that are kept, as places among those given, ascending.
  package private(set) var kept: [Int]
  /// The caption of each drawing, empty where rules 1 to 4 leave none.
  package private(set) var captions: [String]
  /// The drawings of which a copy was kept.
  package private(set) var copies: Set<Int> = []
  /// What each rule dropped.
  package private(set) var omissions: [DatasetProvenance.Omission] = []
  /// What was done without dropping anything.
  package private(set) var notes: [String] = []

  /// Applies the rules in turn.
  package init(_ drawings: [Drawing], seriesLimit: Int, titleLimit: Int, captionLimit: Int) {
    captions = [String](repeating: "", count: drawings.count)
    kept = Self.withoutCopies(drawings)
    copies = Set(drawings.indices).subtracting(kept)

    var before = kept.count
    var members: [String: Int] = [:]
    kept = kept.filter { place in
      members[drawings[place].series, default: 0] += 1
      return members[drawings[place].series, default: 0] <= seriesLimit
    }
    note("beyond the first \(seriesLimit) of a numbered series, generated shapes among them", before)

    var uses: [String: Int] = [:]
    for place in kept { uses[drawings[place].metadata.title, default: 0] += 1 }
    let people = Set(kept.flatMap { drawings[$0].metadata.people.map(Self.plain) })
    var refused = (collection: 0, person: 0, empty: 0)
    for place in kept {
      let drawing = drawings[place]
      let title = Self.title(drawing.metadata.title)
      if !Self.hasWord(title) || title.contains("HASH(") {
        refused.empty += 1
      } else if uses[drawing.metadata.title, default: 0] > titleLimit {
        refused.collection += 1
      } else if people.contains(Self.plain(title)) {
        refused.person += 1
      } else {
        captions[place] = title
        continue
      }
      let words = Self.words(ofName: drawing.stem, people: drawing.metadata.people)
      if Self.hasWord(words) { captions[place] = words }
    }
    notes.append(
      "titles not used, words of the file name instead: \(refused.collection) on more than \(titleLimit) drawings, "
        + "\(refused.person) a person's name, \(refused.empty) without a word")
    before = kept.count
    let found = captions
    kept = kept.filter { !found[$0].isEmpty }
    note("without a word in title and file name", before)

    before = kept.count
    var repeats: [String: Int] = [:]
    kept = kept.filter { place in
      let caption = Self.plain(found[place])
      repeats[caption, default: 0] += 1
      return repeats[caption, default: 0] <= captionLimit
    }
    note("beyond the first \(captionLimit) with the same caption", before)
  }

  private mutating func note(_ reason: String, _ before: Int) {
    if kept.count < before { omissions.append(.init(reason: reason, count: before - kept.count)) }
  }

  private static func withoutCopies(_ drawings: [Drawing]) -> [Int] {
    var best: [String: Int] = [:]
    for (place, drawing) in drawings.enumerated() {
      guard let other = best[drawing.digest] else {
        best[drawing.digest] = place
        continue
      }
      let (own, known) = (drawing.path, drawings[other].path)
      let (depth, knownDepth) = (own.count { $0 == "/" }, known.count { $0 == "/" })
      if depth > knownDepth || depth == knownDepth && own.utf8.lexicographicallyPrecedes(known.utf8) {
        best[drawing.digest] = place
      }
    }
    return best.values.sorted()
  }

  /// A title with single spaces, without what stands before the name proper.
  package static func title(_ raw: String) -> String {
    var title = raw.map { $0 == "_" ? " " : String($0) }.joined()
    if title.lowercased().hasPrefix("clipart by "), let dash = title.range(of: " - ") {
      title = String(title[dash.upperBound...])
    }
    return title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The words of a file's name: parted at signs, at digits and before capitals, without the end that begins a name of the
  /// people (file names were cut to 25 letters, and the maker's name with them).
  package static func words(ofName stem: String, people: [String]) -> String {
    var parts: [String] = [""]
    var last: Character = " "
    for character in stem {
      if character.isLetter {
        if character.isUppercase, last.isLowercase { parts.append("") }
        parts[parts.count - 1].append(character)
      } else if parts.last != "" {
        parts.append("")
      }
      last = character
    }
    parts = parts.filter { !$0.isEmpty }.map { $0.lowercased() }
    let names = people.map { plain($0).filter(\.isLetter) }
    for start in parts.indices.dropFirst() {
      let end = parts[start...].joined()
      if end.count > 2, names.contains(where: { $0.hasPrefix(end) }) {
        parts.removeSubrange(start...)
        break
      }
    }
    return parts.joined(separator: " ")
  }

  /// Whether a text has a word of three letters or more.
  static func hasWord(_ text: String) -> Bool {
    text.split { !$0.isLetter }.contains { $0.count > 2 }
  }

  /// A text to compare others with: lower case, single spaces.
  static func plain(_ text: String) -> String {
    text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
