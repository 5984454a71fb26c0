import Foundation
import Testing

@Suite struct CommandLineTests {
  @Test func aResultThatCannotBeWrittenIsAnError() throws {
    let outcome = try Program.run(
      program: URL(fileURLWithPath: "/bin/sh"), ["-c", "exec \"$0\" list > /dev/full", Program.url.path])
    #expect(outcome.exitCode == 74)
    #expect(outcome.errors == "concord: standard output: cannot be written: No space left on device\n")
  }

  @Test func helpNamesEveryCommandAndTheExitCodes() throws {
    let outcome = try Program.run("--help")
    #expect(outcome.exitCode == 0)
    for name in [
      "list", "show", "run", "runs", "compare", "report", "diff", "export", "plot", "verify", "search", "classify",
      "match", "embed", "imagine", "caption", "import",
      "parity",
      "data",
      "doctor",
    ] {
      #expect(outcome.output.contains("\n  \(name) "), "\(name) is not in the help")
    }
    #expect(!outcome.output.contains("run-seed"))
    #expect(outcome.output.contains("Exit codes: 0 good, 1 a result outside its tolerance"))
  }

  @Test(arguments: [
    "list", "show", "run", "runs", "compare", "report", "diff", "export", "plot", "verify", "search", "classify",
    "match", "embed", "imagine", "caption", "import",
    "parity",
    "data",
    "doctor",
  ])
  func everyCommandHasAWorkedExample(name: String) throws {
    let outcome = try Program.run(name, "--help")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("Example:  concord \(name)"))
  }

  @Test(arguments: [
    (["show"], "concord: Missing expected argument '<recipe>'; see `concord show --help`\n"),
    (["sing"], "concord: Unexpected argument 'sing'; see `concord --help`\n"),
    (["run", "x", "--jobs", "0"], "concord: --jobs must be at least 1, not 0; see `concord run --help`\n"),
    (["report", "a", "b"], "concord: several runs need --output FOLDER; see `concord report --help`\n"),
    (["report", "a", "--force"], "concord: --force belongs to --output; see `concord report --help`\n"),
    (
      ["report", "a", "--format", "htm"],
      "concord: there is no format 'htm'; did you mean html?; see `concord report --help`\n"
    ),
    (["diff", "a"], "concord: Missing expected argument '<second>'; see `concord diff --help`\n"),
    (
      ["export", "a", "--to", "npz", "--output", "-"],
      "concord: only csv and model-index go to standard output; see `concord export --help`\n"
    ),
    (["list", "--jsn"], "concord: Unknown option '--jsn'. Did you mean '--json'?; see `concord list --help`\n"),
  ]) func wrongUsageIsOneLine(arguments: [String], message: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.errors == message)
    #expect(outcome.exitCode == 64)
    #expect(outcome.output.isEmpty)
  }

  @Test(arguments: ["show", "run"]) func anUnknownRecipeIsAUsageError(command: String) throws {
    let outcome = try Program.run(command, "nothing/like-it-at-all")
    #expect(
      outcome.errors == "concord: there is no recipe `nothing/like-it-at-all`; `concord list` shows all recipes\n")
    #expect(outcome.exitCode == 64)
  }

  @Test func theNearestRecipeIsSuggested() throws {
    let outcome = try Program.run("run", "gmc/emojis")
    #expect(outcome.errors == "concord: there is no recipe `gmc/emojis`; did you mean `gmc/emoji`?\n")
    #expect(outcome.exitCode == 64)
  }

  @Test(arguments: [
    (
      "training.epoch=3",
      "concord: `training.epoch=3`: unknown key `training.epoch`; did you mean `training.epochs`?\n"
    ),
    (
      "training.epochs=x", "concord: `training.epochs=x`: `training.epochs` must be a whole number, not `x`\n"
    ),
    ("seeds", "concord: `seeds`: an override is written key=value; for example seeds=[0,1,2]\n"),
    (
      "data.emoji.imageSize=4",
      "concord: `data.emoji.imageSize=4`: `data.emoji.imageSize` cannot be 4; give 8 to 136\n"
    ),
  ]) func aWrongOverrideIsAUsageError(override: String, message: String) throws {
    let outcome = try Program.run("run", "gmc/emoji", override)
    #expect(outcome.errors == message)
    #expect(outcome.exitCode == 64)
    #expect(outcome.output.isEmpty)
  }

  @Test func aMissingFileIsAnInputOutputError() throws {
    let outcome = try Program.run("show", "nowhere/mine.yaml")
    #expect(outcome.exitCode == 74)
    #expect(outcome.errors.hasPrefix("concord: nowhere/mine.yaml: there is no file `"))
    #expect(outcome.errors.filter(\.isNewline).count == 1)
  }

  @Test func aBrokenRecipeIsADataErrorWithItsPlace() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString).yaml").path
    try Data("title: mine\nexperiment: none-such\n".utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let outcome = try Program.run("show", path)
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.hasPrefix("concord: \(path):2:13: there is no experiment `none-such`; "))
  }

  @Test(arguments: [["report"], ["plot"], ["export", "--to", "csv"], ["diff", "/nowhere"]])
  func aFolderThatIsNoRunIsNamed(command: [String]) throws {
    let missing = try Program.run(command + ["/nowhere"])
    #expect(
      missing.errors
        == "concord: /nowhere: there is no such folder; name a folder such as runs/gmc-emoji/<time>-<hash>\n")
    #expect(missing.exitCode == 74)
    let folder = try TemporaryFolder()
    #expect(
      try Program.run([command[0], folder.url.path] + (command[0] == "diff" ? ["/nowhere"] : command.dropFirst()))
        .errors.contains("this is not the folder of a run"))
  }

  @Test func theListIsJSONForMachines() throws {
    let outcome = try Program.run("list", "--json")
    #expect(outcome.exitCode == 0)
    let entries = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    // What begins with a space goes on with the line before, or is said of all.
    let plain = try Program.run("list").output.replacing(/\n+ +/, with: " ").split(separator: "\n")
    #expect(plain.count == entries.count)
    for (entry, line) in zip(entries, plain) {
      let words = try ["name", "data", "presence", "title"].map { try #require(entry[$0] as? String) }
      #expect(line.split(separator: " ").joined(separator: " ").hasPrefix(words.joined(separator: " ")))
    }
  }

  @Test func everyListedRecipeIsShown() throws {
    let names = try Program.run("list").output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
      .compactMap { $0.split(separator: " ").first }
    #expect(names.count > 100)
    var families: Set<Substring> = []
    for name in names {
      // As text one of each paper is enough, whose form does not depend on the recipe.
      if let family = name.split(separator: "/").first, families.insert(family).inserted {
        let shown = try Program.run("show", String(name))
        #expect(shown.exitCode == 0 && shown.output.contains("\nseeds: ["), "\(name)")
      }
      let json = try Program.run("show", String(name), "seeds=[7]", "--json")
      let recipe = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect(recipe["seeds"] as? [Int] == [7])
      #expect((recipe["origins"] as? [String: String])?["seeds"] == "command line")
    }
  }
}
