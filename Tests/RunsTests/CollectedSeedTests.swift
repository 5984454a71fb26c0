import Diagnostics
import Foundation
import Recipes
import Runs
import SampleRuns
import Testing
import Training

/// Which seeds of other folders of runs and of published results are taken over, and which are not.
struct CollectedSeedTests {
  private let trial: SeedTrial

  init() throws { trial = try SeedTrial() }

  /// What is committed of a run: scores, manifest and recipe, and no folder of a seed.
  private func publish(_ run: RunFolder, to name: String = "Results/small") throws -> URL {
    let target = trial.url(name)
    try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    let published = RunFolder(target)
    for (from, to) in [
      (run.results, published.results), (run.manifest, published.manifest), (run.recipe, published.recipe),
    ] {
      try FileManager.default.copyItem(at: from, to: to)
    }
    return target
  }

  @Test func seedsOfAnotherMachinesFolderAreTakenWithTheirFiles() throws {
    let other = try trial.run(in: "theirs", kind: "wooden")
    let run = try trial.run(["seeds=[0, 1, 2]"], collecting: [trial.url("theirs")], commit: "decade")
    #expect(run.values == [0.9, 0.91, 0.92])
    #expect((0...2).map { trial.times($0) } == [0, 0, 1])
    #expect(
      run.remarks == [0, 1].map { "seed \($0) is taken over from \(other.folder.url.path)" })
    #expect(run.manifest.takenOver?.map(\.commit?.hash) == ["c0ffee", "c0ffee"])
    #expect(run.manifest.takenOver?.map(\.run) == Array(repeating: other.folder.url.lastPathComponent, count: 2))
  }

  @Test func seedsOfAPublishedResultAreTakenOnAnyKindOfProcessorUnlessItIsStrict() throws {
    let published = try publish(try trial.run(in: "theirs", losses: "brass", kind: "brass").folder)
    let run = try trial.run(["seeds=[1, 2]"], collecting: [published], commit: "decade")
    #expect(run.values == [0.91, 0.92] && trial.times(1) == 0 && trial.times(2) == 1)
    #expect(
      run.remarks == [
        "seed 1 is taken over from \(published.path), "
          + "but it was made on another kind of processor, so that its code cannot be compared"
      ])
    #expect(run.manifest.takenOver?.map(\.computation?.kind) == ["brass"])
    #expect(run.manifest.computation?.kind == "wooden")
    let strict = try trial.run(in: "strict", collecting: [published], commit: "decade", isStrict: true)
    #expect(trial.times(1, in: "strict") == 1 && strict.manifest.takenOver == nil)
    #expect(
      strict.remarks == [
        "seeds 0, 1 of \(published.path) are not taken over: "
          + "it was made on another kind of processor, so that its code cannot be compared"
      ])
  }

  /// Processors whose kernels add up alike give the same bits, which fingerprints tell.
  @Test func theSameBitsOnAnotherKindOfProcessorAreSure() throws {
    let published = try publish(try trial.run(in: "theirs", kind: "brass").folder)
    let run = try trial.run(["seeds=[1, 2]"], collecting: [published], commit: "decade", isStrict: true)
    #expect(trial.times(1) == 0 && run.remarks == ["seed 1 is taken over from \(published.path)"])
  }

  @Test func whatComputedASeedGoesAlongThroughSeveralHands() throws {
    let first = try publish(try trial.run(in: "first", kind: "brass").folder, to: "first-results")
    let second = try trial.run(["seeds=[0, 1, 2]"], in: "second", collecting: [first], commit: "decade")
    let third = try trial.run(
      ["seeds=[0, 2, 3]"], in: "third", collecting: [try publish(second.folder, to: "second-results")], commit: "facade"
    )
    #expect(third.values == [0.9, 0.92, 0.93] && trial.times(0, in: "third") == 0)
    #expect(third.manifest.takenOver?.map(\.commit?.hash) == ["c0ffee", "decade"])
    #expect(third.manifest.takenOver?.map(\.computation?.kind) == ["brass", "wooden"])
  }

  @Test func whatWouldBeComputedOtherwiseIsLeftWithTheReason() throws {
    let published = try publish(try trial.run(in: "theirs").folder)
    func reason(_ overrides: [String] = [], in runs: String, commit: String = "decade", losses: String = "as ever")
      throws
      -> String
    {
      let run = try trial.run(overrides, in: runs, collecting: [published], commit: commit, losses: losses)
      #expect(trial.times(0, in: runs) == 1 && run.manifest.takenOver == nil)
      let lead = "seeds 0, 1 of \(published.path) are not taken over: "
      #expect(run.remarks.count == 1 && run.remarks[0].hasPrefix(lead))
      return String(run.remarks[0].dropFirst(lead.count))
    }
    #expect(try reason(["threads=2"], in: "threads") == "it has 1 thread, not 2")
    #expect(try reason(["training.epochs=3"], in: "settings") == "training.epochs is 3 here, not 2")
    #expect(
      try reason(in: "code", losses: "mended") == "the losses of its first steps are computed otherwise")
    try trial.recipes.write("bees", to: "data")
    #expect(try reason(in: "data").hasPrefix("it is of other data"))
  }

  @Test func anUnfinishedRunTakesWhatItHasNotBegun() throws {
    let published = try publish(try trial.run(["seeds=[0, 1, 2]"], in: "theirs").folder)
    let begun = try trial.run(["seeds=[0, 1, 2, 3]"], in: "ours")
    // As a process leaves it that was killed before seeds 1 and 2.
    try FileManager.default.removeItem(at: begun.folder.results)
    for seed in 1...2 {
      for name in try FileManager.default.contentsOfDirectory(atPath: begun.folder.seed(seed).path) {
        try FileManager.default.removeItem(at: begun.folder.seed(seed).appendingPathComponent(name))
      }
    }
    try Data("half".utf8).write(to: begun.folder.metrics(ofSeed: 2))
    let run = try trial.run(["seeds=[0, 1, 2, 3]"], in: "ours", collecting: [published])
    #expect(run.folder == begun.folder && run.values == [0.9, 0.91, 0.92, 0.93])
    #expect((0...3).map { trial.times($0, in: "ours") } == [1, 1, 2, 1])
    #expect(
      run.remarks == [
        "seed 1 is taken over from \(published.path)",
        "seed 2 of \(published.path) is not taken over: it has begun here",
      ])
  }

  @Test func aPlaceWithoutTheRecipeIsToldInALine() throws {
    let published = try publish(try trial.run(in: "theirs").folder)
    try FileManager.default.createDirectory(at: trial.url("empty"), withIntermediateDirectories: true)
    for (place, what) in [
      (trial.url("empty"), "there is no run of sample/small"), (trial.url("nowhere"), "there is no such folder"),
    ] {
      let error = #expect(throws: UserError.self) { try trial.run(in: "ours", collecting: [place]) }
      #expect(error?.what == what && error?.place == place.path)
    }
    try Data("{".utf8).write(to: RunFolder(published).results)
    #expect(throws: UserError.self) { try trial.run(in: "ours", collecting: [published]) }
    #expect(trial.times(0, in: "ours") == 0)
  }
}
