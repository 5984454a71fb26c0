/// A question about a picture with its answer.
public struct Question: Equatable, Sendable {
  /// What is asked.
  public let kind: QuestionKind
  /// The question.
  public let text: String
  /// What is to be answered.
  public let answer: String

  /// Puts them together.
  public init(_ kind: QuestionKind, _ text: String, answer: String) {
    (self.kind, self.text, self.answer) = (kind, text, answer)
  }

  /// An answer as it is compared with others: its words without English articles, as for VQA (Antol et al., ICCV 2015).
  ///
  /// An answer of articles alone keeps them.
  public static func normal(_ answer: String) -> String {
    let words = TextIdentity.words(of: answer)
    let kept = words.filter { !["a", "an", "the"].contains($0) }
    return (kept.isEmpty ? words : kept).joined(separator: " ")
  }
}

/// What is asked of a picture.
public enum QuestionKind: Hashable, Sendable {
  /// What it shows: its caption.
  case name
  /// Its class of a labelling.
  case choice(of: String)
  /// Whether it is of a class of a labelling.
  case membership(of: String)
  /// How many objects of a colour or a shape a scene has.
  case count
  /// Whether a scene has an object of a colour and a shape.
  case presence
  /// What colour all objects of a shape have.
  case colour
  /// Whether a sentence is true of it, as people said.
  case statement

  /// The kind as tables name it.
  public var name: String {
    switch self {
    case .name: "name"
    case .choice(let labelling): labelling
    case .membership(let labelling): "\(labelling), yes or no"
    case .count: "how many"
    case .presence: "is there, yes or no"
    case .colour: "which colour"
    case .statement: "statement"
    }
  }

  /// Whether the question is made by a template, and not by people.
  public var isTemplated: Bool { self != .statement }
}

/// How a language asks of scenes of objects; `{}` is what is asked for.
struct ScenePhrases {
  /// How many there are.
  let count: String
  /// Whether there is one.
  let presence: String
  /// What colour they have.
  let colour: String

  /// The most objects of a scene.
  static let most = 24
  /// Objects of each colour, then of each shape, whatever else they are.
  static let kinds = NLVRScene.colours.map { "\($0.name) objects" } + NLVRScene.shapes.map { "\($0)s" }
  /// The objects of a shape.
  static let shapes = NLVRScene.shapes.map { "\($0)s" }

  /// Every question.
  var all: [String] {
    Self.kinds.map { count.replacing("{}", with: $0) } + NLVRDataset.kinds.map { presence.replacing("{}", with: $0) }
      + Self.shapes.map { colour.replacing("{}", with: $0) }
  }

  /// Every answer but yes and no.
  static var answers: [String] { (0...most).map(String.init) + NLVRScene.colours.map(\.name) }
}

/// How a language asks.
struct QuestionPhrases {
  /// What a picture shows.
  let name: String
  /// What its class is; `{}` is the labelling.
  let choice: String
  /// Whether it is of a class, which is `{}`.
  let membership: String
  /// Whether a sentence is true, which is `{}`.
  let statement: String
  /// What is asked of scenes; nil where the language does not.
  let scenes: ScenePhrases?
  /// The answers to whether something is so.
  let answers: (yes: String, no: String)
  /// What labellings are called; another one has its own name.
  let labellings: [String: String]
  /// What classes are called, by labelling; nil where their own names are said.
  let classes: [String: [String: String]]?

  /// English, which says the names of all classes.
  static let english = QuestionPhrases(
    name: "What is it?", choice: "What is its {}?", membership: "Is this {}?", statement: "Is it true: {}?",
    scenes: ScenePhrases(
      count: "How many {} are there?", presence: "Is there a {}?", colour: "What colour are all {}?"),
    answers: ("yes", "no"), labellings: [:], classes: nil)

  /// Korean, which says the names of the groups of emoji.
  static let korean = QuestionPhrases(
    name: "이것은 무엇입니까?", choice: "이것은 어느 {} 속합니까?", membership: "이것은 다음에 속합니까: {}?",
    statement: "다음은 사실입니까: {}?", scenes: nil, answers: ("예", "아니요"), labellings: ["group": "분류에"],
    classes: [
      "group": [
        "Smileys & Emotion": "표정과 감정", "People & Body": "사람과 몸", "Animals & Nature": "동물과 자연",
        "Food & Drink": "음식과 음료", "Travel & Places": "여행과 장소", "Activities": "활동", "Objects": "사물",
        "Symbols": "기호", "Flags": "깃발", "Component": "구성 요소",
      ]
    ])

  /// The phrases of the language of a modality of captions, by the end of its name.
  static func of(_ caption: String) -> QuestionPhrases { caption.hasSuffix("-ko") ? korean : english }

  /// What a class is called; nil where the language has no word for it.
  func word(for name: String, of labelling: String) -> String? {
    let word = classes.map { $0[labelling]?[name] } ?? name
    return word.flatMap { TextIdentity.words(of: $0).isEmpty ? nil : $0 }
  }

  /// The words of all phrases.
  var words: [String] {
    let phrases = [name, choice, membership, statement, answers.yes, answers.no]
    return (phrases + labellings.values).flatMap(TextIdentity.words(of:))
  }
}
