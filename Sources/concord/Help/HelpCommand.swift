import ArgumentParser
import Diagnostics
import Foundation

/// `concord help`, in the place of the argument parser's own, which knows commands only.
struct HelpCommand: ParsableCommand {
  // The parser adds its own command of this name to help and completions; it is looked up after this one.
  static let configuration = CommandConfiguration(
    commandName: "help", abstract: "Prints a page of the documentation, or the help of a command.",
    discussion: """
      Example:  concord help recipes

      Topics: \(HelpTopic.all.map(\.name).joined(separator: ", ")).
      """,
    shouldDisplay: false)

  @Argument(help: "A topic, or a command.")
  var words: [String] = []

  func run() throws {
    guard let word = words.first else { return say(Concord.helpMessage()) }
    let command = Self.command(words)
    if words.count == 1, let topic = HelpTopic.all.first(where: { $0.name == word }) {
      let data = try RegularFile.contents(of: topic.page, limit: 1 << 20, place: topic.page.path)
      say(TerminalPage(String(decoding: data, as: UTF8.self)).text, terminator: "")
      if command != nil { say("\nThis is the topic; `concord \(word) --help` describes the command.") }
      return
    }
    guard let command else {
      let known = HelpTopic.all.map(\.name) + Concord.subcommands.compactMap { $0.configuration.commandName }
      throw UserError(
        .usage, "there is no topic or command `\(words.joined(separator: " "))`",
        mend: nearestName(to: word, among: known).map { "did you mean `\($0)`?" }
          ?? "topics are \(HelpTopic.all.map(\.name).joined(separator: ", "))")
    }
    say(Concord.helpMessage(for: command))
  }

  /// The command that words call; nil where there is none.
  private static func command(_ words: [String]) -> (any ParsableCommand.Type)? {
    var command: any ParsableCommand.Type = Concord.self
    for word in words {
      guard let below = command.configuration.subcommands.first(where: { $0.configuration.commandName == word }) else {
        return nil
      }
      command = below
    }
    return command
  }
}
