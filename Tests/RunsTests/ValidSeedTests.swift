import Diagnostics
import Foundation
import Recipes
import Runs
import SampleRuns
import StrictYAML
import Testing
import Training

/// Which finished runs and seeds another commit takes as they are.
struct ValidSeedTests {
  private struct Program: FingerprintSource {
    let losses: String
    func fingerprint(of recipe: Recipe, threads: Int, dataRoot: String?) -> Fingerprint? {
      Fingerprint(losses: losses, parameters: "p", scores: "s")
    }
  }

  private let folder: TemporaryFolder
  private let recipes: TemporaryFolder

  init() throws {
    (folder, recipes) = (try TemporaryFolder(), try TemporaryFolder())
    try recipes.write("experiment: sample\nseeds: [0, 1]\ntraining: { epochs: 2 }\n", to: "small.yaml")
    try recipes.write("birds", to: "data")
  }

  private static let script = """
    echo run >> $1/../count-$2
    printf '{"scores":[{"evaluator":"accuracy","subject":"image","metric":"accuracy","value":0.9%s}],' $2 \
      > $1/seed-$2/scores.json
    echo '"notes":[],"datasetChecksums":{},"wallSeconds":1.5}' >> $1/seed-$2/scores.json
    """

  /// How a run began and what it came to; its session would hold the lock.
  private struct Outcome {
    let (folder, manifest): (RunFolder, Manifest)
    let beginning: RunSession.Beginning
    let remarks: [String]
    var values: [Double] = []

    init(_ session: RunSession) {
      (folder, manifest) = (session.folder, session.manifest)
      (beginning, remarks) = (session.beginning, session.remarks)
    }
  }

  /// Runs a recipe by the program of a commit.
  private func run(
    _ overrides: [String] = [], commit: String = "c0ffee", losses: String = "as ever", openBLAS: String = "0.3"
  ) throws -> Outcome {
    let launch = Run.Launch(program: URL(fileURLWithPath: "/bin/sh")) { folder, seed, _ in
      ["-c", Self.script, "sh", folder.url.path, "\(seed)"]
    }
    let runs = folder.url.appendingPathComponent("runs")
    let run = Run(
      recipe: try recipes.catalogue.recipe("sample/small", overrides: overrides), runs: runs, cores: 1, launch: launch,
      machine: Machine(
        commit: Manifest.Commit(hash: commit, isClean: true), processor: "Abacus", memory: 1, kind: "wooden"),
      versions: ["Swift": "6", "OpenBLAS": openBLAS])
    let judge = ValidityJudge(
      machine: run.machine, versions: run.versions, catalogue: recipes.catalogue, identities: DataIdentities(),
      runs: runs, source: Program(losses: losses))
    let session = try run.open(catalogue: recipes.catalogue, judge: judge)
    var outcome = Outcome(session)
    guard session.beginning != .finished else { return outcome }
    let display = ProgressDisplay(isTerminal: false, hasColour: false) { _ in }
    outcome.values = try run.execute(session, display: display).scores[0].values
    return outcome
  }

  private func times(_ seed: Int) -> Int {
    let file = folder.url.appendingPathComponent("runs/sample-small/count-\(seed)")
    return ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").count
  }

  @Test func aFinishedRunOfAnotherCommitIsValidAsLongAsTheBitsAre() throws {
    let first = try run()
    #expect(first.manifest.computation?.fingerprint?.losses == "as ever")
    #expect(first.manifest.computation?.kind == "wooden")
    #expect(try run(commit: "decade").beginning == .finished)
    let other = try run(commit: "facade", losses: "mended")
    #expect(other.beginning == .new && times(0) == 2)
    #expect(
      other.remarks == [
        "a new run, since \(first.folder.url.path) is out of date: the losses of its first steps are computed otherwise"
      ])
  }

  @Test func laterKeysLeaveItValidAndOtherOwnValuesDoNot() throws {
    let first = try run()
    let recorded = try String(contentsOf: first.folder.recipe, encoding: .utf8)
    // As an earlier program would have written it, which did not know a key yet.
    let lines = recorded.split(separator: "\n", omittingEmptySubsequences: false)
    let shorter = lines.filter { !$0.contains("shuffle:") }.joined(separator: "\n")
    #expect(shorter != recorded)
    try shorter.write(to: first.folder.recipe, atomically: true, encoding: .utf8)
    #expect(try run(commit: "decade").beginning == .finished)
    // As a program would have written it whose own learning rate was another.
    let other = recorded.replacingOccurrences(of: "learningRate: 0.001", with: "learningRate: 0.002")
    #expect(other != recorded)
    try other.write(to: first.folder.recipe, atomically: true, encoding: .utf8)
    let again = try run(commit: "decade")
    #expect(again.remarks.first?.hasSuffix("is out of date: training.learningRate is 0.001 now, not 0.002") == true)
  }

  @Test func otherLibrariesMakeItOutOfDate() throws {
    _ = try run()
    let other = try run(commit: "decade", openBLAS: "0.4")
    #expect(other.remarks.first?.hasSuffix("is out of date: OpenBLAS is 0.4, not 0.3") == true)
  }

  @Test func aSeedIsAddedWithoutTheOthers() throws {
    let first = try run()
    let session = try run(["seeds=[1, 0, 5]"], commit: "decade")
    #expect(session.values == [0.91, 0.9, 0.95] && times(0) == 1 && times(1) == 1 && times(5) == 1)
    let name = first.folder.url.lastPathComponent
    #expect(session.manifest.takenOver?.map(\.run) == [name, name])
    #expect(session.manifest.takenOver?.map(\.commit?.hash) == ["c0ffee", "c0ffee"])
    // It is whole without what it was taken from.
    try FileManager.default.removeItem(at: first.folder.url)
    #expect(try session.folder.readSeedResult(0).scores[0].value == 0.9)
  }

  @Test func noSeedOfOtherSettingsDataOrBitsIsTakenOver() throws {
    _ = try run()
    _ = try run(["seeds=[0, 3]", "training.epochs=3"])
    #expect(times(0) == 2)
    _ = try run(["seeds=[0, 4]"], commit: "decade", losses: "mended")
    #expect(times(0) == 3)
    try recipes.write("bees", to: "data")
    _ = try run(["seeds=[0, 6]"])
    #expect(times(0) == 4)
  }

  @Test func theFirstPartThatDiffersIsNamed() {
    let one = Fingerprint(losses: "a", parameters: "b", scores: "c")
    #expect(one.change(since: one) == nil)
    #expect(
      Fingerprint(losses: "x", parameters: "y", scores: "z").change(since: one)
        == "the losses of its first steps are computed otherwise")
    #expect(
      Fingerprint(losses: "a", parameters: "y", scores: "z").change(since: one)
        == "its first steps change the parameters otherwise")
    #expect(
      Fingerprint(losses: "a", parameters: "b", scores: "z").change(since: one)
        == "its evaluation is computed otherwise")
  }

  @Test func kindsOfProcessorsTakeTheirKernelsAlong() throws {
    let recipe = try recipes.catalogue.recipe("sample/small")
    let computation = Computation(
      of: recipe, machine: Machine(commit: nil, processor: "EPYC", memory: 1, kind: "AMD 26"),
      versions: [
        "OpenBLAS": "OpenBLAS 0.3.21 DYNAMIC_ARCH Cooperlake MAX_THREADS=64", "OpenBLAS core": "Cooperlake",
        "OpenBLAS threads": "OpenMP", "oneDNN": "2.6.3, AVX-512", "Swift": "6.3",
      ])
    #expect(computation.kind == "AMD 26; OpenBLAS for Cooperlake; oneDNN with AVX-512")
    #expect(
      computation.libraries == [
        "OpenBLAS": "OpenBLAS 0.3.21 DYNAMIC_ARCH MAX_THREADS=64", "OpenBLAS threads": "OpenMP", "oneDNN": "2.6.3",
      ])
    #expect(
      computation.configuration
        == Computation.configuration(
          of: try recipes.catalogue.recipe(
            "sample/small", overrides: ["seeds=[7]", "threads=2"])))
  }
}
