import Foundation
import Testing

/// What the program says of itself: help, usage errors and completions of every command that it has.
@Suite struct HelpSnapshotTests {
  /// What a number of threads defaults to depends on the machine.
  private static let environment = ["OMP_NUM_THREADS": "1"]

  private let root: DescribedCommand

  init() throws { root = try DescribedCommand.root() }

  private var commands: [(words: [String], command: DescribedCommand)] { [([], root)] + root.all }

  @Test func everyHelpIsAsItWas() throws {
    var names: [String] = []
    for (words, _) in commands {
      let name = (["help"] + words).joined(separator: "-") + ".txt"
      names.append(name)
      let outcome = try Program.run(words + ["--help"], environment: Self.environment)
      #expect(outcome.exitCode == 0 && outcome.errors.isEmpty, "\(words)")
      let difference = try Snapshot.difference(of: outcome.output, from: name)
      #expect(difference == nil, "\(difference ?? "")")
    }
    #expect(names.count > 15)
    let strays = try Snapshot.strays(besides: names, prefix: "help")
    #expect(strays.isEmpty, "no command has the help \(strays)")
  }

  @Test func everyUsageErrorIsAsItWas() throws {
    var lines = ""
    for (words, _) in commands {
      let line = (words + ["--no-such-option"]).joined(separator: " ")
      let outcome = try Program.run(words + ["--no-such-option"], environment: Self.environment)
      #expect(outcome.output.isEmpty && outcome.errors.filter(\.isNewline).count == 1, "\(line)")
      lines += "$ concord \(line)\n\(outcome.exitCode) \(outcome.errors)"
    }
    let difference = try Snapshot.difference(of: lines, from: "usage-errors.txt")
    #expect(difference == nil, "\(difference ?? "")")
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func everyCommandIsCompleted(shell: String) throws {
    let script = try Program.run("--generate-completion-script", shell)
    #expect(script.exitCode == 0 && script.errors.isEmpty)
    let words = Set(script.output.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }.map(String.init))
    for (path, command) in root.all where command.shouldDisplay {
      #expect(words.contains(command.commandName), "\(shell) does not complete \(path)")
      for option in command.longOptions {
        // Fish names an option without its dashes.
        #expect(
          words.contains("--\(option)") || shell == "fish" && words.contains(option),
          "\(shell) does not complete --\(option) of \(path)")
      }
    }
    for (path, command) in root.all where !command.shouldDisplay {
      #expect(!words.contains(command.commandName), "\(shell) completes \(path), which is hidden")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func namesOfDataSetsAreCompleted(shell: String) throws {
    let script = try Program.run("--generate-completion-script", shell).output
    for name in ["digits", "cifar", "nlvr"] { #expect(script.contains(name), "\(shell) does not complete \(name)") }
  }

  @Test func bashTakesItsCompletions() throws {
    let script = try Program.run("--generate-completion-script", "bash").output
    let folder = try TemporaryFolder()
    let path = try folder.write(script, to: "concord.bash")
    let outcome = try Program.run(program: URL(filePath: "/bin/bash"), ["-n", path])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
  }

  @Test func theFirstLineThatDiffersIsNamed() {
    #expect(Snapshot.firstDifference(of: "a\nb\n", from: "a\nb\n") == nil)
    #expect(Snapshot.firstDifference(of: "a\nc\n", from: "a\nb\n")?.hasPrefix(#"2: it was "b" and is "c";"#) == true)
    #expect(Snapshot.firstDifference(of: "a", from: "a\nb")?.hasPrefix(#"2: it was "b" and is the end;"#) == true)
  }
}
