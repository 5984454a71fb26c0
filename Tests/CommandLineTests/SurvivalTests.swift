import Foundation
import Testing

/// What a user sees when a run is stopped, goes on, or cannot.
@Suite(.serialized) struct SurvivalTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = try folder.write(SmallRecipe.text("seeds: [0, 1]\nthreads: 1"), to: "small.yaml")
  }

  // Without a gnuplot in its path the program draws nothing, which saves most of the time.
  private var environment: [String: String] { ["CONCORD_CACHE": folder.url.path, "PATH": "/nowhere"] }
  private func runs(_ name: String) -> URL { folder.url.appendingPathComponent(name) }
  private func files(_ name: String) -> FaultTrial.RunFiles { FaultTrial.RunFiles(runs: runs(name)) }

  private func run(
    _ name: String, _ arguments: [String] = [], whileRunning: (Process) -> Void = { _ in }
  ) throws -> Program.Outcome {
    try Program.run(
      ["run", path, "--runs", runs(name).path] + arguments, environment: environment, whileRunning: whileRunning)
  }

  /// Runs with a limit on the size of files, as on a disk that gets full; dash counts blocks of 512 bytes.
  private func run(_ name: String, blocks: Int, _ arguments: [String] = []) throws -> Program.Outcome {
    let command = ([Program.url.path, "run", path, "--runs", runs(name).path] + arguments).map { "'\($0)'" }
    return try Program.run(
      program: URL(fileURLWithPath: "/bin/sh"),
      ["-c", "ulimit -f \(blocks); exec " + command.joined(separator: " ")], environment: environment)
  }

  private func wait(for process: Process, until isReached: () -> Bool) {
    let deadline = Date(timeIntervalSinceNow: 60)
    while process.isRunning, Date() < deadline, !isReached() { usleep(1_000) }
  }

  private func expectWhole(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let reference = try #require(files("whole").all.first, sourceLocation: sourceLocation)
    let faults = RunComparison(reference: reference, files: files(name)).faults
    #expect(faults.isEmpty, sourceLocation: sourceLocation)
  }

  @Test func controlCSavesAndTheSameCommandGoesOn() throws {
    #expect(try run("whole").exitCode == 0)
    let stopped = try run("stopped", ["--checkpoint-seconds", "1000"]) { process in
      wait(for: process) { files("stopped").lines(ofSeed: 0) > 3 }
      kill(process.processIdentifier, SIGINT)
    }
    #expect(stopped.exitCode == 130)
    let run = try #require(files("stopped").all.first)
    #expect(
      stopped.errors.hasSuffix(
        "concord: interrupted; what is done stays in \(run.path); run the same command to go on\n"))
    #expect(files("stopped").has("seed-0/training-state.safetensors"))

    let resumed = try self.run("stopped")
    #expect(resumed.exitCode == 0, "\(resumed.errors)")
    #expect(
      resumed.errors.contains(" · goes on with seeds [0, 1] of [0, 1] · 1 thread a seed as before · \(run.path)\n"))
    #expect(resumed.errors.contains(/seed 0: goes on from step \d+ of 10\n/))
    try expectWhole("stopped")

    let finished = try self.run("stopped")
    #expect(finished.exitCode == 0 && finished.output == resumed.output)
    #expect(finished.errors.contains(/is finished: .*; --fresh starts another run\n/))
    #expect(try self.run("stopped", ["--fresh", "seeds=[0, 1]"]).exitCode == 0)
    #expect(files("stopped").all.count == 2)
  }

  @Test func aChangedRecipeStartsAnotherRunAndSaysWhy() throws {
    let stopped = try run("changed", ["training.epochs=100000"]) { process in
      wait(for: process) { files("changed").lines(ofSeed: 0) > 3 }
      kill(process.processIdentifier, SIGTERM)
    }
    #expect(stopped.exitCode == 130)
    let unfinished = try #require(files("changed").all.first)
    let other = try run("changed", ["training.epochs=1", "seeds=[0]"])
    #expect(other.exitCode == 0)
    #expect(
      other.errors.hasPrefix(
        """
        a new run, since the unfinished \(unfinished.path) has other settings:
          seeds: [0, 1] → [0]
          training.epochs: 100000 → 1
        \(path)
        """))
  }

  @Test func aSecondProcessIsRefusedInOneLine() throws {
    var second: Program.Outcome?
    let first = try run("locked", ["training.epochs=100000"]) { process in
      wait(for: process) { files("locked").lines(ofSeed: 0) > 3 }
      second = try? run("locked", ["training.epochs=100000"])
      kill(process.processIdentifier, SIGINT)
    }
    #expect(first.exitCode == 130)
    let refused = try #require(second)
    #expect(refused.exitCode == 75 && refused.output.isEmpty)
    #expect(
      refused.errors.wholeMatch(
        of: /concord: .*: another process \(\d+\) is at work on this run; wait for its end, or stop it\n/) != nil)
  }

  /// Other limits hit other files: the recipe of the run, the log, a checkpoint.
  @Test func aFullDiskIsOneLineAndTheRunGoesOnOnceThereIsRoom() throws {
    let overrides = ["training.epochs=1", "training.batchSize=2", "data.digits.trainingPairs=480"]
    #expect(try run("whole", overrides).exitCode == 0)
    let whole = try #require(files("whole").all.first)
    // Room for a file of the whole run, and little more.
    func blocks(of file: String) throws -> Int {
      try Data(contentsOf: whole.appendingPathComponent(file)).count / 512 + 2
    }
    let limits = [
      (2, "recipe.yaml"), (try blocks(of: "recipe.yaml"), "metrics.jsonl"),
      (try blocks(of: "seed-0/metrics.jsonl"), "training-state.safetensors"),
    ]
    for (blocks, place) in limits {
      let full = try run("full", blocks: blocks, overrides)
      #expect(full.exitCode == 74, "\(full.errors)")
      let last = try #require(full.errors.split(separator: "\n").last)
      #expect(last.hasPrefix("concord: ") && last.contains("/\(place): cannot "), "\(last)")
      #expect(last.hasSuffix(": File too large; raise the limit on the size of files, see `ulimit -f`"), "\(last)")
      #expect(RunComparison.halfFiles(files("full")).isEmpty)
      #expect(!files("full").has("results.json") && !files("full").hasDraft)
    }
    let rest = try run("full", overrides)
    #expect(rest.exitCode == 0, "\(rest.errors)")
    try expectWhole("full")
  }

  @Test func aFolderThatCannotBeWrittenIsOneLine() throws {
    let nowhere = try Program.run(["run", path, "--runs", "/proc/nowhere"], environment: environment)
    #expect(nowhere.exitCode == 74)
    #expect(
      nowhere.errors.wholeMatch(of: /concord: \/proc\/nowhere: the folder cannot be made: .*; choose .* --runs\n/)
        != nil)
    let file = try folder.write("", to: "file")
    let inFile = try Program.run(["run", path, "--runs", file + "/runs"], environment: environment)
    #expect(inFile.exitCode == 74)
    #expect(inFile.errors.hasPrefix("concord: \(file)/runs/small: the folder cannot be made: Not a directory; "))
  }

  @Test func aDataRootThatHasGoneIsOneLine() throws {
    let root = folder.url.appendingPathComponent("data")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    let stopped = try run("data", ["--data-root", root.path, "training.epochs=100000"]) { process in
      wait(for: process) { files("data").lines(ofSeed: 0) > 3 }
      kill(process.processIdentifier, SIGINT)
    }
    #expect(stopped.exitCode == 130)
    try FileManager.default.removeItem(at: root)
    let gone = try run("data", ["--data-root", root.path, "training.epochs=100000"])
    #expect(gone.exitCode == 74)
    #expect(gone.errors == "concord: \(root.path): there is no such folder; see --data-root\n")
  }

  @Test func anIntervalMustBeANumberOfSeconds() throws {
    let outcome = try run("interval", ["--checkpoint-seconds", "-1"])
    #expect(outcome.exitCode == 64)
    #expect(outcome.errors.hasPrefix("concord: "))
  }
}
