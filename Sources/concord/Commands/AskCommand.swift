import ArgumentParser
import Diagnostics
import Foundation
import Search
import StrictYAML
import TextGeneration

/// `concord ask`
struct AskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask", abstract: "Answers a question about pictures, by a trained run of a method that answers.",
    discussion: """
      Example:  concord ask runs/prefix-emoji picture.png "What is it?"

      Example:  concord ask runs/prefix-emoji a.png b.png "Is this food drink?" --json

      Behind each answer stands the logarithm of its probability. A run answers questions of the kinds that it was trained on, in \
      the language of its captions; words that no training text has are named.
      """)

  /// The most pictures of a call.
  private static let mostPictures = 100_000

  @OptionGroup var trained: TrainedRunArguments

  @Argument(
    help: ArgumentHelp(
      "The pictures, PNG, JPEG or WebP, and last the question in quotes.", valueName: "pictures-and-question"))
  var words: [String]

  private var pictures: [String] { words.dropLast() }
  private var question: String { words.last ?? "" }

  func validate() throws {
    guard words.count > 1 else { throw ValidationError("give a picture, and behind it the question in quotes") }
    guard pictures.count <= Self.mostPictures else {
      throw ValidationError("\(pictures.count) pictures, of which at most \(Self.mostPictures) are asked about at once")
    }
    try trained.requireFloat32(for: "answers")
  }

  func run() throws {
    let (run, search) = try trained.open()
    guard let answering = search.embedder.answering,
      let reading = search.embedder.reading(ofQuestion: question)
    else {
      throw UserError(
        .usage, "the run answers no questions", at: trained.run,
        mend: "name a run of a method that does, such as one of prefix/emoji")
    }
    if let language = trained.language, answering.modality != language, answering.modality != "caption-\(language)" {
      throw UserError(
        .usage, "the run does not answer in \(language)", at: trained.run, mend: "it answers in \(answering.modality)")
    }
    try check(reading, answering)
    let files = pictures.map { URL(fileURLWithPath: $0) }
    guard let answers = try search.answers(to: question, aboutPictures: files, options: answering.options) else {
      throw UserError(.usage, "the run answers no questions", at: trained.run)
    }
    if !reading.rareWords.isEmpty {
      TrainedRunArguments.remark(
        "no training text of \(answering.modality) has \(quoted(reading.rareWords)), read in pieces; asked are "
          + quoted(answering.examples))
    }
    if trained.json {
      let items = zip(pictures, answers).map { picture, answer in
        JSONValue.object([
          "picture": .text(picture), "answer": .text(answer.text), "score": .number(answer.score),
          "isFinished": .boolean(answer.isFinished),
        ])
      }
      return say(
        JSONValue.object([
          "run": .text(run.name), "modality": .text(answering.modality), "question": .text(question),
          "pictures": .list(items),
        ]).json)
    }
    for (picture, answer) in zip(pictures, answers) {
      say(TrainedRunArguments.line(picture, answer.text, score: answer.score, isFinished: answer.isFinished))
    }
    say("\(answering.modality) by \(run.name), \(answering.options.description).")
  }

  /// Refuses a question that the networks cannot read.
  private func check(_ reading: QuestionReading, _ answering: QuestionAnswering) throws(UserError) {
    let mend = "ask one such as \(quoted(answering.examples))"
    guard reading.tokenCount > 0 else { throw UserError(.usage, "the question has no word", mend: mend) }
    guard reading.unknownWords.isEmpty else {
      throw UserError(
        .usage, "no training text of \(answering.modality) has the signs of \(quoted(reading.unknownWords))", mend: mend
      )
    }
    guard reading.tokenCount <= reading.mostTokens else {
      throw UserError(
        .usage, "the question has \(reading.tokenCount) tokens, and the run reads at most \(reading.mostTokens)",
        mend: mend)
    }
  }

  private func quoted(_ texts: [String]) -> String { texts.map { "\"\($0)\"" }.joined(separator: ", ") }
}
