import Diagnostics
import Foundation
import Options

extension EmojiDataset.Options {
  /// Checks that the numbers make sense.
  ///
  /// - Throws: an error whose place is the option.
  public func validate() throws(UserError) {
    func check(_ value: Int, _ range: ClosedRange<Int>, _ name: String) throws(UserError) {
      guard range.contains(value) else {
        throw UserError(
          .data, "cannot be \(value)", at: name, mend: "give \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try check(imageSize, 8...136, "imageSize")
    if let captionLength { try check(captionLength, 3...1024, "captionLength") }
    try check(vocabularySize, SubwordTokeniser.vocabularySizes, "vocabularySize")
    try check(minimumPieceCount, 1...1_000_000, "minimumPieceCount")
    try check(tagCount, 1...2000, "tagCount")
    try check(folds, 1...100, "folds")
    guard !languages.isEmpty, Set(languages).count == languages.count, !languages.contains(where: { $0.contains("/") })
    else {
      throw UserError(
        .data, "cannot be [\(languages.joined(separator: ", "))]", at: "languages",
        mend: "give different languages, such as [en]")
    }
    // Where only the sum is too large, the test's share is named.
    for (name, fraction, sum, other) in [
      ("validationFraction", validationFraction, validationFraction, "testFraction"),
      ("testFraction", testFraction, validationFraction + testFraction, "validationFraction"),
    ] where !(fraction > 0 && sum < 1) {
      throw UserError(
        .data, "cannot be \(fraction)", at: name,
        mend: "give a positive fraction, below 1 together with \(other)")
    }
  }
}

extension EmojiDataset.Options: DrawnSource {
  /// `emoji`
  public static var key: String { "emoji" }
  /// In a few words.
  public static var summary: String { "emoji of Debian packages: pictures, English and Korean names, tags" }

  /// The packages, where the files are theirs.
  public func absence(dataRoot: URL?) -> String? {
    let standard = EmojiDataset.Options()
    return DebianPackage.missing([
      (.emojiFont, fontFile == standard.fontFile), (.emojiList, emojiTestFile == standard.emojiTestFile),
      (.emojiNames, annotationsRoot == standard.annotationsRoot),
    ])
  }

  /// Renders the pictures, or takes them from the cache.
  public func load(_ request: DataRequest) throws(UserError) -> MultimodalDataset {
    try EmojiDataset.load(self, cacheFolder: request.cacheFolder, fold: request.fold)
  }

  /// Reads the sources and renders nothing.
  public func identity(_ request: DataRequest) throws(UserError) -> DataIdentity {
    try validate()
    return DataIdentity(name: Self.key, checksum: try EmojiSources(self).key)
  }
}
