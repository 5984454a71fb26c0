import Comparison
import Diagnostics
import Foundation
import Recipes
import Runs
import Testing

/// Which cells a comparison of another commit takes as they are.
struct ValidCellTests {
  let sample: SampleSuite
  let program = SampleFingerprints()

  init() throws {
    sample = try SampleSuite()
    sample.fingerprints = program
  }

  @Test func aCellOfAnotherCommitThatComputesTheSameIsValid() throws {
    let plan = try sample.plan()
    let (folder, _, _) = try sample.run(plan)
    let before = sample.computed
    sample.commit = "decade00"
    let (again, _, said) = try sample.run(plan)
    #expect(again == folder && sample.computed == before && !said.contains("kept"))
    // Seeds share a fingerprint: four rows and three searches have one each, under either program.
    #expect(program.asked == 14)
    // What this program computes is kept beside the runs.
    _ = try sample.run(plan)
    #expect(program.asked == 14)
  }

  @Test func onlyWhatIsComputedOtherwiseIsTrainedAgain() throws {
    let plan = try sample.plan()
    let (folder, _, _) = try sample.run(plan)
    let before = sample.computed
    sample.commit = "decade00"
    program.losses["high"] = "mended"
    let text = try plan.text(sample.conditions, catalogue: sample.catalogue)
    #expect(text.contains("out of date: the losses of its first steps are computed otherwise"))
    #expect(text.contains("15 cells: 12 valid, 0 missing, 3 out of date\n"))
    let (other, _, said) = try sample.run(plan)
    #expect(other.url.lastPathComponent == folder.url.lastPathComponent + "-2")
    #expect(
      said.contains(
        "another comparison, since 3 of 15 cells of \(folder.url.path) are out of date, sample/high seed 0 among them: "
          + "the losses of its first steps are computed otherwise\n"))
    #expect(said.contains("9 finished cells are taken over from other comparisons\n"))
    #expect(Set(sample.computed.dropFirst(before.count)) == ["5 0 test 1", "5 1 test 1", "5 2 test 1"])
    // The first comparison is what the first program computes still.
    sample.commit = "c0ffee00"
    program.losses = [:]
    #expect(try sample.run(plan).folder == folder)
  }

  @Test func aRowAndASeedAreAddedByAnotherCommit() throws {
    let text = SampleSuite.text
    let short = text.replacing("  - { name: Alone, recipe: sample/alone }\n", with: "")
    #expect(short != text)
    _ = try sample.run(try sample.plan(short, overrides: ["seeds=[0, 1]"]))
    let before = sample.computed.count
    sample.commit = "decade00"
    let (folder, _, said) = try sample.run(try sample.plan(text))
    #expect(said.contains("3 finished cells are taken over") && said.contains("6 finished cells are taken over"))
    let added = sample.computed.dropFirst(before)
    #expect(Set(added) == ["1 2 test 1", "5 2 test 1", "4 2 test 1", "7 0 test 1", "7 1 test 1", "7 2 test 1"])
    #expect(try ComparisonReport(of: folder).result.rows.allSatisfy { $0.missing.isEmpty })
  }

  @Test func anotherKindOfProcessorIsComparedThroughACommonCommit() throws {
    let plan = try sample.plan(profile: "quick")
    let (folder, _, _) = try sample.run(plan)
    let before = sample.computed
    // The bits are others there; the same commit is the same code.
    sample.kind = "new"
    program.losses = ["low": "other bits", "high": "other bits"]
    #expect(try sample.run(plan).folder == folder)
    // Another commit cannot be compared, as long as nobody knows what the first computes here.
    sample.commit = "decade00"
    var (again, _, said) = try sample.run(plan)
    #expect(again == folder && sample.computed == before)
    #expect(
      said.contains(
        "2 finished cells are kept, but it was made on another kind of processor, so that its code cannot be compared; "
          + "--strict trains anew\n"))
    // A cell of the first commit on this processor is the witness.
    sample.commit = "c0ffee00"
    _ = try sample.run(try sample.plan(profile: "quick", overrides: ["seeds=[5]"]))
    sample.commit = "decade00"
    (again, _, said) = try sample.run(plan)
    #expect(again == folder && !said.contains("kept"))
    sample.commit = "facade00"
    program.losses["low"] = "mended"
    (again, _, said) = try sample.run(plan)
    #expect(again != folder && said.contains("since 1 of 2 cells of \(folder.url.path) are out of date"))
  }

  @Test func whatNobodyKnowsIsKeptUnlessAllMustBeSure() throws {
    sample.fingerprints = nil
    let plan = try sample.plan(profile: "quick")
    let (folder, _, _) = try sample.run(plan)
    let before = sample.computed
    sample.commit = "decade00"
    let (again, _, said) = try sample.run(plan)
    #expect(again == folder && sample.computed == before)
    #expect(said.contains("2 finished cells are kept, but it was made by another commit, without a fingerprint"))
    var strict = sample.conditions
    strict.isStrict = true
    let text = try plan.text(strict, catalogue: sample.catalogue)
    #expect(text.contains("2 cells: 0 valid, 0 missing, 2 out of date\n"))
  }
}
