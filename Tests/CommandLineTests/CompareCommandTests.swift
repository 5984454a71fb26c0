import Comparison
import Foundation
import Testing

@Suite(.serialized) struct CompareCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A recipe on made-up digits that takes a second.
  private static let recipe = """
    experiment: gmc
    data:
      set: digits
      digits: { source: generated, trainingPairs: 40, validationPairs: 10, testPairs: 20, withLabel: false }
    model: { imageEncoder: strided, vectorDimensions: [16], dimensions: 8 }
    method:
      name: gmc
      gmc: { commonDimensions: 16, headDimensions: [16] }
      fusion: { hidden: [8] }
    training: { epochs: 5, batchSize: 20 }
    evaluation:
      evaluators: [accuracy, retrieval, geometry, delaunay]
      accuracy: { epochs: 1, hidden: [8], subsets: all }
      retrieval: { match: label, fromComplete: true }

    """

  private static let suite = """
    title: Small digits
    seeds: [0, 1]
    shared: { training.epochs: 1 }
    rows:
      - { name: GMC, recipe: small.yaml }
      - { name: Fusion, recipe: small.yaml, settings: { method.name: fusion } }
    columns:
      - { title: complete, evaluator: accuracy, subject: image+trajectory, metric: digit }
    profiles:
      quick: { seeds: [3] }

    """

  private func compare(_ arguments: [String]) throws -> Program.Outcome {
    try Program.run(
      ["compare"] + arguments + ["--runs", folder.url.appendingPathComponent("runs").path],
      environment: ["CONCORD_CACHE": folder.url.path])
  }

  /// The path of the suite, beside its recipe.
  private func written() throws -> String {
    _ = try folder.write(Self.recipe, to: "small.yaml")
    return try folder.write(Self.suite, to: "digits.yaml")
  }

  @Test(
    arguments: [
      "clipart", "crossmodal", "digits", "emoji", "folder", "precision", "precision-digits", "shift", "stamps",
    ],
    [[], ["--profile", "quick"]])
  func everySuiteOfOursIsAPlan(name: String, profile: [String]) throws {
    let outcome = try compare([name, "--plan"] + (name == "folder" ? ["data.folder.path=pets"] : []) + profile)
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("cells"))
  }

  @Test func theSuitesOfOursAreAllPlanned() {
    #expect(
      SuiteCatalogue.names == [
        "clipart", "crossmodal", "digits", "emoji", "folder", "precision", "precision-digits", "shift", "stamps",
      ])
  }

  @Test func aSuiteIsComparedOnceAndReportedAgain() throws {
    let path = try written()
    let planned = try compare([path, "--profile", "quick", "--plan"])
    #expect(planned.exitCode == 0, "\(planned.errors)")
    #expect(planned.output.hasSuffix("2 cells, 2 to do, 1 at a time: no finished run tells how long they take\n"))
    #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("runs").path))

    let first = try compare([path, "--jobs", "2", "--threads", "1"])
    #expect(first.exitCode == 0, "\(first.errors)")
    #expect(first.errors.contains("\n[4/4] "))
    let report = try #require(first.output.split(separator: "\n").last { $0.hasPrefix("report: ") }?.dropFirst(8))
    let place = URL(fileURLWithPath: String(report)).deletingLastPathComponent()
    #expect(place.lastPathComponent.hasPrefix("compare-digits-"))
    for name in ["suite.yaml", "plan.json", "comparison.json", "report.md", "report.tex", "report.csv", "report.html"] {
      #expect(FileManager.default.fileExists(atPath: place.appendingPathComponent(name).path), "\(name) is missing")
    }

    let again = try compare([path, "--threads", "1", "--json"])
    #expect(again.exitCode == 0 && again.errors.contains("compare: 4 cells, 4 of them done before\n"))
    let result = try #require(JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
    let rows = try #require(result["rows"] as? [[String: Any]])
    #expect(rows.map { $0["name"] as? String } == ["GMC", "Fusion"])
    for row in rows {
      let cells = try #require(row["cells"] as? [[String: Any]])
      #expect(cells.count == 2)
      // A process takes some megabytes at least.
      #expect(cells.allSatisfy { ($0["peakMemory"] as? Int ?? 0) > 1 << 20 && $0["threads"] as? Int == 1 })
    }

    try FileManager.default.removeItem(at: place.appendingPathComponent("report.html"))
    let reported = try Program.run("report", place.path, "--format", "html")
    #expect(reported.exitCode == 0, "\(reported.errors)")
    #expect(reported.output.hasSuffix("report: \(place.path)/report.html\n"))
    #expect(FileManager.default.fileExists(atPath: place.appendingPathComponent("report.html").path))
  }

  @Test func faultsAreOneLine() throws {
    let path = try written()
    for (arguments, errors, code) in [
      (["emojis"], "there is no suite `emojis`; did you mean `emoji`?", 64),
      ([path, "--jobs", "0"], "--jobs must be at least 1, not 0; see `concord compare --help`", 64),
      ([path, "--threads", "0"], "--threads must be 1 to 1024, not 0; see `concord compare --help`", 64),
      ([path, "--plan", "--json"], "--plan takes no --json; see `concord compare --help`", 64),
      ([path, "--profile", "quik"], "the suite has no profile `quik`; did you mean `quick`?", 64),
      (
        [path, "training.epoch=2"],
        "`training.epoch=2`: row `GMC`: unknown key `training.epoch`; did you mean `training.epochs`?", 64
      ),
      ([path, "seeds=[]"], "`seeds=[]`: `seeds` must be a list of whole numbers; for example [0, 1, 2]", 64),
    ] as [([String], String, Int32)] {
      let outcome = try compare(arguments)
      #expect(outcome.errors == "concord: \(errors)\n")
      #expect(outcome.exitCode == code && outcome.output.isEmpty)
    }
    let broken = try folder.write(Self.suite.replacing("rows:", with: "raws:"), to: "broken.yaml")
    let outcome = try compare([broken])
    #expect(outcome.errors == "concord: \(broken):4:1: unknown key `raws`; did you mean `rows`?\n")
    #expect(outcome.exitCode == 65)
  }
}
