import Foundation
import Testing

/// `concord help`: pages of the documentation and the help of commands.
@Suite struct HelpTopicTests {
  /// The topics, as the program lists them.
  private static func topics() throws -> [String] {
    let help = try Program.run("help").output.replacing("\n", with: " ")
    let list = try #require(help.firstMatch(of: /concord help TOPIC: ([^.]+)\./)).1
    return list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// The pages of the catalogues, by their titles.
  private static func pages() throws -> [String: String] {
    let texts = try ShownCommands.documents().filter { $0.path.contains(".docc/") }
      .map { try String(contentsOf: $0, encoding: .utf8) }
    return Dictionary(uniqueKeysWithValues: texts.map { (String($0.prefix { $0 != "\n" }.dropFirst(2)), $0) })
  }

  @Test func everyPageIsATopicAndEveryTopicAPage() throws {
    var titles: [String] = []
    for topic in try Self.topics() {
      let outcome = try Program.run("help", topic)
      #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(topic)")
      let lines = outcome.output.split(separator: "\n")
      titles.append(String(lines[0]))
      #expect(lines[1] == String(repeating: "=", count: lines[0].count), "\(topic)")
      #expect(!outcome.output.contains("\u{1B}") && !outcome.output.contains("```"), "\(topic)")
    }
    let pages = try Self.pages()
    #expect(titles.sorted() == pages.keys.sorted() && titles.count > 8)
  }

  @Test(arguments: [["run"], ["list"], ["data", "init"], ["doctor"]])
  func aCommandsHelpIsItsOwn(words: [String]) throws {
    let help = try Program.run(["help"] + words)
    let own = try Program.run(words + ["--help"])
    #expect(help.exitCode == 0 && help.output == own.output)
  }

  @Test func helpAloneIsTheHelpOfTheProgram() throws {
    #expect(try Program.run("help").output == Program.run("--help").output)
  }

  @Test func aTopicThatIsACommandTooSaysSo() throws {
    #expect(try Program.run("help", "data").output.hasSuffix("`concord data --help` describes the command.\n"))
    #expect(try !Program.run("help", "recipes").output.contains("describes the command"))
  }

  @Test func aWrongTopicIsNamedInOneLine() throws {
    let outcome = try Program.run("help", "recipees")
    #expect(outcome.exitCode == 64 && outcome.output.isEmpty)
    #expect(outcome.errors == "concord: there is no topic or command `recipees`; did you mean `recipes`?\n")
    #expect(try Program.run("help", "run", "nothing").exitCode == 64)
  }

  @Test func markdownIsShownAsText() throws {
    let recipes = try Program.run(["help", "recipes"], environment: ["COLUMNS": "60"]).output
    // A block of code stands in, and is not wrapped; a heading is underlined; marks of code are left out.
    #expect(recipes.contains("\n    method:\n      gmc:\n        temperature: 0.05\n"))
    #expect(recipes.contains("\nOrder of values\n---------------\n") && recipes.contains("\n- A profile is a named"))
    let paragraph = try #require(recipes.split(separator: "\n\n").first { $0.hasPrefix("Values are put") })
    let lines = paragraph.split(separator: "\n")
    #expect(lines.count > 3 && lines.allSatisfy { $0.count <= 60 })
    // What goes on in a list stands under its text.
    #expect(recipes.contains(/\n- A(n override|\ profile)[^\n]*\n\ \ \w/))
    // The cells of a column begin below each other.
    let table = try Program.run("help", "evaluators").output.split(separator: "\n")
    let head = try #require(table.first { $0.hasPrefix("evaluator ") })
    let column = try #require(head.range(of: "what it measures")).lowerBound.utf16Offset(in: head)
    let row = try #require(table.first { $0.hasPrefix("summary ") })
    #expect(row.range(of: "means over")?.lowerBound.utf16Offset(in: row) == column)
  }
}
