import Diagnostics
import Foundation
import Recipes
import Runs
import SampleRuns
import Testing
import Training

@Suite struct RunSessionTests {
  private let folder: TemporaryFolder
  private let recipes: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    recipes = try TemporaryFolder()
    try recipes.write(
      """
      experiment: sample
      seeds: [0, 1, 2]
      training: { epochs: 2 }
      """, to: "small.yaml")
  }

  /// Scores a seed and counts in a file how often; the seed 1 fails where the folder has a file `broken`.
  private static let script = """
    if [ $2 = 1 ] && [ -e $4 ]; then echo 'disk is full' >&2; exit 74; fi
    echo run >> $1/../count-$2
    printf '{"scores":[{"evaluator":"accuracy","subject":"image","metric":"accuracy","value":0.9%s}],' $2 \
      > $1/seed-$2/scores.json
    echo '"notes":["threads '$3'"],"datasetChecksums":{},"wallSeconds":1.5}' >> $1/seed-$2/scores.json
    """

  private var broken: URL { folder.url.appendingPathComponent("broken") }
  private var family: URL { folder.url.appendingPathComponent("runs/sample-small") }

  private func plan(_ overrides: [String] = [], cores: Int = 2, processor: String = "Abacus") throws -> Run {
    let broken = broken.path
    let launch = Run.Launch(program: URL(fileURLWithPath: "/bin/sh")) { folder, seed, threads in
      ["-c", Self.script, "sh", folder.url.path, "\(seed)", "\(threads)", broken]
    }
    return Run(
      recipe: try recipes.catalogue.recipe("sample/small", overrides: overrides),
      runs: folder.url.appendingPathComponent("runs"), cores: cores, launch: launch,
      machine: Machine(commit: nil, processor: processor, memory: 1), versions: ["Swift": "6"])
  }

  private func open(_ run: Run, isFresh: Bool = false) throws -> RunSession {
    try run.open(catalogue: recipes.catalogue, isFresh: isFresh)
  }

  private func execute(_ run: Run, _ session: RunSession) throws -> (result: RunResult, said: String) {
    var said = ""
    let display = ProgressDisplay(isTerminal: false, hasColour: false) { said += $0 }
    return (try run.execute(session, display: display), said)
  }

  private func times(_ seed: Int) throws -> Int {
    let text = try String(contentsOf: family.appendingPathComponent("count-\(seed)"), encoding: .utf8)
    return text.split(separator: "\n").count
  }

  /// A run whose second seed has failed.
  private func failedRun() throws -> RunFolder {
    try Data().write(to: broken)
    let run = try plan()
    let session = try open(run)
    #expect(session.beginning == .new)
    #expect(throws: RunFailure(exitCode: 74, "seed 1: disk is full")) { try execute(run, session) }
    try FileManager.default.removeItem(at: broken)
    return session.folder
  }

  @Test func anUnfinishedRunGoesOnWithTheSeedsThatAreLeft() throws {
    let folder = try failedRun()
    // More cores are free now, but the run keeps the threads that it began with.
    let run = try plan(cores: 8)
    let session = try open(run)
    #expect(session.beginning == .resumed && session.folder == folder && session.remarks.isEmpty)
    #expect(session.manifest.ending == .running && session.manifest.message == nil)
    let (result, said) = try execute(run, session)
    #expect(said.hasPrefix("sample/small \(run.recipe.hash) · goes on with seeds [1, 2] of [0, 1, 2] · 2 threads"))
    #expect(result.scores.map(\.values) == [[0.90, 0.91, 0.92]])
    #expect(result.notes == ["threads 2"])
    for seed in 0..<3 { #expect(try times(seed) == 1) }
    let manifest = try folder.readManifest()
    #expect(manifest.ending == .finished && manifest.threads == 2)
    #expect(manifest.resumptions?.map(\.changes) == [[]])
  }

  @Test func aFinishedRunIsShownUnlessAnotherIsAskedFor() throws {
    let run = try plan()
    let first = try execute(run, try open(run))
    let again = try open(run)
    #expect(again.beginning == .finished)
    #expect(try again.folder.readResult() == first.result)
    let fresh = try open(run, isFresh: true)
    #expect(fresh.beginning == .new && fresh.folder != again.folder)
    _ = try execute(run, fresh)
    for seed in 0..<3 { #expect(try times(seed) == 2) }
  }

  @Test func aFinishedRunOfOtherDataIsNeverShown() throws {
    try recipes.write("first", to: "data")
    let run = try plan()
    let folder = try {
      let session = try open(run)
      #expect(session.manifest.datasetChecksums == ["sample": "first"])
      _ = try execute(run, session)
      return session.folder
    }()
    #expect(try open(run).beginning == .finished)
    try recipes.write("second", to: "data")
    let other = try {
      let session = try open(run)
      #expect(session.beginning == .new)
      #expect(session.remarks == ["a new run, since \(folder.url.path) is of other data: table.csv has changed"])
      return session.folder
    }()
    // The unfinished run of the second data goes on, and the first data have their own again.
    #expect(try open(run).folder == other)
    try recipes.write("first", to: "data")
    let again = try open(run)
    #expect(again.beginning == .finished && again.folder == folder)
  }

  @Test func aFinishedRunWhoseDataAreGoneIsNotShown() throws {
    try recipes.write("first", to: "data")
    let run = try plan()
    let folder = try {
      let session = try open(run)
      _ = try execute(run, session)
      return session.folder
    }()
    try recipes.write("gone", to: "data")
    let error = #expect(throws: UserError.self) { try open(run) }
    #expect(
      error
        == UserError(
          .inputOutput, "there is no such folder", at: "birds",
          mend: "make it; `concord report \(folder.url.path)` shows the finished run"))
  }

  @Test func dataThatChangeWhileARunIsAtWorkAreToldOf() throws {
    try recipes.write("first", to: "data")
    let run = try plan()
    let session = try open(run)
    let result = SeedResult(scores: [], datasetChecksums: ["sample": "second"], wallSeconds: 1)
    for seed in 0..<3 { try session.folder.write(result, seed: seed) }
    let error = #expect(throws: UserError.self) { try run.finish(session) }
    #expect(error?.what.hasPrefix("the data changed while the run was at work") == true)
  }

  @Test func aRunThatWasKilledBeforeItsLastWordIsFinishedWithoutItsSeeds() throws {
    let run = try plan()
    var manifest: Manifest?
    let folder = try {
      let session = try open(run)
      _ = try execute(run, session)
      manifest = session.manifest
      return session.folder
    }()
    try folder.write(try #require(manifest))
    // The seed's process was killed too, between its scores and the removal of its checkpoint.
    let checkpoint = folder.seed(0).appendingPathComponent("training-state.safetensors")
    try Data().write(to: checkpoint)
    let session = try open(run)
    #expect(session.beginning == .resumed)
    _ = try execute(run, session)
    #expect(try times(0) == 1)
    #expect(try folder.readManifest().ending == .finished)
    #expect(!FileManager.default.fileExists(atPath: checkpoint.path))
  }

  @Test func anotherRecipeNeverGoesOnButNamesTheDifference() throws {
    let failed = try failedRun()
    let session = try open(try plan(["training.epochs=3", "seeds=[0]"]))
    #expect(session.beginning == .new && session.folder != failed)
    #expect(
      session.remarks == [
        "a new run, since the unfinished \(failed.url.path) has other settings:", "  seeds: [0, 1, 2] → [0]",
        "  training.epochs: 2 → 3",
      ])
    #expect(try failed.readManifest().ending == .failed)
    // The one of its own recipe is taken up all the same.
    #expect(try open(try plan()).folder == failed)
  }

  @Test func aSecondProcessIsRefused() throws {
    let run = try plan()
    let session = try open(run)
    let error = #expect(throws: UserError.self) { try open(run) }
    #expect(
      error
        == UserError(
          .notYet, "another process (\(getpid())) is at work on this run", at: session.folder.url.path,
          mend: "wait for its end, or stop it"))
    withExtendedLifetime(session) {}
    #expect(try open(run, isFresh: true).folder != session.folder)
  }

  @Test func anotherMachineIsToldAndKept() throws {
    let folder = try failedRun()
    let session = try open(try plan(processor: "Slide rule"))
    #expect(
      session.remarks == ["not as when the run began: processor; what follows may differ in its last bits"])
    #expect(try folder.readManifest().resumptions?.map(\.changes) == [["processor"]])
    #expect(try folder.readManifest().processor == "Abacus")
  }

  @Test func aRecipeChangedInTheFolderIsRefused() throws {
    let failed = try failedRun()
    let text = try String(contentsOf: failed.recipe, encoding: .utf8)
    try text.replacing("epochs: 2", with: "epochs: 7").write(to: failed.recipe, atomically: true, encoding: .utf8)
    let error = #expect(throws: UserError.self) { try open(try plan()) }
    #expect(error?.description.hasPrefix("\(failed.recipe.path): was changed since the run began; ") == true)
  }

  @Test func whatKilledProcessesLeaveIsRemoved() throws {
    let failed = try failedRun()
    let files = FileManager.default
    let draft = family.appendingPathComponent(".new-0123456789abcdef")
    try files.createDirectory(at: draft.appendingPathComponent("seed-0"), withIntermediateDirectories: true)
    try Data("half".utf8).write(to: failed.url.appendingPathComponent(".1f.concord-part"))
    try Data("mine".utf8).write(to: failed.url.appendingPathComponent(".notes"))
    _ = try open(try plan())
    #expect(!files.fileExists(atPath: draft.path))
    let left = try files.contentsOfDirectory(atPath: failed.url.path).filter { $0.hasPrefix(".") }.sorted()
    #expect(left == [".lock", ".notes"])
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    let run = try plan()
    let nowhere = Run(
      recipe: run.recipe, runs: URL(fileURLWithPath: "/proc/nowhere"), launch: run.launch, machine: run.machine,
      versions: [:])
    let error = #expect(throws: UserError.self) { try open(nowhere) }
    #expect(error?.kind == .inputOutput)
    #expect(error?.description.hasPrefix("/proc/nowhere: the folder cannot be made: No such file") == true)
    // Where the first file of a run cannot be written, no folder is left.
    #expect(throws: UserError.self) {
      try RunFolder.create(in: folder.url, recipe: run.recipe, start: .now) { (_) throws(UserError) in
        throw UserError(.inputOutput, "full")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path + "/sample-small").isEmpty)
  }

  @Test func aSeedThatIsDoneIsNotRunAgainAndOneAtWorkNotTwice() throws {
    let recipe = try recipes.catalogue.recipe("sample/small")
    let run = try RunFolder.create(in: folder.url, recipe: recipe, start: .now)
    try recipe.yamlWithOrigins.write(to: run.recipe, atomically: true, encoding: .utf8)
    try Data("left by a process that was killed before its first checkpoint\n".utf8).write(to: run.metrics(ofSeed: 1))
    let runner = SeedRunner(
      folder: run, seed: 1, catalogue: recipes.catalogue, dataRoot: nil, cacheFolder: folder.url, threads: 1,
      checkpointSeconds: 0)
    let result = try runner.run(progress: NullSink()) { false }
    let log = try MetricsLog.events(in: run.metrics(ofSeed: 1))
    #expect(log.count == 8 && log.last == .finished)
    // A process takes some megabytes at least.
    #expect((result.peakMemory ?? 0) > 1 << 20)
    let isTold = FileManager.default.fileExists(atPath: "/proc/self/schedstat")
    #expect(result.waiting.map { $0 >= 0 && $0 < 1 } ?? !isTold)
    #expect(try runner.run(progress: NullSink()) { true } == result)
    #expect(try MetricsLog.events(in: run.metrics(ofSeed: 1)) == log)
  }
}
