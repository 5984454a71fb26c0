import Diagnostics

/// Which words of a text a vocabulary knows. Signs that stand alone, such as `&`, count only where a text has nothing else.
public struct WordCoverage: Equatable, Sendable {
  /// The number of words.
  public let wordCount: Int
  /// The words of which some part is not in the vocabulary, each once, in their order.
  public let unknown: [String]
  /// Whether any part of any word is in the vocabulary.
  public let isKnownInPart: Bool
  /// The share of the tokens that are known, 0 for a text without words.
  public let share: Double

  /// Looks up the words of a text.
  public init(of text: String, in tokeniser: WordTokeniser) {
    let all = WordTokeniser.words(in: text)
    let wordy = all.filter { $0.contains { $0.isLetter || $0.isNumber } }
    let words = wordy.isEmpty ? all : wordy
    let tokens = words.map { tokeniser.tokens(of: $0) }
    var unknown: [String] = []
    for (word, tokens) in zip(words, tokens) where tokens.contains(WordTokeniser.unknown) && !unknown.contains(word) {
      unknown.append(word)
    }
    wordCount = words.count
    self.unknown = unknown
    let pieces = tokens.joined()
    let known = pieces.count { $0 != WordTokeniser.unknown }
    isKnownInPart = known > 0
    share = pieces.isEmpty ? 0 : Double(known) / Double(pieces.count)
  }
}

extension WordTokeniser {
  /// The words of the vocabulary, the most frequent first, without special tokens and the later syllables of split words.
  public var words: [String] { vocabulary.dropFirst(4).filter { !$0.hasPrefix("##") } }

  /// A remark on class names that are read as texts; nil where the vocabulary has all their words.
  public func remark(onNames names: [String], of labelling: String) -> String? {
    let coverage = names.map { WordCoverage(of: $0, in: self) }
    let partly = coverage.count { !$0.unknown.isEmpty }
    guard partly > 0 else { return nil }
    let unknown = coverage.count { !$0.isKnownInPart }
    let same = unknown > 1 ? "; \(unknown) have no other, so that zero-shot cannot tell them apart" : ""
    return "Of the \(names.count) names of \(labelling) \(partly) hold a word that no training caption has\(same)."
  }

  /// Words of the vocabulary that are written much like another one, the nearest first.
  public func words(near word: String, count: Int = 3) -> [String] {
    var rest = words
    var near: [String] = []
    while near.count < count, let next = nearestName(to: word, among: rest) {
      near.append(next)
      rest.removeAll { $0 == next }
    }
    return near
  }
}
