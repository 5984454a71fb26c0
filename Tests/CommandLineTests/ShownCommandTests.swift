import Foundation
import SampleFolders
import Testing

/// Every command line that README.md and the documentation catalogues show works.
@Suite struct ShownCommandTests {
  private static let entries = ShownCommandTable.entries
  @Test func theTableHasWhatIsShownAndNothingElse() throws {
    let shown = try ShownCommands.all()
    let known = Self.entries.map(\.line)
    #expect(Set(known).count == known.count)
    for line in shown { #expect(known.contains(line), "say in ShownCommandTable how this is run: \(line)") }
    for line in known { #expect(shown.contains(line), "no document shows what ShownCommandTable has: \(line)") }
  }

  @Test(.enabled(if: Surroundings.hasEmoji, "the Debian packages with the emoji are not installed"))
  func whatIsShownWorks() throws {
    let folder = try Self.workspace()
    for line in ShownCommandTable.preparations { try run(line, in: folder) }
    for (line, exercise) in Self.entries {
      switch exercise {
      case .asShown: try run(line, in: folder)
      case .with(let arguments): try run("\(line) \(arguments)", in: folder)
      case .instead(let other, _): try run(other, in: folder)
      case .lookedUp: continue
      }
    }
  }

  @Test func whatIsNotRunHasOnlyKnownOptions() throws {
    let root = try DescribedCommand.root()
    for (line, exercise) in Self.entries {
      guard case .lookedUp(let reason) = exercise else { continue }
      #expect(!reason.isEmpty)
      let words = line.split(separator: " ").dropFirst().map(String.init)
      let command = root.all.last { words.starts(with: $0.words) }?.command
      let options = try #require(command, "there is no such command: \(line)").longOptions
      for word in words where word.hasPrefix("--") {
        let name = String(word.dropFirst(2).prefix { $0 != "=" })
        #expect(options.contains(name), "there is no option \(word): \(line)")
      }
    }
  }

  /// Runs a line in a shell, where `concord` is the built program.
  private func run(_ line: String, in folder: TemporaryFolder) throws {
    let outcome = try Program.run(
      program: URL(filePath: "/bin/sh"),
      ["-c", "concord() { \"$PROGRAM\" \"$@\"; }\ncd \"$FOLDER\" && \(line)"],
      environment: [
        "PROGRAM": Program.url.path, "FOLDER": folder.url.path, "CONCORD_CACHE": "\(folder.url.path)/cache",
        "OMP_NUM_THREADS": "1",
      ])
    #expect(outcome.exitCode == 0, "\(line)\n\(outcome.errors.suffix(2_000))")
    #expect(!outcome.output.isEmpty, "\(line)")
  }

  /// What the lines take for granted: a recipe, folders of one's own, a picture, pairs, reference values, results.
  private static func workspace() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["birds", "FOLDER"] {
      try SampleFolder.writePictures(to: folder.url.appending(path: name), count: 100)
    }
    try FileManager.default.createDirectory(at: folder.url.appending(path: "data"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: folder.url.appending(path: "birds/images/red-0.jpg"), to: folder.url.appending(path: "picture.png"))
    _ = try folder.write(
      "title: GMC on emoji with a lower temperature\nextends: gmc/emoji\nmethod:\n  gmc:\n    temperature: 0.05\n",
      to: "mine.yaml")
    let pairs = ["red", "green", "blue"].enumerated().map { "birds/images/\($1)-\($0).jpg\t\($1) circle\n" }
    _ = try folder.write("image\ttext\n" + pairs.joined(), to: "pairs.tsv")
    try FileManager.default.copyItem(
      at: Surroundings.package.appending(path: "Tests/ParityTests/Fixtures/gmc.safetensors"),
      to: folder.url.appending(path: "gmc.safetensors"))
    for name in ["Papers", "Results"] {
      try FileManager.default.createSymbolicLink(
        at: folder.url.appending(path: name), withDestinationURL: Surroundings.package.appending(path: name))
    }
    return folder
  }

  @Test func commandsAreFoundInMarkdown() {
    let text = """
      Say `concord list`, or `other list`, or ``concord show
      a/b``; `concord` alone is none.

      ```sh
      $ concord run a/b 'seeds=[0, 1]'   # trains
      make run     # not concord run
      .build/release/concord bench \\
        --steps 3
      ```

          concord data emoji
          runs/concord list
      | `plot` | `concord plot x` | draws |
      """
    #expect(
      ShownCommands.commands(in: text) == [
        "concord run a/b 'seeds=[0, 1]'", "concord bench --steps 3", "concord data emoji", "concord list",
        "concord show a/b", "concord plot x",
      ])
  }
}
