import Foundation
import PrefixPaper
import Recipes
import Testing

/// `ask` on one small run on pictures of coloured shapes.
@Suite(.serialized) struct AskCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try ShapeRun.train(
      "prefix/folder", of: RecipeCatalogue([PrefixExperiment()]), in: folder,
      [
        "training.warmupShare=0", "method.prefix.decoder={dimensions: 8, layers: 1, heads: 2, ratio: 2}",
        "evaluation.questions.decoding.maximumLength=6",
      ])
    _ = try folder.write("no picture", to: "words.png")
  }

  private func concord(_ words: String...) throws -> Program.Outcome {
    try Program.run(
      words.map { $0.replacing("HERE", with: folder.url.path) },
      environment: ["CONCORD_CACHE": "\(folder.url.path)/cache"])
  }

  private static let (red, green) = ("HERE/own/images/red-0.jpg", "HERE/own/images/green-1.jpg")

  @Test func questionsAreAnswered() throws {
    let outcome = try concord("ask", "HERE/run", Self.red, Self.green, "What is its shape?")
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let lines = outcome.output.replacing(folder.url.path, with: "HERE").split(separator: "\n")
    #expect(lines.count == 3 && lines[0].hasPrefix("HERE/own/images/red-0.jpg: ") && lines[0].contains("  (-"))
    #expect(lines[2].hasPrefix("caption by prefix/folder ") && lines[2].hasSuffix(", the likeliest token each time."))
    // Each picture gets the answer that it gets alone, and the same again.
    let alone = try concord("ask", "HERE/run", Self.green, "what is its shape", "--json")
    let found = try #require(JSONSerialization.jsonObject(with: Data(alone.output.utf8)) as? [String: Any])
    let first = try #require((found["pictures"] as? [[String: Any]])?.first)
    let answer = try #require(first["answer"] as? String)
    #expect(lines[1].contains(": \(answer)  (") && found["question"] as? String == "what is its shape")
    #expect(
      (first["score"] as? Double ?? 1) < 0 && first["isFinished"] is Bool && found["modality"] as? String == "caption")
    let rare = try concord("ask", "HERE/run", Self.red, "Is this redred?")
    #expect(rare.exitCode == 0 && rare.errors.contains("no training text of caption has \"redred\""), "\(rare.errors)")
    #expect(rare.errors.contains("asked are \"What is it?\""))
  }

  @Test(arguments: [
    (
      ["HERE/run", red], "64 concord: give a picture, and behind it the question in quotes; see `concord ask --help`"
    ),
    (["HERE/run", red, "?!"], "64 concord: the question has no word; ask one such as \"What is it?\""),
    (["HERE/run", red, ""], "64 concord: the question has no word; ask one such as \"What is it?\""),
    (
      ["HERE/run", red, "Is this 日本?"],
      "64 concord: no training text of caption has the signs of \"日本\"; ask one such as \"What is it?\""
    ),
    (
      ["HERE/run", red, String(repeating: "is ", count: 400)],
      "64 concord: the question has 400 tokens, and the run reads at most 32; ask one such as \"What is it?\""
    ),
    (
      ["HERE/run", "HERE/none.png", "What is it?"],
      "74 concord: HERE/none.png: there is no such file; check its name and folder"
    ),
    (["HERE/run", red, "What is it?", "--language", "ko"], "64 concord: HERE/run: the run does not answer in ko"),
    (
      ["HERE/run", red, "What is it?", "--int8"],
      "64 concord: answers are written in float32 alone; see `concord ask --help`"
    ),
  ]) func badInputIsOneLine(words: [String], message: String) throws {
    let outcome = try Program.run(
      ["ask"] + words.map { $0.replacing("HERE", with: folder.url.path) },
      environment: ["CONCORD_CACHE": "\(folder.url.path)/cache"])
    let errors = outcome.errors.replacing(folder.url.path, with: "HERE")
    #expect("\(outcome.exitCode) \(errors)".hasPrefix(message), "\(outcome.exitCode) \(errors)")
    #expect(errors.split(separator: "\n").count == 1 && outcome.output.isEmpty)
  }

  @Test func filesAndRunsThatDoNotFitAreNamed() throws {
    let words = try concord("ask", "HERE/run", "HERE/words.png", "What is it?")
    #expect(
      words.exitCode == 65 && words.errors.contains("words.png") && words.errors.split(separator: "\n").count == 1)
    let missing = try concord("ask", "HERE/nowhere", Self.red, "What is it?")
    #expect(missing.exitCode == 74 || missing.exitCode == 64, "\(missing.errors)")
    #expect(missing.errors.split(separator: "\n").count == 1)
    // A run of a method that writes captions and answers nothing.
    let captions = try concord("caption", "HERE/run", Self.red)
    #expect(captions.exitCode == 64 && captions.errors.contains("the run writes no captions"))
  }
}
