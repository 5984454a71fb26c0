import Foundation
import Testing

@Suite(.serialized) struct RunCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A recipe on made-up digits that takes a second.
  private static let recipe = SmallRecipe.text("title: Small digits\nseeds: [0, 1]\nthreads: 1", epochs: 1)

  private var runs: String { folder.url.appendingPathComponent("runs").path }

  private func run(
    _ recipe: String, _ arguments: [String] = [], whileRunning: (Process) -> Void = { _ in }
  ) throws -> Program.Outcome {
    try Program.run(
      ["run", recipe, "--runs", runs] + arguments, environment: ["CONCORD_CACHE": folder.url.path],
      whileRunning: whileRunning)
  }

  /// The only run folder.
  private func runFolder() throws -> URL {
    let family = URL(fileURLWithPath: runs).appendingPathComponent("small")
    let names = try FileManager.default.contentsOfDirectory(atPath: family.path).filter { !$0.hasPrefix(".") }
    #expect(names.count == 1)
    return family.appendingPathComponent(try #require(names.first))
  }

  /// The run folder where it is made already.
  private var madeRunFolder: URL? {
    let family = URL(fileURLWithPath: runs).appendingPathComponent("small")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: family.path)) ?? []
    // A folder has a hidden name until it has its first files.
    return names.first { !$0.hasPrefix(".") }.map { family.appendingPathComponent($0) }
  }

  private func object(_ file: URL) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
  }

  @Test func aRunLeavesItsRecordAndItsFigures() throws {
    let path = try folder.write(Self.recipe, to: "small.yaml")
    let outcome = try run(path, ["--jobs", "2"])
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    let run = try runFolder()
    let files = FileManager.default
    for name in [
      "recipe.yaml", "manifest.json", "results.json", "report.md", "report.tex", "report.csv", "report.html",
      "seed-0/metrics.jsonl", "seed-1/metrics.jsonl",
      "seed-0/scores.json", "seed-0/checkpoint.safetensors", "seed-0/embeddings.npz",
    ] { #expect(files.fileExists(atPath: run.appendingPathComponent(name).path), "\(name) is missing") }
    // The last lines name the page and the report.
    #expect(outcome.output.hasSuffix("report: \(run.path)/report.html\nreport: \(run.path)/report.md\n"))
    let figures = try files.contentsOfDirectory(atPath: run.appendingPathComponent("figures").path)
    let drawn = Set(figures.filter { $0.hasSuffix(".svg") }.map { $0.dropLast(4) })
    #expect(drawn.count >= 3 && drawn == Set(figures.filter { $0.hasSuffix(".png") }.map { $0.dropLast(4) }))
    #expect(drawn.contains("loss-curves") && drawn.contains("scores-accuracy"))

    let manifest = try object(run.appendingPathComponent("manifest.json"))
    #expect(manifest["ending"] as? String == "finished")
    #expect(manifest["seeds"] as? [Int] == [0, 1])
    #expect(manifest["jobs"] as? Int == 2)
    #expect((manifest["versions"] as? [String: String])?["OpenBLAS threads"] == "OpenMP")
    #expect((manifest["datasetChecksums"] as? [String: String])?["digits"]?.count == 64)
    let results = try object(run.appendingPathComponent("results.json"))
    #expect(results["title"] as? String == "Small digits")
    let report = try String(contentsOf: run.appendingPathComponent("report.md"), encoding: .utf8)
    #expect(report.contains("image+sound+trajectory") && outcome.output.contains("image+sound+trajectory"))

    try expectDrawnAgain(run, report: report, figures: figures)
  }

  /// Removes report and figures, and has them made again from the record.
  private func expectDrawnAgain(_ run: URL, report: String, figures: [String]) throws {
    let files = FileManager.default
    try files.removeItem(at: run.appendingPathComponent("report.md"))
    try files.removeItem(at: run.appendingPathComponent("figures"))
    let plotted = try Program.run("plot", run.path)
    #expect(plotted.exitCode == 0)
    #expect(plotted.output.split(separator: "\n").count == figures.count)
    #expect(
      try files.contentsOfDirectory(atPath: run.appendingPathComponent("figures").path).sorted() == figures.sorted())
    let listed = try Program.run("plot", run.path, "--list")
    #expect(
      listed.exitCode == 0 && listed.output.hasPrefix("loss-curves ") && listed.output.contains("  training loss\n"))
    let one = try Program.run("plot", run.path, "--only", "loss-curves", "--format", "pdf")
    #expect(
      one.output.split(separator: "\n").map { URL(fileURLWithPath: String($0)).lastPathComponent }
        == ["loss-curves.pdf", "loss-curves.dat", "loss-curves.gnuplot", "index.json"])
    let unknown = try Program.run("plot", run.path, "--only", "los-curve")
    #expect(unknown.exitCode == 64)
    #expect(
      unknown.errors == "concord: \(run.path): this run has no figure \"los-curve\"; did you mean loss-curves?\n")
    #expect(try Program.run("plot", run.path, "--format", "gif").exitCode == 64)
    #expect(try Program.run("plot", run.path, "--list", "--only", "loss-curves").exitCode == 64)
    // The folder of the recipe's runs means the newest.
    let reported = try Program.run("report", run.deletingLastPathComponent().path)
    #expect(reported.exitCode == 0)
    #expect(try String(contentsOf: run.appendingPathComponent("report.md"), encoding: .utf8) == report)
    #expect(try Program.run("export", run.path, "--to", "csv", "--output", "-").output.hasPrefix("recipe,profile,"))
    let same = try Program.run("diff", run.path, run.path, "--json")
    #expect(same.exitCode == 0)
    let difference = try #require(JSONSerialization.jsonObject(with: Data(same.output.utf8)) as? [String: Any])
    #expect((difference["settings"] as? [Any])?.isEmpty == true)
    #expect((difference["scores"] as? [[String: Any]])?.allSatisfy { $0["difference"] as? Double == 0 } == true)
  }

  @Test func aValueOutsideItsToleranceEndsWithOne() throws {
    let expected = """
      expected:
        - { evaluator: accuracy, subject: image, metric: digit, value: 1000, tolerance: 0.5, source: nowhere }

      """
    let path = try folder.write(Self.recipe + expected, to: "small.yaml")
    let outcome = try run(path, ["seeds=[0]"])
    #expect(outcome.exitCode == 1)
    let run = try runFolder()
    #expect(
      outcome.errors.hasSuffix("concord: \(run.path)/report.md: a result lies outside its tolerance\n"),
      "\(outcome.errors)")
    #expect(try object(run.appendingPathComponent("manifest.json"))["ending"] as? String == "finished")
    #expect(try String(contentsOf: run.appendingPathComponent("report.md"), encoding: .utf8).contains("nowhere"))
    // An override of anything but the seeds makes the values incomparable.
    #expect(try self.run(path, ["seeds=[0]", "evaluation.accuracy.epochs=0"]).exitCode == 0)
  }

  @Test func controlCEndsARunWithItsManifest() throws {
    let path = try folder.write(Self.recipe, to: "small.yaml")
    let outcome = try run(path, ["seeds=[0]", "training.epochs=100000"]) { process in
      // Wait for the first step of the training.
      let deadline = Date(timeIntervalSinceNow: 60)
      while process.isRunning, Date() < deadline {
        let log = madeRunFolder?.appendingPathComponent("seed-0/metrics.jsonl")
        if let text = log.flatMap({ try? String(contentsOf: $0, encoding: .utf8) }), text.contains("\"step\"") { break }
        usleep(20_000)
      }
      kill(process.processIdentifier, SIGINT)
    }
    #expect(outcome.exitCode == 130)
    let run = try runFolder()
    #expect(outcome.errors.contains("concord: interrupted; what is done stays in \(run.path); "))
    let manifest = try object(run.appendingPathComponent("manifest.json"))
    #expect(manifest["ending"] as? String == "interrupted")
    #expect(manifest["end"] != nil)
    #expect(!FileManager.default.fileExists(atPath: run.appendingPathComponent("results.json").path))
  }

  @Test func aSeedThatFailsIsNamedOnOneLine() throws {
    let path = try folder.write(Self.recipe, to: "small.yaml")
    let outcome = try run(path, ["seeds=[0]", "training.learningRate=1e30"])
    #expect(outcome.exitCode == 65)
    let last = try #require(outcome.errors.split(separator: "\n").last)
    #expect(last.hasPrefix("concord: seed 0: step 2: "))
    #expect(last.contains("step 2: the loss term "))
    #expect(last.hasSuffix("; lower training.learningRate or set training.clippingNorm"))
    let manifest = try object(try runFolder().appendingPathComponent("manifest.json"))
    #expect(manifest["ending"] as? String == "failed")
    #expect((manifest["message"] as? String)?.contains("step 2") == true)
  }

  @Test func missingDataIsNamed() throws {
    let path = try folder.write(Self.recipe, to: "small.yaml")
    let outcome = try run(
      path, ["seeds=[0]", "data.digits.source=files", "--data-root", folder.url.path])
    #expect([65, 74].contains(outcome.exitCode))
    #expect(outcome.errors.contains("digits-mnist/train-images-idx3-ubyte.gz "))
    #expect(outcome.errors.contains(" is missing under the data root \(folder.url.path); "))
    let none = try run(path, ["--data-root", folder.url.path + "/none"])
    #expect(none.errors == "concord: \(folder.url.path)/none: there is no such folder; see --data-root\n")
    #expect(none.exitCode == 74)
  }
}
