import Diagnostics
import Foundation
import Interchange
import Recipes
import Reports
import Runs
import SampleRuns
import Testing
import Training

@Suite struct RunTests {
  let folder: TemporaryFolder
  let recipes: TemporaryFolder
  static let machine = Machine(
    commit: Manifest.Commit(hash: "c0ffee", isClean: false), processor: "Abacus", memory: 1 << 31)

  init() throws {
    folder = try TemporaryFolder()
    recipes = try TemporaryFolder()
    try recipes.write(
      """
      title: A small run
      experiment: sample
      seeds: [0, 1]
      training: { epochs: 2 }
      profiles: { quick: { seeds: [0] } }
      expected:
        - { evaluator: accuracy, subject: image, metric: accuracy, value: 90.0, tolerance: 0.6, source: "Table 1" }
        - { evaluator: accuracy, subject: sound, metric: accuracy, value: 90.0, tolerance: 0.6, source: "Table 1" }
      """, to: "small.yaml")
  }

  /// A plan whose seeds are processes of a shell script with the run folder, the seed and the threads as arguments.
  func plan(_ recipe: Recipe, script: String, jobs: Int = 1, cores: Int = 4) -> Run {
    let launch = Run.Launch(program: URL(fileURLWithPath: "/bin/sh")) { folder, seed, threads in
      ["-c", script, "sh", folder.url.path, "\(seed)", "\(threads)"]
    }
    return Run(
      recipe: recipe, runs: folder.url, jobs: jobs, cores: cores, launch: launch, machine: Self.machine,
      versions: ["Swift": "6"])
  }

  static let goodSeed = """
    echo '{"event":"began","totalSteps":2,"epochs":1,"time":{"seconds":0}}'
    echo "threads $OMP_NUM_THREADS"
    printf '{"scores":[{"evaluator":"accuracy","subject":"image","metric":"accuracy","value":0.9%s}],' $2 \
      > $1/seed-$2/scores.json
    echo '"notes":["Made up."],"datasetChecksums":{"sample":"abc"},"parameterCount":1234,"wallSeconds":1.5}' \
      >> $1/seed-$2/scores.json
    echo '{"event":"finished","time":{"seconds":1}}'
    """

  func run(
    _ run: Run, interruptions: () -> Int = { 0 }
  ) throws -> (folder: RunFolder, result: RunResult, said: String) {
    var said = ""
    let display = ProgressDisplay(isTerminal: false, hasColour: false) { said += $0 }
    let (folder, result) = try run.execute(display: display, interruptions: interruptions)
    return (folder, result, said)
  }

  @Test(arguments: [1, 2]) func seedsBecomeOneResult(jobs: Int) throws {
    let recipe = try recipes.catalogue.recipe("sample/small")
    let (folder, result, said) = try run(plan(recipe, script: Self.goodSeed, jobs: jobs))
    #expect(folder.url.deletingLastPathComponent().lastPathComponent == "sample-small")
    #expect(folder.url.lastPathComponent.wholeMatch(of: /\d{8}T\d{6}Z-[0-9a-f]{8}(-\d+)?/) != nil)
    #expect(result.scores.map(\.values) == [[0.90, 0.91]])
    // t(0.975, 1) = 12.706, s / √2 = 0.005
    let halfWidth = try #require(result.scores[0].halfWidth)
    #expect(abs(result.scores[0].mean - 0.905) < 1e-12)
    #expect(abs(halfWidth - 0.0635310) < 1e-6)
    #expect(try folder.readResult() == result)
    #expect(result.verdict(on: result.expected[0]) == true)
    #expect(result.verdict(on: result.expected[1]) == nil)
    #expect(!result.meetsExpectations)

    let manifest = try folder.readManifest()
    #expect(manifest.ending == .finished)
    #expect(manifest.threads == 4 / jobs)
    #expect(manifest.datasetChecksums == ["sample": "abc"])
    #expect(manifest.commit?.isClean == false)
    #expect(said.contains("seed 1: threads \(4 / jobs)"))
    #expect(said.contains("seed 0 · done"))
    let again = try recipes.catalogue.recipe(folder.recipe.path)
    #expect(again.hash == recipe.hash)
    #expect(try RunFolder.find(self.folder.url.appendingPathComponent("sample-small").path) == folder)
  }

  @Test func aFailedSeedIsNamedAndItsExitCodePassedOn() throws {
    let recipe = try recipes.catalogue.recipe("sample/small")
    let script = "echo chatter >&2; echo 'concord: photo.png: broken' >&2; exit 65"
    let failure = #expect(throws: RunFailure.self) { try run(plan(recipe, script: script)) }
    #expect(failure == RunFailure(exitCode: 65, "seed 0: photo.png: broken"))
    let folder = try RunFolder.find(self.folder.url.appendingPathComponent("sample-small").path)
    let manifest = try folder.readManifest()
    #expect(manifest.ending == .failed)
    #expect(manifest.message == "seed 0: photo.png: broken")
    let error = #expect(throws: UserError.self) { try Report.write(for: folder) }
    #expect(error?.kind == .inputOutput)
  }

  @Test func aKilledSeedIsNamed() throws {
    let recipe = try recipes.catalogue.recipe("sample/small", overrides: ["seeds=[7]"])
    let failure = #expect(throws: RunFailure.self) { try run(plan(recipe, script: "kill -9 $$")) }
    #expect(failure == RunFailure(exitCode: 70, "seed 7: the process was ended by signal 9"))
  }

  @Test func anInterruptionAsksTheSeedsToStop() throws {
    let recipe = try recipes.catalogue.recipe("sample/small")
    let script = "trap 'echo stopped > $1/seed-$2/stopped; exit 130' TERM; while :; do sleep 0.05; done"
    // The script needs a moment to set its trap.
    var asked = 0
    let failure = #expect(throws: RunFailure.self) {
      try run(plan(recipe, script: script)) {
        asked += 1
        return asked > 5 ? 1 : 0
      }
    }
    #expect(failure?.exitCode == 130)
    let folder = try RunFolder.find(self.folder.url.appendingPathComponent("sample-small").path)
    #expect(try folder.readManifest().ending == .interrupted)
    #expect(FileManager.default.fileExists(atPath: folder.seed(0).appendingPathComponent("stopped").path))
    #expect(!FileManager.default.fileExists(atPath: folder.results.path))
  }

  @Test func aSecondInterruptionEndsAtOnce() throws {
    let recipe = try recipes.catalogue.recipe("sample/small")
    var asked = 0
    let failure = #expect(throws: RunFailure.self) {
      try run(plan(recipe, script: "trap '' TERM; while :; do sleep 0.05; done", jobs: 2)) {
        asked += 1
        return max(0, asked - 3)
      }
    }
    #expect(failure?.exitCode == 130)
  }

  @Test func runsNeverShareAFolder() throws {
    let recipe = try recipes.catalogue.recipe("sample/small")
    let start = Date(timeIntervalSince1970: 0)
    let first = try RunFolder.create(in: folder.url, recipe: recipe, start: start)
    let second = try RunFolder.create(in: folder.url, recipe: recipe, start: start)
    #expect(first.url.lastPathComponent == "19700101T000000Z-\(recipe.hash)")
    #expect(second.url.lastPathComponent == "19700101T000000Z-\(recipe.hash)-2")
    let error = #expect(throws: UserError.self) {
      try RunFolder.create(in: URL(fileURLWithPath: "/proc/nowhere"), recipe: recipe, start: start)
    }
    #expect(error?.kind == .inputOutput)
  }

  @Test func aSeedRunsTwiceTheSameButForItsTimes() throws {
    let recipe = try recipes.catalogue.recipe("sample/small")
    var logs: [String] = []
    for start in [0.0, 1.0] {
      let run = try RunFolder.create(in: folder.url, recipe: recipe, start: Date(timeIntervalSince1970: start))
      try recipe.yamlWithOrigins.write(to: run.recipe, atomically: true, encoding: .utf8)
      let runner = SeedRunner(
        folder: run, seed: 1, catalogue: recipes.catalogue, dataRoot: nil, cacheFolder: folder.url, threads: 1)
      let result = try runner.run(progress: NullSink()) { false }
      #expect(try run.readSeedResult(1) == result)
      let text = try String(contentsOf: run.metrics(ofSeed: 1), encoding: .utf8)
      logs.append(text.replacing(/"time":\{[^}]*\}/, with: ""))
      #expect(try MetricsLog.events(in: run.metrics(ofSeed: 1)).count == 8)

      try FileManager.default.removeItem(at: run.scores(ofSeed: 1))
      #expect(throws: Interruption.self) { try runner.run(progress: NullSink()) { true } }
    }
    #expect(logs[0] == logs[1])
    #expect(logs[0].contains("\"scores\":[{\"evaluator\":\"accuracy\""))
  }

  @Test func seedsWithOtherScoresAreRefused() throws {
    let recipe = try recipes.catalogue.recipe("sample/small")
    func seed(_ names: [String]) -> SeedResult {
      SeedResult(
        scores: names.map { Score(evaluator: "a", subject: $0, metric: "m", value: 1) }, wallSeconds: 1)
    }
    let error = #expect(throws: UserError.self) {
      try RunResult(
        recipe: recipe, name: recipe.name, isComparable: true, seeds: [seed(["x"]), seed(["x", "y"])])
    }
    #expect(error?.place == "seed-1/scores.json")
  }
}
