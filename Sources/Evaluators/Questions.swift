import Datasets
import Encoders
import Evaluation
import Foundation
import Kernels
import Methods
import Options
import Runs
import TextGeneration
import Training

/// Questions about pictures of the reported side, answered by a method that answers, beside three controls: the same questions about
/// another picture, the questions alone, and the most frequent answer to questions of their kind in training.
///
/// An answer is right where it is the true one, both without case, signs and English articles.
public struct QuestionsEvaluator: Evaluator {
  /// `questions`
  public static var key: String { "questions" }
  /// In a few words.
  public static var summary: String {
    "right answers to questions about pictures by kind, beside another picture, the question alone and the majority"
  }

  /// How answers are written.
  public var decoding: DecodingOptions = {
    var greedy = DecodingOptions()
    greedy.strategy = .greedy
    return greedy
  }()
  /// The most pictures that are asked about, evenly spread.
  public var pictures = 2_000
  /// The questions of each kind that the figure shows; 0 draws none.
  public var shown = 4

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    decoding.requirements.map { $0.within("decoding") } + [
      .count("pictures", pictures, atLeast: 2, atMost: 10_000_000), .count("shown", shown, atLeast: 0, atMost: 100),
    ]
  }

  /// It is about them.
  public static var knowsFalsePairs: Bool { true }

  /// Takes just enough of everything to pass through it, for a computation whose bits are recorded.
  package mutating func shorten() {
    (pictures, shown, decoding.beams) = (16, min(shown, 1), min(decoding.beams, 2))
    decoding.maximumLength = min(decoding.maximumLength, 6)
    decoding.minimumLength = min(decoding.minimumLength, decoding.maximumLength)
  }

  /// One table with a row for each kind of question; none where the method answers none.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let method = model.answerer else { return [] }
    let course = QuestionsCourse(options: self, model: model, method: method)
    let table = try course.table()
    return table.entries.isEmpty ? [] : [table]
  }

  /// How the numbers were made.
  public func notes(on model: FrozenModel) -> [String] {
    [
      "Questions: answers are written by \(decoding.description) and are right where they are the true one without case, signs "
        + "and articles. `another picture` has the same questions about the picture of another observation, `question alone` those "
        + "about none, `majority` always the most frequent answer of training. Whether a picture is of a class is asked of "
        + "pairs of pictures, one yes and one no, so that whoever knows the question alone is right half of the time."
    ]
  }

  /// Why there are no tables.
  public func absence(on model: FrozenModel) -> String? {
    model.answerer == nil ? "the method answers no questions" : nil
  }
}

/// Questions that are asked and answered.
private struct QuestionsCourse {
  let options: QuestionsEvaluator
  let model: FrozenModel
  let method: any AnsweringMethod
  private let questions: QuestionSet

  /// A question with the answers to it.
  private struct Answered {
    let row: Int
    let question: Question
    let own: String
    let other: String
    let alone: String

    func isRight(_ answer: String) -> Bool { Question.normal(answer) == Question.normal(question.answer) }
  }

  init(options: QuestionsEvaluator, model: FrozenModel, method: any AnsweringMethod) {
    (self.options, self.model, self.method) = (options, model, method)
    questions = QuestionSet(model.data, caption: method.answeredModality)
  }

  func table() throws -> EvaluationTable {
    var table = EvaluationTable("questions")
    let rows = model.data.presence(model.side).observations(having: [method.askedModality])
      .evenlySpread(options.pictures)
    guard rows.count > 1 else { return table }
    // Whose picture each is asked about instead, never its own. What lies at a fixed distance may well be alike.
    var exchanging = RandomStreams.stream("other pictures", seed: model.seed)
    let sources = PairNoise(share: 1).sources(count: rows.count, using: &exchanging)
    let others = Dictionary(uniqueKeysWithValues: rows.indices.map { (rows[$0], rows[sources[$0]]) })
    var asking = RandomStreams.stream("asked questions", seed: model.seed)
    var stream = options.decoding.stream
    var (shown, shares): ([Answered], [[Double]]) = ([], [])
    for (kind, asked) in questions.all(about: rows, in: model.side, using: &asking) where !asked.isEmpty {
      let answered = try answered(asked, others, using: &stream)
      let majority = questions.majority(kind)
      var own: [Double] = []
      for (metric, answers) in [
        ("exact match", answered.map(\.own)), ("another picture", answered.map(\.other)),
        ("question alone", answered.map(\.alone)), ("majority", answered.map { _ in majority }),
      ] {
        let right = zip(answered, answers).map { $0.isRight($1) ? 1 : 0 }
        let chance = Double(answered.count { $0.isRight(majority) }) / Double(answered.count)
        table.add(
          .named(kind.name), .share(metric),
          Answers(right, truths: right.map { _ in 1 }, of: answered.map(\.row)), chance: chance)
        own.append(Double(right.reduce(0, +)) / Double(right.count))
      }
      shares.append(own)
      shown += answered.evenlySpread(options.shown)
    }
    // The mean of all kinds, whatever their numbers.
    if shares.count > 1 {
      for (place, metric) in ["exact match", "another picture", "question alone", "majority"].enumerated() {
        table.add(
          .named("all kinds"), .share(metric),
          shares.reduce(0) { $0 + $1[place] } / Double(shares.count))
      }
    }
    try draw(shown)
    return table
  }

  private func answered(
    _ asked: [(row: Int, question: Question)], _ others: [Int: Int], using stream: inout RandomStream
  ) throws -> [Answered] {
    var found: [Answered] = []
    for start in stride(from: 0, to: asked.count, by: FrozenModel.writtenRows) {
      try model.checkInterruption()
      let part = asked[start..<min(start + FrozenModel.writtenRows, asked.count)]
      let texts = part.map(\.question.text)
      func answers(_ rows: [Int]?) throws -> [String] {
        let pictures = try rows.map { try model.input(method.askedModality, $0, model.side) }
        return model.answers(to: texts, about: pictures, by: method, options: options.decoding, using: &stream)
          .map(\.text)
      }
      let own = try answers(part.map(\.row))
      let other = try answers(part.map { others[$0.row] ?? $0.row })
      let alone = try answers(nil)
      for (place, one) in part.enumerated() {
        found.append(
          Answered(row: one.row, question: one.question, own: own[place], other: other[place], alone: alone[place]))
      }
    }
    return found
  }

  private func draw(_ shown: [Answered]) throws {
    guard options.shown > 0, !shown.isEmpty, let folder = model.folder,
      case .image(let height, let width, let channels) = model.data.modalities[method.askedModality].kind,
      [1, 3].contains(channels)
    else { return }
    let shape = [height, width, channels]
    let blank = [Float](repeating: 1, count: 4 * shape.reduce(1, *))
    var values: [Float] = []
    let rows = try shown.map { one in
      guard
        case .numbers(let pixels) = try model.data.items(of: method.askedModality, at: [one.row], in: model.side)
      else { preconditionFailure("QuestionsEvaluator: pictures without pixels") }
      values += pixels + blank
      return PictureGridFile.Row(
        name: one.question.kind.isTemplated ? "" : "asked by people",
        captions: [one.question.text, one.own, one.question.answer, one.other, one.alone],
        frames: [1: one.isRight(one.own) ? 0 : 1], wordsOnly: [1, 2, 3, 4])
    }
    try PictureGridFile(
      title: "answers to questions",
      caption:
        "Each row is a picture of the \(model.side.rawValue) side over a question about it, what is answered, the true answer, and "
        + "what is answered about another picture (other) and to the question alone (alone). Questions are evenly spread over "
        + "those of each kind; they are made by templates but where people are named.",
      rows: rows, columnNames: ["picture", "answer", "truth", "other", "alone"],
      kinds: ["right", "wrong"], mayBePublished: model.data.dataset.provenance.picturesMayBePublished
    ).write(pictures: values, shape: [rows.count, 5] + shape, name: "answers", to: folder)
  }
}
