import Datasets
import Foundation

/// What the tests find around them.
enum Surroundings {
  /// The folder of the package.
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Whether the Debian packages with the emoji are installed.
  static let hasEmoji: Bool = {
    let options = EmojiDataset.Options()
    return [options.fontFile, options.emojiTestFile, options.annotationsRoot].allSatisfy {
      FileManager.default.fileExists(atPath: $0)
    }
  }()
}
