/// Reads questions and answers as tokens, and writes tokens as text: words that questions are made of are tokens of their own, all
/// others are pieces of the captions' vocabulary.
///
/// Texts are read word by word (``TextIdentity/words(of:)``), so that equal words are equal tokens wherever they stand, in training
/// and in what a user asks.
public struct QuestionReader: Sendable {
  /// The number of different tokens.
  public let vocabularyCount: Int
  /// Stands between a question and its answer.
  public let answerMark: Int32
  private let words: [String]
  private let places: [String: Int32]
  private let vocabulary: CaptionVocabulary
  private let caption: CaptionVocabulary.Caption

  /// Reads what a set of questions asks.
  ///
  /// - Parameter caption: the captions that answers are written as.
  public init(_ questions: QuestionSet, vocabulary: CaptionVocabulary, caption: CaptionVocabulary.Caption) {
    (self.vocabulary, self.caption) = (vocabulary, caption)
    words = questions.words
    let first = Int32(caption.vocabularyCount)
    places = Dictionary(uniqueKeysWithValues: words.enumerated().map { ($0.element, first + Int32($0.offset)) })
    answerMark = first + Int32(words.count)
    vocabularyCount = Int(answerMark) + 1
  }

  /// The tokens of a text without begin and end; none for a text without words.
  public func tokens(of text: String) -> [Int32] { TextIdentity.words(of: text).flatMap(tokens(ofWord:)) }

  private func tokens(ofWord word: String) -> [Int32] {
    if let own = places[word] { return [own] }
    return caption.tokeniser.tokens(of: word).map { $0 < SubwordTokeniser.firstPiece ? $0 : $0 + caption.offset }
  }

  /// The text of some tokens, words between spaces.
  public func text(of tokens: some Sequence<Int32>) -> String {
    var (parts, run): ([String], [Int32]) = ([], [])
    func flush() {
      if !run.isEmpty { parts.append(vocabulary.text(of: run, in: caption)) }
      run = []
    }
    for token in tokens {
      let place = Int(token) - caption.vocabularyCount
      guard place >= 0 else {
        run.append(token)
        continue
      }
      flush()
      if words.indices.contains(place) { parts.append(words[place]) }
    }
    flush()
    return parts.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The words of a text that have signs which no training caption has, so that they are read by bytes, each once.
  public func unknownWords(in text: String) -> [String] {
    var unknown: [String] = []
    for word in TextIdentity.words(of: text) where !unknown.contains(word) {
      if tokens(ofWord: word).contains(where: SubwordTokeniser.isByte) { unknown.append(word) }
    }
    return unknown
  }

  /// The words of a text that are neither words of questions nor whole words of training captions, each once.
  public func rareWords(in text: String) -> [String] {
    var rare: [String] = []
    for word in TextIdentity.words(of: text) where places[word] == nil && !rare.contains(word) {
      let own = caption.tokeniser.tokens(of: word)
      if own.count != 1 || !caption.tokeniser.wholeWords.contains(own[0]) { rare.append(word) }
    }
    return rare
  }

  /// The tokens that no answer has: padding, begin, what stands before answers, and pieces of other languages.
  public var foreignTokens: Set<Int32> {
    var foreign = vocabulary.foreignTokens(to: caption)
    foreign.insert(answerMark)
    return foreign
  }
}
