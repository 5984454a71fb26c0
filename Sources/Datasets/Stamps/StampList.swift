import Diagnostics
import Foundation

/// A stamp of Tux Paint: a picture with the files that lie beside it under the same name.
struct Stamp {
  /// The path without its ending, relative to the stamps' folder, such as `animals/birds/blackbird`.
  let path: String
  /// The picture: a PNG where there is one, else an SVG.
  let picture: URL
  /// The captions by language.
  let captions: [String: String]
  /// The spoken captions by language.
  let speech: [String: URL]
  /// The sound that belongs to what the picture shows.
  let sound: URL?
}

/// The stamps of a folder.
///
/// | file beside `blackbird` | what |
/// | --- | --- |
/// | `.png`, `.svg` | the picture |
/// | `.txt` | captions: the first line in English, each other `<language>.utf8=<caption>` |
/// | `_desc.ogg`, `_desc_fr.ogg` | the caption, spoken in English, in French; also `.wav` |
/// | `.ogg`, `.wav` | a sound |
struct StampList {
  /// The language of the first line of a text and of speech whose file names none.
  static let firstLanguage = "en"

  /// The stamps that have a picture and an English caption, in the order of their paths.
  private(set) var stamps: [Stamp] = []
  /// What was left out.
  private(set) var omissions: [DatasetProvenance.Omission] = []
  /// How many stamps have a caption in each language.
  private(set) var captionCounts: [String: Int] = [:]
  /// How many stamps have speech in each language.
  private(set) var speechCounts: [String: Int] = [:]

  /// Reads the texts and finds the other files.
  ///
  /// - Throws: `UserError` where the folder is missing or has no stamp.
  init(folder: URL) throws(UserError) {
    let package = DebianPackage.stamps
    let mend = "install the Debian package \(package.name) (\(package.command)) or set folder"
    let paths = try FileTree.paths(in: folder, mend: mend)
    let known = Set(paths)
    let spoken = Self.spoken(paths)
    var (silent, unseen) = (0, 0)
    for path in paths where path.hasSuffix(".txt") {
      let stem = String(path.dropLast(4))
      func file(_ ending: String) -> URL? {
        known.contains(stem + ending) ? folder.appendingPathComponent(stem + ending) : nil
      }
      guard let picture = file(".png") ?? file(".svg") else {
        unseen += 1
        continue
      }
      let captions = Self.captions(
        try RegularFile.contents(of: folder.appendingPathComponent(path), limit: 1 << 20, place: path))
      guard captions[Self.firstLanguage] != nil else {
        silent += 1
        continue
      }
      let speech = (spoken[stem] ?? [:]).mapValues { folder.appendingPathComponent($0) }
      for language in captions.keys { captionCounts[language, default: 0] += 1 }
      for language in speech.keys { speechCounts[language, default: 0] += 1 }
      stamps.append(
        Stamp(path: stem, picture: picture, captions: captions, speech: speech, sound: file(".ogg") ?? file(".wav")))
    }
    guard !stamps.isEmpty else { throw UserError(.data, "has no stamps", at: folder.path, mend: mend) }
    omissions = [
      .init(reason: "texts without a picture", count: unseen),
      .init(reason: "pictures without an English caption", count: silent),
    ].filter { $0.count > 0 }
  }

  /// The files of speech of each stamp by language, among all files.
  private static func spoken(_ paths: [String]) -> [String: [String: String]] {
    var found: [String: [String: String]] = [:]
    for path in paths {
      guard let ending = [".ogg", ".wav"].first(where: { path.hasSuffix($0) }) else { continue }
      let stem = path.dropLast(ending.count)
      guard let mark = stem.range(of: "_desc", options: .backwards) else { continue }
      let rest = stem[mark.upperBound...]
      let language: String
      if rest.isEmpty {
        language = firstLanguage
      } else if rest.hasPrefix("_"), rest.dropFirst().allSatisfy({ $0.isLetter || $0 == "_" || $0 == "@" }) {
        language = String(rest.dropFirst())
      } else {
        continue
      }
      // Ogg, which comes first, goes before WAV.
      if found[String(stem[..<mark.lowerBound])]?[language] == nil {
        found[String(stem[..<mark.lowerBound]), default: [:]][language] = path
      }
    }
    return found
  }

  /// The captions of a text by language; a line that is neither the first nor `language.utf8=caption` is passed over.
  static func captions(_ bytes: some Sequence<UInt8>) -> [String: String] {
    var captions: [String: String] = [:]
    let text = String(decoding: Array(bytes), as: UTF8.self)
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      var (language, caption) = (firstLanguage, line)
      if index > 0 {
        guard let mark = line.range(of: ".utf8=") else { continue }
        language = String(line[..<mark.lowerBound])
        caption = line[mark.upperBound...]
      }
      let whole = FolderTable.trimmed(String(caption))
      if !whole.isEmpty, captions[language] == nil { captions[language] = whole }
    }
    return captions
  }

  /// Refuses a language that no stamp has.
  ///
  /// - Parameters:
  ///   - counts: `captionCounts` or `speechCounts`.
  ///   - key: the option that names the languages.
  func check(_ languages: [String], among counts: [String: Int], what: String, key: String) throws(UserError) {
    guard let unknown = languages.first(where: { counts[$0] == nil }) else { return }
    let near = nearestName(to: unknown, among: counts.keys.sorted()).map { "did you mean \($0)?" }
    let all = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key).prefix(12)
    throw UserError(
      .data, "no stamp has \(what) in `\(unknown)`", at: key,
      mend: unknown.count > 2
        ? near ?? "there is \(all.joined(separator: ", "))" : "there is \(all.joined(separator: ", "))")
  }
}
