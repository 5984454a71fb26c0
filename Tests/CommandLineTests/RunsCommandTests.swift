import Foundation
import Testing

/// `concord runs` on the folders of two runs, one of them broken off.
@Suite struct RunsCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (name, batch, score, ending) in [
      ("clip/20260101T000000Z-aaaaaaaa", 64, "0.25", "finished"),
      ("clip/20260102T000000Z-bbbbbbbb", 128, "0.125", "finished"),
      ("fdt/20260103T000000Z-cccccccc", 256, "", "interrupted"),
    ] {
      let url = folder.url.appending(path: name, directoryHint: .isDirectory)
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      let parts = name.split(whereSeparator: { "/-".contains($0) })
      let start = "2026-01-0\(parts[1].dropFirst(7).first ?? "1")T00:00:00Z"
      try Data("method:\n  name: \(parts[0])\ntraining:\n  batchSize: \(batch) # default\n".utf8)
        .write(to: url.appending(path: "recipe.yaml"))
      try Data(
        """
        {"recipe": "compare/\(parts[0])", "recipeHash": "\(parts[2])", "overrides": [], "isComparable": false,
        "seeds": [0], "jobs": 1, "threads": 1, "versions": {}, "processor": "Abacus", "memory": 1,
        "datasetChecksums": {}, "start": "\(start)", "ending": "\(ending)"}
        """.utf8
      ).write(to: url.appending(path: "manifest.json"))
      guard !score.isEmpty else { continue }
      try Data(
        """
        {"recipe": "compare/\(parts[0])", "title": "t", "hash": "\(parts[2])", "seeds": [0], "scores": [{"evaluator": \
        "retrieval", "subject": "a → b", "metric": "R@1", "values": [\(score)], "mean": \(score)}], "expected": [], \
        "notes": [], "wallSeconds": [1], "datasetChecksums": {}}
        """.utf8
      ).write(to: url.appending(path: "results.json"))
    }
  }

  private func concord(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(["runs"] + arguments + ["--runs", folder.url.path])
  }

  @Test func runsAreListedNewestFirst() throws {
    let outcome = try concord()
    #expect(
      outcome.output == """
        started               recipe        hash      seeds  ended        main score
        2026-01-03T00:00:00Z  compare/fdt   cccccccc  0      interrupted  –
        2026-01-02T00:00:00Z  compare/clip  bbbbbbbb  0      finished     retrieval R@1 of a → b 12.5 %
        2026-01-01T00:00:00Z  compare/clip  aaaaaaaa  0      finished     retrieval R@1 of a → b 25.0 %

        """, "\(outcome.errors)")
    #expect(outcome.exitCode == 0)
  }

  @Test func theExampleOfTheHelpWorks() throws {
    let outcome = try concord(
      "method.name == clip and training.batchSize >= 128", "--sort", "retrieval R@1", "--json")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let runs = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    #expect(runs.map { $0["hash"] as? String } == ["bbbbbbbb"])
    #expect(runs[0]["retrieval R@1"] as? Double == 12.5)
    #expect((runs[0]["mainScore"] as? [String: Any])?["mean"] as? Double == 0.125)
  }

  @Test func theOrderTurnsRound() throws {
    func hashes(_ arguments: String...) throws -> [String] {
      let outcome = try Program.run(["runs", "--runs", folder.url.path] + arguments)
      return outcome.output.split(separator: "\n").dropFirst().compactMap { line in
        line.split(separator: " ").dropFirst(2).first.map { String($0.prefix(1)) }
      }
    }
    #expect(try hashes("--ascending") == ["a", "b", "c"])
    #expect(try hashes("--sort", "retrieval R@1") == ["a", "b", "c"])
    #expect(try hashes("--sort", "-retrieval R@1") == ["b", "a", "c"])
    #expect(try hashes("--sort", "retrieval R@1", "--ascending") == ["b", "a", "c"])
    #expect(try hashes("--sort", "training.batchSize", "--limit", "1") == ["c"])
  }

  @Test func whatIsSortedByIsShownOnce() throws {
    #expect(
      try concord("--sort", "method.name", "--limit", "1").output.hasPrefix(
        "started               recipe       hash      seeds  ended        method.name  main score\n"))
    #expect(try concord("--sort", "start").output == concord().output)
  }

  @Test(arguments: [
    (["method.nam == clip"], "concord: query, column 1: no run has `method.nam`; did you mean method.name?\n"),
    (["method.name = clip"], "concord: query, column 13: `=` is no comparison; write ==\n"),
    (
      ["--sort", "trainin.batchSize"],
      "concord: --sort: no run has `trainin.batchSize`; did you mean training.batchSize?\n"
    ),
    (["--limit", "0"], "concord: --limit must be at least 1, not 0; see `concord runs --help`\n"),
  ]) func faultsAreOneLine(arguments: [String], message: String) throws {
    let outcome = try Program.run(["runs"] + arguments + ["--runs", folder.url.path])
    #expect(outcome.errors == message && outcome.exitCode == 64 && outcome.output.isEmpty)
  }

  @Test func nothingFoundIsSaid() throws {
    #expect(try concord("seeds == 9").output == "no run meets the query\n")
    #expect(try concord("seeds == 9", "--json").output.filter { !$0.isWhitespace } == "[]")
    let missing = try Program.run("runs", "--runs", "/nowhere")
    #expect(missing.errors == "concord: /nowhere: there is no such folder; name the folder with --runs\n")
    #expect(missing.exitCode == 74)
  }
}
