import Diagnostics

extension EmojiDataset.Options {
  func validate() throws(UserError) {
    func check(_ value: Int, _ range: ClosedRange<Int>, _ name: String) throws(UserError) {
      guard range.contains(value) else {
        throw UserError(
          .data, "\(value) is out of range", at: name, mend: "give \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try check(imageSize, 8...136, "imageSize")
    try check(captionLength, 3...256, "captionLength")
    try check(minimumWordCount, 1...1000, "minimumWordCount")
    try check(minimumHangulWordCount, 1...1000, "minimumHangulWordCount")
    try check(tagCount, 1...2000, "tagCount")
    guard !languages.isEmpty, Set(languages).count == languages.count, !languages.contains(where: { $0.contains("/") })
    else {
      throw UserError(.data, "\(languages) is not a list of different languages", at: "languages", mend: "give [en]")
    }
    guard validationFraction > 0, testFraction > 0, validationFraction + testFraction < 1 else {
      throw UserError(
        .data, "\(validationFraction) and \(testFraction) leave a side of the split empty",
        at: "validationFraction and testFraction", mend: "give positive fractions with a sum below 1")
    }
  }
}
