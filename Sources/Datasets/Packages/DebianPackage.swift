import Diagnostics
import Foundation

/// A Debian package that some data or figures come from, and that nothing else needs.
public struct DebianPackage: Equatable, Sendable {
  /// The package's name.
  public let name: String
  /// What it is for, in a few words.
  public let purpose: String
  /// The file or folder that shows that it is there; its last component may end with `*`.
  public let mark: String

  /// Describes a package.
  public init(name: String, purpose: String, mark: String) {
    (self.name, self.purpose, self.mark) = (name, purpose, mark)
  }

  /// Photographs and drawings with captions in many languages and spoken descriptions.
  public static let stamps = DebianPackage(
    name: "tuxpaint-stamps-default", purpose: "the data set `stamps`: pictures, captions in 77 languages, speech",
    mark: "/usr/share/tuxpaint/stamps")
  /// Drawings with titles and keywords.
  public static let clipart = DebianPackage(
    name: "openclipart-svg", purpose: "the data set `clipart`: drawings with titles and keywords",
    mark: "/usr/share/openclipart/svg")
  /// Emoji by another artist.
  public static let gemojione = DebianPackage(
    name: "ruby-gemojione", purpose: "`evaluation.shift`: emoji as another artist drew them",
    mark: "/usr/share/rubygems-integration/all/gems/gemojione-*/assets/png")
  /// What draws SVG.
  public static let librsvg = DebianPackage(
    name: "librsvg2-2", purpose: "SVG of `clipart` and of some of `stamps`", mark: "/usr/lib/*/librsvg-2.so.2")

  /// The emoji that are drawn.
  static let emojiFont = DebianPackage(
    name: "fonts-noto-color-emoji", purpose: "the data set `emoji`", mark: EmojiDataset.Options().fontFile)
  /// The list of emoji.
  static let emojiList = DebianPackage(
    name: "unicode-data", purpose: "the data set `emoji`", mark: EmojiDataset.Options().emojiTestFile)
  /// The names of emoji.
  static let emojiNames = DebianPackage(
    name: "unicode-cldr-core", purpose: "the data set `emoji`", mark: EmojiDataset.Options().annotationsRoot)

  /// Those that nothing but their data sets and evaluators needs: `make data` installs them.
  public static let optional = [stamps, clipart, gemojione, librsvg]

  /// The file or folder that `mark` names; nil where the package is not installed.
  public var location: URL? {
    var known = [URL(fileURLWithPath: "/")]
    for part in mark.split(separator: "/") {
      guard let star = part.firstIndex(of: "*") else {
        known = known.map { $0.appendingPathComponent(String(part)) }
        continue
      }
      let (head, tail) = (part[..<star], part[part.index(after: star)...])
      known = known.flatMap { folder in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasPrefix(head) && $0.hasSuffix(tail) }.sorted()
          .map { folder.appendingPathComponent($0) }
      }
    }
    return known.first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The command that installs it.
  public var command: String { "sudo apt-get install \(name)" }

  /// The command that installs those packages that are needed and not there; nil where all are.
  public static func missing(_ packages: [(package: DebianPackage, isNeeded: Bool)]) -> String? {
    let names = packages.filter { $0.isNeeded && $0.package.location == nil }.map(\.package.name)
    return names.isEmpty ? nil : "sudo apt-get install \(names.joined(separator: " "))"
  }
}
