import Foundation
import Testing

@Suite struct VerifyCommandTests {
  private let folder: TemporaryFolder
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// A folder with one claim of one paper: a has 60, 70 and 80 percent, b 50, 61 and 69.
  init() throws {
    folder = try TemporaryFolder()
    for path in ["Papers", "Results/Some/a", "Results/Some/b", "Results/Some/empty", "Elsewhere"] {
      try FileManager.default.createDirectory(
        at: folder.url.appendingPathComponent(path), withIntermediateDirectories: true)
    }
    try writeClaim(verdict: "holds")
    try writeResults("a", values: "[0.6, 0.7, 0.8]", mean: "0.7", halfWidth: "0.24841377117503283")
    try writeResults("b", values: "[0.5, 0.61, 0.69]", mean: "0.6", halfWidth: "0.23697163450459474")
  }

  private func writeClaim(verdict: String) throws {
    _ = try folder.write(
      """
      claims:
        - id: "1"
          statement: A is better than B
          source: Papers/Some.md
          verdict: \(verdict)
          smallestDifference: 1
          pairing: paired
          tests:
            - score: { results: a, evaluator: accuracy, subject: image, metric: group }
              greater: { results: b }
      """, to: "Papers/Some.claims.yaml")
  }

  private func writeResults(_ name: String, values: String, mean: String, halfWidth: String) throws {
    _ = try folder.write(
      """
      {"recipe": "some/\(name)", "title": "t", "hash": "h", "seeds": [0, 1, 2], "expected": [], "notes": [],
      "wallSeconds": [1, 1, 1], "datasetChecksums": {}, "scores": [{"evaluator": "accuracy", "subject": "image",
      "metric": "group", "values": \(values), "mean": \(mean), "halfWidth": \(halfWidth)}]}
      """, to: "Results/Some/\(name)/results.json")
  }

  private func verify(_ arguments: String...) throws -> Program.Outcome {
    try Program.run(
      ["verify", "--results", path("Results"), "--papers", path("Papers")] + arguments)
  }

  private func path(_ name: String) -> String { folder.url.appendingPathComponent(name).path }

  @Test func theVerdictIsPrintedWithItsFigures() throws {
    let outcome = try verify()
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("Some 1  holds    holds      A is better than B\n"))
    #expect(
      outcome.output.contains(
        "Some/a: accuracy, image, group: 70.0 ± 24.8 greater than Some/b 60.0 ± 23.7; difference 10.0 ± 2.5, paired"))
    #expect(outcome.errors.hasSuffix("INDEX.md is not what the results say; `--write-index` writes it anew\n"))
  }

  @Test func anotherVerdictEndsWithOne() throws {
    try writeClaim(verdict: "does not hold")
    let outcome = try verify()
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("Some 1  holds*   does not hold"))
    #expect(
      outcome.errors.hasSuffix(
        "concord: Some 1 (holds): 1 of 1 verdicts is not the committed one; look at the figures, then correct the "
          + "verdict in the claims file and in the paper's note\n"))
  }

  @Test func missingResultsAreUndecided() throws {
    try FileManager.default.removeItem(atPath: path("Results/Some/b"))
    #expect(try verify().exitCode == 1)
    try writeClaim(verdict: "undecided")
    let outcome = try verify()
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("results missing: Some/b"))
  }

  @Test func theIndexIsWritten() throws {
    let outcome = try verify("--write-index")
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty)
    let index = try String(contentsOfFile: path("Results/INDEX.md"), encoding: .utf8)
    #expect(index.contains("| `some/a` | – | 3 | – |\n| `some/b` | – | 3 | – |\n"))
    #expect(try verify().errors.isEmpty)
  }

  @Test func aRunMadeAgainIsHeldAgainstTheCommittedOnes() throws {
    func write(_ value: String) throws {
      _ = try folder.write("{}", to: "run/manifest.json")
      _ = try folder.write(
        """
        {"recipe": "some/a", "title": "t", "hash": "h", "seeds": [5], "expected": [], "notes": [], "wallSeconds": [1],
        "datasetChecksums": {}, "scores": [{"evaluator": "accuracy", "subject": "image", "metric": "group",
        "values": [\(value)], "mean": \(value)}]}
        """, to: "run/results.json")
    }
    try FileManager.default.createDirectory(
      at: folder.url.appendingPathComponent("run"), withIntermediateDirectories: true)
    try write("0.75")
    let inside = try verify("--run", path("run"))
    #expect(inside.exitCode == 0 && inside.output.contains("1 seed: 1 of 1 scores lie inside"), "\(inside)")
    // 70 ± 49.7 with one seed more.
    try write("0.1")
    let outside = try verify("--run", path("run"))
    #expect(outside.exitCode == 1 && outside.output.contains("outside"))
    #expect(outside.errors.contains("a score lies outside its prediction interval, `accuracy, image"))
    #expect(outside.errors.contains("look at what is not as committed"))
  }

  @Test func machinesReadJSON() throws {
    let outcome = try verify("--json", "--paper", "Some")
    #expect(outcome.exitCode == 0 && outcome.errors.isEmpty)
    let findings = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    #expect(findings.count == 1)
    #expect(findings[0]["verdict"] as? String == "holds")
  }

  @Test func theFoldersAreFoundUpwards() throws {
    let script = "cd \"$0\" && exec \"$1\" verify --json"
    func run(in folder: String) throws -> Program.Outcome {
      try Program.run(
        program: URL(fileURLWithPath: "/bin/sh"), ["-c", script, folder, Program.url.absoluteURL.path])
    }
    #expect(try run(in: path("Elsewhere")).output == verify("--json").output)
    try FileManager.default.removeItem(atPath: path("Papers"))
    let outcome = try run(in: path("Elsewhere"))
    #expect(outcome.exitCode == 74)
    #expect(
      outcome.errors.contains("no folder from here upwards has Results and Papers; go into the checkout, or name"))
  }

  @Test func faultsHaveTheirExitCodes() throws {
    let unknown = try verify("--paper", "Same")
    #expect(unknown.exitCode == 64)
    #expect(unknown.errors.hasSuffix("concord: there are no claims of `Same`; did you mean `Some`?\n"))
    let nowhere = try Program.run("verify", "--results", "/nowhere", "--papers", path("Papers"))
    #expect(nowhere.exitCode == 74)
    #expect(
      nowhere.errors == "concord: /nowhere: the folder cannot be read; name the folder of results with --results\n")
    try writeResults("a", values: "[0.6, 0.7, 0.8]", mean: "0.75", halfWidth: "0.24841377117503283")
    let damaged = try verify()
    #expect(damaged.exitCode == 65)
    #expect(damaged.errors.contains("Some/a/results.json: the file is damaged: the mean of the score"))
    try writeClaim(verdict: "perhaps")
    let wrong = try verify()
    #expect(wrong.exitCode == 65)
    #expect(
      wrong.errors.contains("Some.claims.yaml:5:14: `claims[0].verdict` cannot be `perhaps`; choose one of holds,"))
    #expect(wrong.errors.filter(\.isNewline).count == 1)
  }

  @Test func theRepositorysIndexIsWhatItsResultsSay() throws {
    let outcome = try Program.run(
      "verify", "--results", root.appendingPathComponent("Results").path, "--papers",
      root.appendingPathComponent("Papers").path)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.exitCode == 0)
  }
}
