import Datasets
import Foundation
import Kernels
import Options
import SampleFolders
import Testing

@Suite struct QuestionTests {
  /// Eight pictures of four colours, each with a name; the last has no colour.
  private static func data(
    caption: String = "caption", labels: [Int32] = [0, 1, 2, 3, 0, 1, 0, -1],
    names: [String] = ["red", "green", "dark blue", "warm-yellow"],
    labelling: String = "colour", captions: [String]? = nil, statements: [Int32]? = nil
  ) throws -> AlignedData {
    let texts = captions ?? ["a red ball", "a leaf", "the sea", "a lemon", "a brick", "a frog", "a rose", "smoke"]
    let tokeniser = SubwordTokeniser(texts: texts, minimumCount: 1)
    func split(_ name: String) -> MultimodalSplit {
      var own = [labelling: labels]
      own[MultimodalDataset.statementLabelling] = statements
      return MultimodalSplit(
        name: name,
        columns: [
          ModalityColumn(
            modality: Modality(name: "image", kind: .image(height: 1, width: 1, channels: 1)),
            items: .numbers(labels.map(Float.init)), rows: labels.indices.map { Int32($0) }),
          ModalityColumn(
            modality: Modality(name: caption, kind: .tokens(length: 8, vocabulary: tokeniser.vocabularyCount)),
            items: .tokens(texts.flatMap { tokeniser.encode($0, length: 8) }), rows: labels.indices.map { Int32($0) }),
        ], labels: own, texts: [caption: texts])
    }
    var classes = [labelling: names]
    if statements != nil { classes[MultimodalDataset.statementLabelling] = MultimodalDataset.statementClasses }
    return try AlignedData(
      MultimodalDataset(
        name: "colours", train: split("train"), validation: split("validation"), test: split("test"),
        classNames: classes, checksum: "colours", tokenisers: [caption: tokeniser]), options: DataOptions())
  }

  @Test func everyKindIsAskedOfWhomItFits() throws {
    let set = QuestionSet(try Self.data(), caption: 1)
    #expect(set.kinds == [.name, .choice(of: "colour"), .membership(of: "colour")])
    #expect(set.kinds.map(\.name) == ["name", "colour", "colour, yes or no"] && set.kinds.allSatisfy(\.isTemplated))
    var stream = RandomStream(seed: 0, name: "questions")
    let all = set.all(about: Array(0..<8), in: .test, using: &stream)
    #expect(all.map(\.kind) == set.kinds)
    #expect(all[0].asked.map(\.row) == Array(0..<8) && all[1].asked.map(\.row) == Array(0..<7))
    #expect(all[0].asked[2].question == Question(.name, "What is it?", answer: "the sea"))
    #expect(all[1].asked[3].question == Question(.choice(of: "colour"), "What is its colour?", answer: "warm-yellow"))
    // Three are red, which four others can be paired with: six have partners, or all but one.
    #expect(all[2].asked.count == 6)
    #expect(set.majority(.choice(of: "colour")) == "red" && set.majority(.membership(of: "colour")) == "yes")
    #expect(set.templated.contains("Is this dark blue?") && set.answers.contains("warm-yellow"))
    #expect(set.examples == ["What is it?", "What is its colour?", "Is this red?"])
  }

  /// Any question about a class is answered yes as often as no, so that the question alone tells nothing.
  @Test(arguments: 0..<5) func questionsOfYesAndNoAreBalanced(seed: UInt64) throws {
    // Frequent classes are the ones that a careless draw would give away.
    let labels = (0..<40).map { (place: Int) -> Int32 in place % 5 == 0 ? Int32(place / 5 % 3 + 1) : 0 }
    let set = QuestionSet(
      try Self.data(labels: labels, captions: labels.indices.map { "number \($0)" }), caption: 1)
    var stream = RandomStream(seed: seed, name: "questions")
    let asked = set.all(about: Array(0..<40), in: .test, using: &stream).last?.asked ?? []
    // The eight rare ones find a frequent one each, or one another.
    #expect((8...16).contains(asked.count) && Set(asked.map(\.row)).count == asked.count)
    for (text, own) in Dictionary(grouping: asked.map(\.question), by: \.text) {
      let yes = own.count { $0.answer == "yes" }
      #expect(2 * yes == own.count, "\(text)")
    }
    for one in asked {
      let name = ["red", "green", "dark blue", "warm-yellow"][Int(labels[one.row])]
      #expect((one.question.text == "Is this \(name)?") == (one.question.answer == "yes"))
    }
  }

  @Test func whatIsDrawnIsTrue() throws {
    let labels: [Int32] = [0, 1, 2, 3, 0, 1, 0, -1]
    let set = QuestionSet(try Self.data(), caption: 1)
    var stream = RandomStream(seed: 1, name: "questions")
    var seen: [QuestionKind: Int] = [:]
    var yes = 0
    let names = ["red", "green", "dark blue", "warm-yellow"]
    for _ in 0..<900 {
      let question = try #require(set.drawn(about: 0, in: .train, using: &stream))
      seen[question.kind, default: 0] += 1
      switch question.kind {
      case .name: #expect(question.answer == "a red ball")
      case .choice: #expect(question.answer == names[Int(labels[0])])
      case .membership:
        #expect((question.text == "Is this red?") == (question.answer == "yes"))
        yes += question.answer == "yes" ? 1 : 0
      case .statement, .count, .presence, .colour: Issue.record("\(question) is about no picture of these")
      }
      #expect(set.drawn(about: 7, in: .train, using: &stream)?.kind == .name)
    }
    #expect(seen.count == 3 && seen.values.allSatisfy { (250...350).contains($0) })
    #expect((110...190).contains(yes))
  }

  @Test func koreanIsSpokenWhereAllClassesHaveWords() throws {
    let groups = QuestionSet(
      try Self.data(
        caption: "caption-ko", labels: [0, 1, 0, 1, 0, 1, 0, 1], names: ["Food & Drink", "Flags"], labelling: "group"),
      caption: 1)
    #expect(groups.examples == ["이것은 무엇입니까?", "이것은 어느 분류에 속합니까?", "이것은 다음에 속합니까: 음식과 음료?"])
    #expect(groups.answers == ["예", "아니요", "음식과 음료", "깃발"])
    #expect(QuestionSet(try Self.data(caption: "caption-ko"), caption: 1).kinds == [.name])
  }

  @Test func sentencesThatPeopleCalledFalseAreAskedAbout() throws {
    let data = try Self.data(statements: [1, 0, 1, 0, 1, 0, 1, 0])
    let set = QuestionSet(data, caption: 1)
    #expect(set.kinds.first == .statement && !set.kinds.contains(.name) && !QuestionKind.statement.isTemplated)
    var stream = RandomStream(seed: 0, name: "questions")
    let asked = try #require(set.all(about: [0, 1], in: .test, using: &stream).first?.asked)
    #expect(asked.map(\.question.text) == ["Is it true: a red ball?", "Is it true: a leaf?"])
    #expect(asked.map(\.question.answer) == ["yes", "no"])
    // What a false sentence names is not what the picture shows.
    #expect(set.name(of: 0, in: .train) == "a red ball" && set.name(of: 1, in: .train) == nil)
  }

  @Test func scenesAreAskedForWhatTheyHold() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "concord-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    // Two black circles, a yellow circle and a blue square; then black squares; then nothing.
    let lines = [
      SampleScenes.line(
        "1-0", "two circles are black", "true",
        boxes: [
          [("Black", "circle", 20, 0, 0), ("Black", "circle", 10, 40, 0)], [("Yellow", "circle", 30, 0, 0)],
          [("#0099ff", "square", 20, 0, 0)],
        ]),
      SampleScenes.line(
        "2-0", "all are black", "false", boxes: [[("Black", "square", 20, 0, 0)], [("Black", "square", 20, 0, 0)], []]),
      SampleScenes.line("3-0", "nothing is there", "true", boxes: [[], [], []]),
    ]
    for side in ["train", "dev", "test"] { try SampleScenes.write(lines, side: side, to: root) }
    var options = NLVRScenes()
    (options.dataRoot, options.statements, options.imageHeight, options.permutations) = (root.path, .all, 8, 1)
    let dataset = try options.dataset()
    let data = try AlignedData(dataset, options: DataOptions())
    let set = QuestionSet(data, caption: try #require(data.captions.first))
    #expect(set.kinds == [.statement, .count, .presence, .colour])
    #expect(Set(set.kinds.filter(\.isTemplated)) == [.count, .presence, .colour])
    let truths = [
      "How many black objects are there?": ["2", "2", "0"], "How many blue objects are there?": ["1", "0", "0"],
      "How many yellow objects are there?": ["1", "0", "0"], "How many circles are there?": ["3", "0", "0"],
      "How many squares are there?": ["1", "2", "0"], "How many triangles are there?": ["0", "0", "0"],
    ]
    var stream = RandomStream(seed: 0, name: "questions")
    var (counted, coloured): (Set<String>, Set<String>) = ([], [])
    for _ in 0..<60 {
      let all = set.all(about: [0, 1, 2], in: .test, using: &stream)
      #expect(all[0].asked.map(\.question.answer) == ["yes", "no", "yes"] && all[1].asked.count == 3)
      for one in all[1].asked {
        #expect(truths[one.question.text]?[one.row] == one.question.answer, "\(one.question)")
        counted.insert(one.question.text)
      }
      // The empty scene has nothing that could be asked for in a pair.
      #expect(all[2].asked.map(\.row) == [0, 1] && Set(all[2].asked.map(\.question.text)).count == 1)
      #expect(Set(all[2].asked.map(\.question.answer)) == ["yes", "no"])
      coloured.formUnion(all[3].asked.map { "\($0.row) \($0.question.text) \($0.question.answer)" })
      for row in 0..<3 {
        let drawn = try #require(set.drawn(about: row, in: .train, using: &stream))
        if let truth = truths[drawn.text] { #expect(truth[row] == drawn.answer) }
        #expect(row < 2 || [.statement, .count].contains(drawn.kind))
      }
    }
    #expect(counted.count == 6)
    // Circles of two colours have no colour to be named.
    #expect(coloured == ["0 What colour are all squares? blue", "1 What colour are all squares? black"])
    #expect(set.majority(.count) == "0" && set.majority(.presence) == "yes")
    // What a run keeps of its data has no scene, and yet the same words.
    let form = try AlignedData(DatasetForm(dataset).dataset, options: DataOptions())
    #expect(QuestionSet(form, caption: 1).words.count == set.words.count)
  }

  @Test func answersAreComparedAsForVQA() {
    #expect(Question.normal("The Red-Ball!") == Question.normal("a red ball"))
    #expect(Question.normal("red ball") != Question.normal("red balls"))
    #expect(Question.normal("The") == "the" && Question.normal(" ?") == "")
  }

  @Test func textsAreReadWordByWordAndWrittenAgain() throws {
    let data = try Self.data()
    let set = QuestionSet(data, caption: 1)
    let caption = try #require(data.vocabulary.captions.first)
    let reader = QuestionReader(set, vocabulary: data.vocabulary, caption: caption)
    for text in set.templated + set.answers + ["a red ball", "smoke on the sea", "zebra"] {
      let words = TextIdentity.words(of: text)
      #expect(reader.text(of: reader.tokens(of: text)) == words.joined(separator: " "))
      // A text is read as its words are, wherever they stand.
      #expect(reader.tokens(of: text) == words.flatMap { reader.tokens(of: $0) })
      #expect(reader.tokens(of: text).allSatisfy { Int($0) < reader.vocabularyCount && $0 != reader.answerMark })
    }
    #expect(reader.tokens(of: "IS this, RED") == reader.tokens(of: "is this red"))
    #expect(reader.tokens(of: "?!").isEmpty && reader.tokens(of: "colour").count == 1)
    #expect(reader.unknownWords(in: "is this 日本") == ["日本"] && reader.unknownWords(in: "is this red").isEmpty)
    #expect(reader.rareWords(in: "is this smoke or mole") == ["or", "mole"])
    #expect(reader.foreignTokens.isSuperset(of: [0, 1, reader.answerMark]) && !reader.foreignTokens.contains(2))
  }
}
