import Foundation

/// A command of the program as the program itself describes it.
struct DescribedCommand: Decodable {
  private struct Dump: Decodable { let command: DescribedCommand }

  /// An option, a flag or a positional argument.
  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
    }

    let kind: String
    let names: [Name]?
    let shouldDisplay: Bool
  }

  let commandName: String
  let shouldDisplay: Bool
  let subcommands: [DescribedCommand]?
  let arguments: [Argument]?

  /// The program's root command.
  static func root() throws -> DescribedCommand {
    let outcome = try Program.run("--experimental-dump-help")
    return try JSONDecoder().decode(Dump.self, from: Data(outcome.output.utf8)).command
  }

  /// The names of the options and flags with a double dash that the help shows, without the dashes.
  var longOptions: [String] {
    (arguments ?? []).filter(\.shouldDisplay).flatMap { ($0.names ?? []).filter { $0.kind == "long" }.map(\.name) }
  }

  /// Every command below with the words that call it, hidden ones too; `help` is the parser's own.
  var all: [(words: [String], command: DescribedCommand)] {
    (subcommands ?? []).filter { $0.commandName != "help" }.flatMap { below in
      [([below.commandName], below)] + below.all.map { ([below.commandName] + $0.words, $0.command) }
    }
  }
}
