import Diagnostics
import FileMutation
import Foundation
import Recipes
import Reports
import Runs
import SampleRuns
import StrictYAML
import Testing
import Training

/// Thousands of damaged files of a run's record: each is read without contradiction, or refused with one line.
@Suite struct HostileRecordTests {
  private let folder: TemporaryFolder
  private let run: RunFolder
  private let result: RunResult

  init() throws {
    folder = try TemporaryFolder()
    run = RunFolder(folder.url)
    try folder.write("title: A title\nexperiment: sample\nseeds: [0, 3]\n", to: "one.yaml")
    let recipe = try folder.catalogue.recipe("sample/one")
    let seeds = recipe.seeds.map { seed in
      SeedResult(
        scores: [
          Score(evaluator: "accuracy", subject: "image", metric: "accuracy", value: 0.9 + 0.01 * Double(seed)),
          Score(evaluator: "retrieval", subject: "image → sound", metric: "median rank", value: .nan),
        ], notes: ["A note."], datasetChecksums: ["sample": "abc"], parameterCount: 12, wallSeconds: 1.5)
    }
    result = try RunResult(recipe: recipe, name: recipe.name, isComparable: false, seeds: seeds)
    try FileManager.default.createDirectory(at: run.seed(0), withIntermediateDirectories: true)
    try run.write(result)
    try run.write(seeds[0], seed: 0)
    try Data(recipe.yamlWithOrigins.utf8).write(to: run.recipe)
    try run.write(
      Manifest(
        recipe: recipe, jobs: 1, threads: 2, dataRoot: nil,
        machine: Machine(
          commit: Manifest.Commit(hash: "abc", isClean: true), processor: "a processor", memory: 1 << 34),
        versions: ["Concord": "0.1.0"], start: Date(timeIntervalSince1970: 1_800_000_000)))
  }

  private let words = ["null", "NaN", "∞", "-∞", "true", "seeds", "values", "mean", "scores", "finished", "{}", "[]"]

  /// The bytes of a file without the line break at its end, which tells nothing.
  private func corpus(_ url: URL) throws -> [[UInt8]] { [[UInt8](try Data(contentsOf: url).dropLast())] }

  private func isEmpty(_ report: Report) -> Bool { ReportFormat.allCases.contains { report.text($0).isEmpty } }

  @Test func results() throws {
    let fuzz = FuzzRun("results.json", corpus: try corpus(run.results), vocabulary: words, count: 1_000)
    let outcome = try fuzz(place: run.results.path) { bytes in
      try Data(bytes).write(to: run.results)
      let record = try RunRecord(of: run)
      let report = Report([record])
      if isEmpty(report) || report.plain.isEmpty && !record.result.scores.isEmpty {
        throw FuzzRun.Violation("the report is empty")
      }
      _ = record.result.meetsExpectations
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  @Test func manifests() throws {
    let fuzz = FuzzRun("manifest.json", corpus: try corpus(run.manifest), vocabulary: words, count: 1_000)
    // Where the manifest is another run's, the error names what does not fit to it.
    let outcome = try fuzz(place: run.url.path) { bytes in
      try Data(bytes).write(to: run.manifest)
      let record = try RunRecord(of: run)
      if record.manifest.command.isEmpty || isEmpty(Report([record])) {
        throw FuzzRun.Violation("the report is empty")
      }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  @Test func scores() throws {
    let file = run.scores(ofSeed: 0)
    let fuzz = FuzzRun("scores.json", corpus: try corpus(file), vocabulary: words, count: 1_000)
    let outcome = try fuzz(place: file.path) { bytes in
      try Data(bytes).write(to: file)
      _ = try run.readSeedResult(0)
    }
    #expect(outcome.failures.isEmpty)
  }

  @Test func logs() throws {
    let events: [TrainingEvent] = [
      .began(totalSteps: 2, epochs: 1),
      .step(
        StepRecord(
          step: 1, epoch: 1, terms: [LossTerm("total", 1.5), LossTerm("image", .nan)], learningRate: 1e-3,
          gradientNorm: 2, samplesPerSecond: 100)),
      .step(StepRecord(step: 2, epoch: 1, terms: [LossTerm("total", 1)], learningRate: 1e-3, samplesPerSecond: 100)),
      .epoch(EpochRecord(epoch: 1, terms: [LossTerm("total", 1.25)], seconds: 2)),
      .evaluated([Score(evaluator: "e", subject: "s", metric: "m", value: 1)]), .note("a note"), .finished,
    ]
    let file = run.metrics(ofSeed: 0)
    let text = events.map { $0.json(seconds: 1).json + "\n" }.joined()
    let fuzz = FuzzRun("metrics.jsonl", corpus: [Array(text.utf8)], vocabulary: words, count: 1_000)
    // A log ends where the process ended.
    let outcome = try fuzz(place: file.path, seesTruncation: false) { bytes in
      try Data(bytes).write(to: file)
      let read = try MetricsLog.events(in: file)
      let lines = bytes.count { $0 == 10 }
      if read.count != lines { throw FuzzRun.Violation("\(read.count) events in \(lines) lines") }
    }
    #expect(outcome.failures.isEmpty)
    #expect(outcome.accepted > 0)
  }

  @Test(arguments: [
    (
      #""mean" : 0.915"#, #""mean" : 0.95"#,
      "the mean of the score `accuracy, image, accuracy` is not that of its values"
    ),
    ("[\n    0,\n    3\n  ]", "[ 0 ]", "`wallSeconds` are not the times of 1 seeds"),
    ("[\n    0,\n    3\n  ]", "[ 3, 3 ]", "`seeds` are not different whole numbers from 0"),
    (#""hash""#, #""hush""#, "`hash` is missing"), (#""A title""#, "7", "`title` is of another type"),
    ("{", "", "it is not JSON"),
  ]) func aResultThatContradictsItselfIsDamaged(part: String, other: String, what: String) throws {
    let text = try String(contentsOf: run.results, encoding: .utf8)
    let range = try #require(text.firstRange(of: part), "\(text)")
    try Data(text.replacingCharacters(in: range, with: other).utf8).write(to: run.results)
    let error = #expect(throws: UserError.self) { try run.readResult() }
    #expect(error?.what == "the file is damaged: \(what)")
    #expect(error?.place == run.results.path)
  }
}
