import Diagnostics

/// Tokens as the words that they are pieces of.
extension SubwordTokeniser {
  /// The stretches of tokens that are a word each: a word with what is said of its writing, or a sign, or a piece of a script
  /// without spaces. Begin, end and padding belong to none.
  public func words(in tokens: some Collection<Int32>) -> [Range<Int>] {
    Self.words(in: tokens) { beginsWord($0) }
  }

  /// The same, where `beginsWord` knows the pieces.
  static func words(in tokens: some Collection<Int32>, beginsWord: (Int32) -> Bool) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var start: Int?
    var isAnnounced = false
    for (place, token) in tokens.enumerated() {
      if token <= end {
        if let start { words.append(start..<place) }
        (start, isAnnounced) = (nil, false)
        continue
      }
      let announces = token < firstByte
      if let known = start, !isAnnounced, announces || isSign(token) || beginsWord(token) {
        words.append(known..<place)
        start = place
      }
      start = start ?? place
      isAnnounced = announces
    }
    if let start { words.append(start..<tokens.count) }
    return words
  }

  /// Whether a token is the byte of a sign in ASCII.
  private static func isSign(_ token: Int32) -> Bool {
    guard (firstByte..<firstByte + 128).contains(token), let scalar = Unicode.Scalar(UInt32(token - firstByte)) else {
      return false
    }
    return TextScalar(scalar) == .other && !TextScalar.joinsLetters(scalar)
  }

  /// Whether a piece is the first of a word, where nothing announces one.
  func beginsWord(_ token: Int32) -> Bool {
    guard let first = piece(token)?.unicodeScalars.first else { return false }
    switch TextScalar(first) {
    case .unspaced: return true
    case .other: return !TextScalar.joinsLetters(first)
    case .letter, .number, .mark: return false
    }
  }

  /// The words of the training texts that are a piece each, in lower case, the shortest and most frequent first.
  public var words: [String] { wholeWords.sorted().compactMap { piece($0).map { String($0.dropFirst()) } } }

  /// Words of ``words`` that are written much like another one, the nearest first.
  public func words(near word: String, count: Int = 3) -> [String] {
    var rest = words
    var near: [String] = []
    while near.count < count, let next = nearestName(to: word, among: rest) {
      near.append(next)
      rest.removeAll { $0 == next }
    }
    return near
  }

  /// A remark on class names that are read as texts of `length` tokens; nil where all can be told apart and few bytes are
  /// among their tokens.
  public func remark(onNames names: [String], of labelling: String, length: Int) -> String? {
    let spelled = names.count { TextCoverage(of: $0, in: self).isSpelled }
    let statistics = TextStatistics(of: names, tokeniser: self, length: length)
    var parts: [String] = []
    if spelled > 0 { parts.append("\(spelled) are of signs that no training caption has, and are read by their bytes") }
    if statistics.confused > 0 {
      parts.append("\(statistics.confused) are cut to \(length) tokens and equal to another")
    }
    guard !parts.isEmpty else { return nil }
    return "Of the \(names.count) names of \(labelling) \(parts.joined(separator: "; "))."
  }
}
