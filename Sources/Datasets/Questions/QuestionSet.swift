import Kernels

/// What can be asked about the pictures of a data set: their names, their classes, and whether sentences are true of them.
///
/// Questions are made by templates of the language of the captions, but for sentences, which people wrote. Whether a picture is of a
/// class is asked in pairs: two pictures of different classes, one class of the two, so that half of the answers to any question are
/// yes and whoever knows the question alone is right half of the time.
public struct QuestionSet: Sendable {
  /// What is asked.
  public let kinds: [QuestionKind]
  private let data: AlignedData
  private let caption: Int
  private let phrases: QuestionPhrases
  /// The labellings that are asked for, with what their classes are called.
  private let classes: [String: [String]]
  /// For each side and labelling how many observations each class has.
  private let counts: [AlignedData.Side: [String: [Int]]]

  /// Finds what can be asked.
  ///
  /// - Parameter caption: the place of the captions, whose language is spoken.
  public init(_ data: AlignedData, caption: Int) {
    (self.data, self.caption) = (data, caption)
    let phrases = QuestionPhrases.of(data.modalities[caption].name)
    self.phrases = phrases
    var classes: [String: [String]] = [:]
    for labelling in data.labellings where labelling != MultimodalDataset.statementLabelling {
      let names = data.classNames(labelling)
      let words = names.compactMap { phrases.word(for: $0, of: labelling) }
      // Classes that are called alike could not be told apart.
      let forms = Set(words.map(Question.normal))
      if names.count > 1, words.count == names.count, forms.count == names.count { classes[labelling] = words }
    }
    self.classes = classes
    let asked = data.labellings.filter { classes[$0] != nil }
    kinds =
      (data.dataset.hasFalsePairs ? [.statement] : [.name])
      + asked.flatMap { [.choice(of: $0), .membership(of: $0)] }
    var counts: [AlignedData.Side: [String: [Int]]] = [:]
    for side in AlignedData.Side.allCases {
      for labelling in asked {
        var own = [Int](repeating: 0, count: data.classNames(labelling).count)
        for label in data.labels(labelling, of: side) ?? [] where label >= 0 { own[Int(label)] += 1 }
        counts[side, default: [:]][labelling] = own
      }
    }
    self.counts = counts
  }

  /// The words of all questions and of all answers but captions, each once, in order.
  public var words: [String] {
    Set(phrases.words + classes.values.joined().flatMap(Question.words(of:)) + classes.keys.flatMap(labellingWords))
      .sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
  }

  private func labellingWords(_ labelling: String) -> [String] {
    Question.words(of: phrases.labellings[labelling] ?? labelling)
  }

  /// Every question that a template makes, whatever it is about.
  public var templated: [String] {
    kinds.flatMap { kind -> [String] in
      switch kind {
      case .name: [phrases.name]
      case .choice(let labelling): [choice(of: labelling)]
      case .membership(let labelling): (classes[labelling] ?? []).map { filled(phrases.membership, $0) }
      case .statement: []
      }
    }
  }

  /// A question of each kind, one of a template's where it has several.
  public var examples: [String] {
    kinds.map { kind in
      switch kind {
      case .name: phrases.name
      case .choice(let labelling): choice(of: labelling)
      case .membership(let labelling): filled(phrases.membership, classes[labelling]?.first ?? "")
      case .statement: filled(phrases.statement, "…")
      }
    }
  }

  /// Every answer but captions.
  public var answers: [String] { [phrases.answers.yes, phrases.answers.no] + classes.values.joined() }

  private func filled(_ phrase: String, _ word: String) -> String { phrase.replacing("{}", with: word) }
  private func choice(of labelling: String) -> String {
    filled(phrases.choice, phrases.labellings[labelling] ?? labelling)
  }

  /// The class of an observation; nil where it has none.
  private func label(_ labelling: String, of row: Int, in side: AlignedData.Side) -> Int? {
    data.labels(labelling, of: side).flatMap { $0[row] >= 0 ? Int($0[row]) : nil }
  }

  /// The caption of an observation, which tells what its picture shows; nil where it has none, or people called it false.
  public func name(of row: Int, in side: AlignedData.Side) -> String? {
    guard data.labels(MultimodalDataset.statementLabelling, of: side).map({ $0[row] != 0 }) ?? true else { return nil }
    return text(of: row, in: side)
  }

  private func text(of row: Int, in side: AlignedData.Side) -> String? {
    let name = data.modalities[caption].name
    if let text = data.text(name, of: row, in: side) { return Question.words(of: text).isEmpty ? nil : text }
    // Data without texts have them as tokens.
    guard data[side]?.texts[name] == nil, let known = data.vocabulary.caption(named: name),
      case .tokens(let tokens)? = try? data.items(of: caption, at: [row], in: side)
    else { return nil }
    let text = data.vocabulary.text(of: tokens.filter { $0 > SubwordTokeniser.end }, in: known)
    return Question.words(of: text).isEmpty ? nil : text
  }

  /// A question of a kind; nil where it cannot be asked about the observation.
  ///
  /// - Parameter asked: the class that is asked for; nil for the observation's own.
  private func question(
    _ kind: QuestionKind, about row: Int, in side: AlignedData.Side, asked: Int? = nil
  ) -> Question? {
    switch kind {
    case .name: return name(of: row, in: side).map { Question(kind, phrases.name, answer: $0) }
    case .choice(let labelling):
      guard let own = label(labelling, of: row, in: side), let words = classes[labelling] else { return nil }
      return Question(kind, choice(of: labelling), answer: words[own])
    case .membership(let labelling):
      guard let own = label(labelling, of: row, in: side), let words = classes[labelling] else { return nil }
      let asked = asked ?? own
      return Question(
        kind, filled(phrases.membership, words[asked]), answer: asked == own ? phrases.answers.yes : phrases.answers.no)
    case .statement:
      guard let truth = label(MultimodalDataset.statementLabelling, of: row, in: side),
        let sentence = text(of: row, in: side)
      else { return nil }
      return Question(
        kind, filled(phrases.statement, sentence), answer: truth == 1 ? phrases.answers.yes : phrases.answers.no)
    }
  }

  /// A question about an observation, of any kind alike; nil where nothing can be asked about it.
  ///
  /// Whether it is of a class is asked of its own class and of another one alike, a frequent one more often than a rare one.
  public func drawn(about row: Int, in side: AlignedData.Side, using stream: inout RandomStream) -> Question? {
    let possible = kinds.filter { question($0, about: row, in: side) != nil }
    guard !possible.isEmpty else { return nil }
    let kind = possible[stream.below(possible.count)]
    guard case .membership(let labelling) = kind, stream.below(2) == 0, let own = label(labelling, of: row, in: side),
      let counts = self.counts[side]?[labelling]
    else { return question(kind, about: row, in: side) }
    let others = counts.indices.filter { $0 != own && counts[$0] > 0 }
    let total = others.reduce(0) { $0 + counts[$1] }
    guard total > 0 else { return question(kind, about: row, in: side) }
    var rest = stream.below(total)
    let asked = others.first { other in
      rest -= counts[other]
      return rest < 0
    }
    return question(kind, about: row, in: side, asked: asked)
  }

  /// A question of each kind about some observations, where it can be asked.
  ///
  /// - Returns: for each kind the observations with their questions, ascending; whether they are of a class is asked about pairs of
  ///   different classes, and not about those that found no partner.
  public func all(
    about rows: [Int], in side: AlignedData.Side, using stream: inout RandomStream
  ) -> [(kind: QuestionKind, asked: [(row: Int, question: Question)])] {
    kinds.map { kind in
      guard case .membership(let labelling) = kind else {
        return (kind, rows.compactMap { row in question(kind, about: row, in: side).map { (row, $0) } })
      }
      let known = rows.compactMap { row in label(labelling, of: row, in: side).map { (row: row, label: $0) } }
      var waiting: [(row: Int, label: Int)] = []
      var asked: [(row: Int, question: Question)] = []
      for place in stream.permutation(of: known.count) {
        let one = known[place]
        guard let partner = waiting.firstIndex(where: { $0.label != one.label }) else {
          waiting.append(one)
          continue
        }
        let other = waiting.remove(at: partner)
        let label = stream.below(2) == 0 ? one.label : other.label
        asked += [one, other].compactMap { pair in
          question(kind, about: pair.row, in: side, asked: label).map { (pair.row, $0) }
        }
      }
      return (kind, asked.sorted { $0.row < $1.row })
    }
  }

  /// The most frequent answer to questions of a kind in training; of equally frequent ones the first. Whether a picture is
  /// of a class has no such answer: yes stands for it.
  public func majority(_ kind: QuestionKind) -> String {
    if case .membership = kind { return phrases.answers.yes }
    var counts: [String: Int] = [:]
    for row in 0..<data.count(.train) {
      if let answer = question(kind, about: row, in: .train)?.answer {
        counts[Question.normal(answer), default: 0] += 1
      }
    }
    return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? ""
  }
}
