import Datasets
import Foundation

/// What the tests find around them.
enum Surroundings {
  /// The folder of the package.
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The Swift files of the program.
  static func sources() throws -> [URL] {
    try ["Sources", "Experiments"].flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: package.appending(path: folder).path).sorted()
        .filter { $0.hasSuffix(".swift") }.map { package.appending(path: "\(folder)/\($0)") }
    }
  }

  /// Whether the Debian packages with the emoji are installed.
  static let hasEmoji: Bool = {
    let options = EmojiDataset.Options()
    return [options.fontFile, options.emojiTestFile, options.annotationsRoot].allSatisfy {
      FileManager.default.fileExists(atPath: $0)
    }
  }()
}
