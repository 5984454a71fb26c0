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
  private let trial: SeedTrial

  init() throws { trial = try SeedTrial() }

  @Test func aFinishedRunOfAnotherCommitIsValidAsLongAsTheBitsAre() throws {
    let first = try trial.run()
    #expect(first.manifest.computation?.fingerprint?.losses == "as ever")
    #expect(first.manifest.computation?.kind == "wooden")
    #expect(try trial.run(commit: "decade").beginning == .finished)
    let other = try trial.run(commit: "facade", losses: "mended")
    #expect(other.beginning == .new && trial.times(0) == 2)
    #expect(
      other.remarks == [
        "a new run, since \(first.folder.url.path) is out of date: the losses of its first steps are computed otherwise"
      ])
  }

  @Test func laterKeysLeaveItValidAndOtherOwnValuesDoNot() throws {
    let first = try trial.run()
    let recorded = try String(contentsOf: first.folder.recipe, encoding: .utf8)
    // As an earlier program would have written it, which did not know a key yet.
    let lines = recorded.split(separator: "\n", omittingEmptySubsequences: false)
    let shorter = lines.filter { !$0.contains("shuffle:") }.joined(separator: "\n")
    #expect(shorter != recorded)
    try shorter.write(to: first.folder.recipe, atomically: true, encoding: .utf8)
    #expect(try trial.run(commit: "decade").beginning == .finished)
    // As a program would have written it whose own learning rate was another.
    let other = recorded.replacingOccurrences(of: "learningRate: 0.001", with: "learningRate: 0.002")
    #expect(other != recorded)
    try other.write(to: first.folder.recipe, atomically: true, encoding: .utf8)
    let again = try trial.run(commit: "decade")
    #expect(again.remarks.first?.hasSuffix("is out of date: training.learningRate is 0.001 now, not 0.002") == true)
  }

  @Test func otherLibrariesMakeItOutOfDate() throws {
    _ = try trial.run()
    let other = try trial.run(commit: "decade", openBLAS: "0.4")
    #expect(other.remarks.first?.hasSuffix("is out of date: OpenBLAS is 0.4, not 0.3") == true)
  }

  @Test func aSeedIsAddedWithoutTheOthers() throws {
    let first = try trial.run()
    let session = try trial.run(["seeds=[1, 0, 5]"], commit: "decade")
    #expect(session.values == [0.91, 0.9, 0.95] && trial.times(0) == 1 && trial.times(1) == 1 && trial.times(5) == 1)
    let name = first.folder.url.lastPathComponent
    #expect(session.manifest.takenOver?.map(\.run) == [name, name])
    #expect(session.manifest.takenOver?.map(\.commit?.hash) == ["c0ffee", "c0ffee"])
    // It is whole without what it was taken from.
    try FileManager.default.removeItem(at: first.folder.url)
    #expect(try session.folder.readSeedResult(0).scores[0].value == 0.9)
  }

  @Test func noSeedOfOtherSettingsDataOrBitsIsTakenOver() throws {
    _ = try trial.run()
    _ = try trial.run(["seeds=[0, 3]", "training.epochs=3"])
    #expect(trial.times(0) == 2)
    _ = try trial.run(["seeds=[0, 4]"], commit: "decade", losses: "mended")
    #expect(trial.times(0) == 3)
    try trial.recipes.write("bees", to: "data")
    _ = try trial.run(["seeds=[0, 6]"])
    #expect(trial.times(0) == 4)
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
    let recipe = try trial.recipes.catalogue.recipe("sample/small")
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
          of: try trial.recipes.catalogue.recipe(
            "sample/small", overrides: ["seeds=[7]", "threads=2"])))
  }
}
