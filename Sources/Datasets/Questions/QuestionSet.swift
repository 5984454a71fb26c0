import Kernels

/// What can be asked about the pictures of a data set: their names, their classes, what scenes hold, and whether sentences are true
/// of them.
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
  /// What is asked of scenes; nil where pictures are none.
  private let scenes: ScenePhrases?
  /// For each side and labelling how many observations each class has.
  private let counts: [AlignedData.Side: [String: [Int]]]
  /// For each side and kind of object how many each scene has; empty where that is not known.
  private let objectCounts: [AlignedData.Side: [[Int32]]]

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
    // What trained networks keep of their data has no objects to count, but a name.
    scenes = data.dataset.name == NLVRScenes.key ? phrases.scenes : nil
    kinds =
      (data.dataset.hasFalsePairs ? [.statement] : [.name])
      + asked.flatMap { [.choice(of: $0), .membership(of: $0)] } + (scenes == nil ? [] : [.count, .presence, .colour])
    var counts: [AlignedData.Side: [String: [Int]]] = [:]
    for side in AlignedData.Side.allCases {
      for labelling in asked {
        var own = [Int](repeating: 0, count: data.classNames(labelling).count)
        for label in data.labels(labelling, of: side) ?? [] where label >= 0 { own[Int(label)] += 1 }
        counts[side, default: [:]][labelling] = own
      }
    }
    self.counts = counts
    var objectCounts: [AlignedData.Side: [[Int32]]] = [:]
    for side in AlignedData.Side.allCases where scenes != nil {
      let own = NLVRDataset.kinds.compactMap { data.labels(NLVRScenes.count(of: $0), of: side) }
      if own.count == NLVRDataset.kinds.count { objectCounts[side] = own }
    }
    self.objectCounts = objectCounts
  }

  /// The words of all questions and of all answers but captions, each once, in order.
  public var words: [String] {
    let ofScenes = scenes.map { ($0.all + ScenePhrases.answers).flatMap(TextIdentity.words(of:)) } ?? []
    let ofClasses = classes.values.joined().flatMap(TextIdentity.words(of:)) + classes.keys.flatMap(labellingWords)
    return Set(phrases.words + ofClasses + ofScenes)
      .sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
  }

  private func labellingWords(_ labelling: String) -> [String] {
    TextIdentity.words(of: phrases.labellings[labelling] ?? labelling)
  }

  /// Every question that a template makes, whatever it is about.
  public var templated: [String] {
    kinds.flatMap { kind -> [String] in
      switch kind {
      case .name: [phrases.name]
      case .choice(let labelling): [choice(of: labelling)]
      case .membership(let labelling): (classes[labelling] ?? []).map { filled(phrases.membership, $0) }
      case .count: scenes?.all ?? []
      case .presence, .colour: []
      case .statement: [phrases.name]
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
      case .count: filled(scenes?.count ?? "", ScenePhrases.kinds[0])
      case .presence: filled(scenes?.presence ?? "", NLVRDataset.kinds[0])
      case .colour: filled(scenes?.colour ?? "", ScenePhrases.shapes[0])
      case .statement: filled(phrases.statement, "…")
      }
    }
  }

  /// Every answer but captions.
  public var answers: [String] {
    [phrases.answers.yes, phrases.answers.no] + classes.values.joined() + (scenes == nil ? [] : ScenePhrases.answers)
  }

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
    if let text = data.text(name, of: row, in: side) { return TextIdentity.words(of: text).isEmpty ? nil : text }
    // Data without texts have them as tokens.
    guard data[side]?.texts[name] == nil, let known = data.vocabulary.caption(named: name),
      case .tokens(let tokens)? = try? data.items(of: caption, at: [row], in: side)
    else { return nil }
    let text = data.vocabulary.text(of: tokens.filter { $0 > SubwordTokeniser.end }, in: known)
    return TextIdentity.words(of: text).isEmpty ? nil : text
  }

  /// How many objects of each kind a scene has; nil where that is not known.
  private func objects(of row: Int, in side: AlignedData.Side) -> [Int]? {
    objectCounts[side].map { kinds in kinds.map { Int($0[row]) } }
  }

  /// What can be asked for by a kind of question about an observation, by number; empty where it cannot be asked.
  private func subjects(_ kind: QuestionKind, of row: Int, in side: AlignedData.Side) -> [Int] {
    switch kind {
    case .name: name(of: row, in: side) == nil ? [] : [0]
    case .choice(let labelling): label(labelling, of: row, in: side) == nil ? [] : [0]
    case .membership(let labelling): label(labelling, of: row, in: side).map { [$0] } ?? []
    case .count: objects(of: row, in: side) == nil ? [] : Array(ScenePhrases.kinds.indices)
    case .presence: objects(of: row, in: side).map { objects in objects.indices.filter { objects[$0] > 0 } } ?? []
    case .colour:
      objects(of: row, in: side).map { objects in
        ScenePhrases.shapes.indices.filter { colours(of: $0, objects).count == 1 }
      } ?? []
    case .statement:
      label(MultimodalDataset.statementLabelling, of: row, in: side) == nil || text(of: row, in: side) == nil ? [] : [0]
    }
  }

  /// The colours that the objects of a shape have.
  private func colours(of shape: Int, _ objects: [Int]) -> [Int] {
    NLVRScene.colours.indices.filter { objects[$0 * NLVRScene.shapes.count + shape] > 0 }
  }

  /// A question of a kind; nil where it cannot be asked about the observation.
  ///
  /// - Parameter asked: what is asked for: a class, or a number of ``subjects(_:of:in:)``; nil for the first that fits.
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
    case .count:
      guard let scenes, let objects = objects(of: row, in: side) else { return nil }
      let (asked, shapes) = (asked ?? 0, NLVRScene.shapes.count)
      let counted = objects.indices.filter {
        asked < NLVRScene.colours.count ? $0 / shapes == asked : $0 % shapes == asked - NLVRScene.colours.count
      }
      return Question(
        kind, filled(scenes.count, ScenePhrases.kinds[asked]), answer: "\(counted.reduce(0) { $0 + objects[$1] })")
    case .presence:
      guard let scenes, let objects = objects(of: row, in: side),
        let asked = asked ?? objects.firstIndex(where: { $0 > 0 })
      else { return nil }
      return Question(
        kind, filled(scenes.presence, NLVRDataset.kinds[asked]),
        answer: objects[asked] > 0 ? phrases.answers.yes : phrases.answers.no)
    case .colour:
      guard let scenes, let objects = objects(of: row, in: side),
        let asked = asked ?? ScenePhrases.shapes.indices.first(where: { colours(of: $0, objects).count == 1 }),
        let colour = colours(of: asked, objects).first
      else { return nil }
      return Question(
        kind, filled(scenes.colour, ScenePhrases.shapes[asked]), answer: NLVRScene.colours[colour].name)
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
  /// Whether it is of a class is asked of its own class and of another one alike, a frequent one more often than a rare one; whether
  /// a scene has an object, of one that it has and of one that it has not alike.
  public func drawn(about row: Int, in side: AlignedData.Side, using stream: inout RandomStream) -> Question? {
    let possible = kinds.filter { !subjects($0, of: row, in: side).isEmpty }
    guard !possible.isEmpty else { return nil }
    let kind = possible[stream.below(possible.count)]
    let own = subjects(kind, of: row, in: side)
    switch kind {
    case .name, .choice, .statement: return question(kind, about: row, in: side)
    case .count, .colour: return question(kind, about: row, in: side, asked: own[stream.below(own.count)])
    case .presence:
      let others = NLVRDataset.kinds.indices.filter { !own.contains($0) }
      let asked = stream.below(2) == 0 && !others.isEmpty ? others : own
      return question(kind, about: row, in: side, asked: asked[stream.below(asked.count)])
    case .membership(let labelling):
      guard stream.below(2) == 0, let counts = self.counts[side]?[labelling] else {
        return question(kind, about: row, in: side)
      }
      let others = counts.indices.filter { $0 != own[0] && counts[$0] > 0 }
      let total = others.reduce(0) { $0 + counts[$1] }
      guard total > 0 else { return question(kind, about: row, in: side) }
      var rest = stream.below(total)
      let asked = others.first { other in
        rest -= counts[other]
        return rest < 0
      }
      return question(kind, about: row, in: side, asked: asked)
    }
  }

  /// A question of each kind about some observations, where it can be asked.
  ///
  /// - Returns: for each kind the observations with their questions, ascending. What is answered by yes or no is asked about pairs
  ///   that answer differently, and not about those that found no partner; what people said is asked as it is.
  public func all(
    about rows: [Int], in side: AlignedData.Side, using stream: inout RandomStream
  ) -> [(kind: QuestionKind, asked: [(row: Int, question: Question)])] {
    kinds.map { kind in
      let known = rows.map { (row: $0, subjects: subjects(kind, of: $0, in: side)) }.filter { !$0.subjects.isEmpty }
      switch kind {
      case .membership, .presence: return (kind, paired(kind, known, in: side, using: &stream))
      case .name, .choice, .count, .colour, .statement: return (kind, single(kind, known, in: side, using: &stream))
      }
    }
  }

  /// A question about each observation; where several things can be asked for, of one that is drawn.
  private func single(
    _ kind: QuestionKind, _ known: [(row: Int, subjects: [Int])], in side: AlignedData.Side,
    using stream: inout RandomStream
  ) -> [(row: Int, question: Question)] {
    var asked: [(row: Int, question: Question)] = []
    for one in known {
      let subject = one.subjects.count > 1 ? one.subjects[stream.below(one.subjects.count)] : one.subjects[0]
      if let question = question(kind, about: one.row, in: side, asked: subject) { asked.append((one.row, question)) }
    }
    return asked
  }

  /// The same question about two observations, one of which has what is asked for.
  private func paired(
    _ kind: QuestionKind, _ known: [(row: Int, subjects: [Int])], in side: AlignedData.Side,
    using stream: inout RandomStream
  ) -> [(row: Int, question: Question)] {
    var waiting: [(row: Int, subjects: [Int])] = []
    var asked: [(row: Int, question: Question)] = []
    for place in stream.permutation(of: known.count) {
      let one = known[place]
      guard let partner = waiting.firstIndex(where: { $0.subjects != one.subjects }) else {
        waiting.append(one)
        continue
      }
      let other = waiting.remove(at: partner)
      let difference = Set(one.subjects).symmetricDifference(other.subjects).sorted()
      let subject = difference[stream.below(difference.count)]
      asked += [one, other].compactMap { pair in
        question(kind, about: pair.row, in: side, asked: subject).map { (pair.row, $0) }
      }
    }
    return asked.sorted { $0.row < $1.row }
  }

  /// The most frequent answer to questions of a kind in training, whatever they ask for; of equally frequent ones the first. What
  /// is asked about pairs has no such answer: yes stands for it.
  public func majority(_ kind: QuestionKind) -> String {
    switch kind {
    case .membership, .presence: return phrases.answers.yes
    case .name, .choice, .count, .colour, .statement: break
    }
    var answers: [String: Int] = [:]
    for row in 0..<data.count(.train) {
      for subject in subjects(kind, of: row, in: .train) {
        if let answer = question(kind, about: row, in: .train, asked: subject)?.answer {
          answers[answer, default: 0] += 1
        }
      }
    }
    let counts = Dictionary(answers.map { (Question.normal($0.key), $0.value) }, uniquingKeysWith: +)
    return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? ""
  }
}
