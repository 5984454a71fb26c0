import Diagnostics
import Foundation

/// The files that emoji come from, read and hashed.
struct EmojiSources {
  private let list: (bytes: [UInt8], place: String)
  private let annotations: [[(bytes: [UInt8], place: String)]]
  /// The digest of the sources' content and of the options that decide pictures and texts.
  let key: String

  static let published = [
    DatasetProvenance.Source(
      name: "Noto Color Emoji", publisher: "Debian package fonts-noto-color-emoji; GitHub googlefonts/noto-emoji",
      licence: "SIL Open Font License 1.1"),
    DatasetProvenance.Source(
      name: "Unicode emoji-test.txt", publisher: "Debian package unicode-data; unicode.org/Public/emoji",
      licence: "Unicode License"),
    DatasetProvenance.Source(
      name: "Unicode CLDR annotations", publisher: "Debian package unicode-cldr-core; GitHub unicode-org/cldr",
      licence: "Unicode License"),
  ]

  /// Reads the sources.
  init(_ options: EmojiDataset.Options) throws(UserError) {
    var hash = SHA256()
    // The number grows when pictures or texts are prepared in another way.
    hash.update("emoji 1 \(options.imageSize) \(options.languages.joined(separator: " "))")
    func read(_ path: String, package: String, setting: String) throws(UserError) -> [UInt8] {
      let mend = "install the Debian package \(package) or set \(setting)"
      guard FileManager.default.fileExists(atPath: path) else {
        throw UserError(.data, "there is no such file", at: path, mend: mend)
      }
      let bytes = try DataFile.contents(of: URL(fileURLWithPath: path))
      bytes.withUnsafeBytes { hash.update($0) }
      return bytes
    }
    _ = try read(options.fontFile, package: "fonts-noto-color-emoji", setting: "fontFile")
    list = (
      try read(options.emojiTestFile, package: "unicode-data", setting: "emojiTestFile"), options.emojiTestFile
    )
    let root = options.annotationsRoot
    let package = "unicode-cldr-core"
    var annotations: [[(bytes: [UInt8], place: String)]] = []
    for language in options.languages {
      var files: [(bytes: [UInt8], place: String)] = []
      for folder in ["annotations", "annotationsDerived"] {
        let path = "\(root)/\(folder)/\(language).xml"
        let known = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        if !known.isEmpty, !known.contains("\(language).xml") {
          let names = known.filter { $0.hasSuffix(".xml") }.map { String($0.dropLast(4)) }
          let near = nearestName(to: language, among: names).map { "did you mean \($0)?" }
          throw UserError(
            .data, "CLDR's \(folder) has no language \(language)", at: "languages",
            mend: near ?? "choose from \(root)/\(folder)")
        }
        files.append((try read(path, package: package, setting: "annotationsRoot"), path))
      }
      annotations.append(files)
    }
    self.annotations = annotations
    key = hash.hexDigest
  }

  /// Parses the sources and draws the emoji.
  func collection(_ options: EmojiDataset.Options) throws(UserError) -> EmojiCollection {
    let emoji = try EmojiList.emoji(in: list.bytes, place: list.place)
    var languages: [AnnotationFile] = []
    for files in annotations {
      var annotation = AnnotationFile()
      for file in files { try annotation.add(file.bytes, place: file.place) }
      languages.append(annotation)
    }
    return try EmojiCollection(
      list: emoji, annotations: languages, fontFile: options.fontFile, imageSize: options.imageSize)
  }
}
