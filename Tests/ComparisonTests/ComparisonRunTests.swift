import Comparison
import Diagnostics
import Evaluation
import Foundation
import Recipes
import Reports
import Runs
import StrictYAML
import Testing

struct ComparisonRunTests {
  let sample: SampleSuite

  init() throws { sample = try SampleSuite() }

  @Test func searchesChooseAndSeedsReport() throws {
    let (folder, failures, said) = try sample.run(try sample.plan())
    #expect(failures.isEmpty)
    // Three searches on the validation side, four rows of three seeds on the test side, one thread each.
    #expect(
      sample.computed.filter { $0.hasSuffix(" validation 1") }.sorted()
        == ["2 0", "3 0", "4 0"].map { "\($0) validation 1" })
    #expect(sample.computed.filter { $0.hasSuffix(" test 1") }.count == 12)
    #expect(said.contains("search: 3 cells\n"))
    #expect(said.contains("Searched: method.temperature=0.4 is the best on the validation side\n"))
    #expect(said.contains("\n[12/12] "))
    let result = try ComparisonReport(of: folder).result
    #expect(result.rows.map(\.chosen) == [[], [], ["method.temperature=0.4"], []])
    #expect(result.rows[2].candidates.map(\.isChosen) == [false, true, false])
    #expect(result.searchCost.cells == 3 && result.searchCost.seconds == 9)
    let first = result.columns[0]
    #expect(
      first.entries.map { $0?.values } == [
        [0.1, 0.13, 0.16], [0.5, 0.51, 0.52], [0.4, 0.45, 0.43], [0.7, 0.7, 0.7],
      ])
    #expect(first.best == 3 && first.standsOut == 3 && first.reference == 3)
    let difference = try #require(first.entries[1]?.difference)
    #expect(abs(difference.difference.mean + 0.19) < 1e-12 && difference.isBeyondChance)
    #expect(difference.difference.method == .independent)
    // Only the first three have the second score.
    #expect(result.columns[1].entries[3] == nil && result.columns[1].best == 1)
    // Costs come from the cells' own files.
    #expect(result.columns.suffix(3).map { $0.entries[1]?.mean } == [5, 12, 2])
    #expect(result.rows.map(\.map)[3] == [result.columns[0].entries[3]?.mean, nil])
  }

  @Test func whatHasFinishedIsNeverRunAgain() throws {
    let plan = try sample.plan()
    let (folder, _, _) = try sample.run(plan)
    let before = sample.computed
    let (again, failures, said) = try sample.run(plan)
    #expect(again == folder && failures.isEmpty && sample.computed == before)
    #expect(said.contains("compare: 12 cells, 12 of them done before\n"))
    let (fresh, _, _) = try sample.run(plan, isFresh: true)
    #expect(fresh.url.lastPathComponent == folder.url.lastPathComponent + "-2")
    #expect(sample.computed.count == 2 * before.count)
    // What goes on from then on is the newest.
    #expect(try sample.open(plan).folder == fresh)
  }

  @Test func otherDataAreAnotherComparison() throws {
    try sample.write("data", "first")
    let plan = try sample.plan(profile: "quick")
    let (folder, _, _) = try sample.run(plan)
    let before = sample.computed
    #expect(try sample.run(plan).folder == folder && sample.computed == before)
    try sample.write("data", "second")
    #expect(try plan.text(sample.conditions, catalogue: sample.catalogue).contains("2 cells, 2 to do"))
    let (other, _, said) = try sample.run(plan)
    #expect(other.url.lastPathComponent == folder.url.lastPathComponent + "-2")
    #expect(
      said.contains(
        "another comparison, since \(folder.url.path) is of other data: the checksum of sample is another\n"))
    #expect(sample.computed.count == 2 * before.count)
    // Cells of other data are not taken over, and the first data have their own comparison again.
    #expect(!said.contains("taken over"))
    try sample.write("data", "first")
    #expect(try sample.run(plan).folder == folder)
    #expect(sample.computed.count == 2 * before.count)
  }

  @Test func aCellThatFailsLosesNoOther() throws {
    try sample.write("broken-5-1")
    try sample.write("broken-3-0")
    let plan = try sample.plan()
    let (folder, failures, said) = try sample.run(plan)
    #expect(failures.map(\.title) == ["Searched method.temperature=0.3", "High seed 1"])
    #expect(failures.allSatisfy { $0.error.exitCode == 74 && $0.error.description == "disk is full" })
    #expect(said.contains("High seed 1: failed: disk is full"))
    let report = try ComparisonReport(of: folder)
    #expect(report.result.rows[1].missing == [1])
    #expect(report.result.columns[0].entries[1]?.values == [0.5, nil, 0.52])
    #expect(report.result.columns[0].entries[1]?.difference?.difference.count == 2)
    #expect(try report.text(.markdown).contains("- High has no result of seed 1.\n"))
    let before = sample.computed.count
    try sample.remove("broken-5-1")
    try sample.remove("broken-3-0")
    #expect(try sample.run(plan).failures.isEmpty)
    #expect(sample.computed.count == before + 2)
    #expect(try ComparisonReport(of: folder).result.rows[1].missing.isEmpty)
  }

  @Test func whereTheFirstCellsFailAlikeTheOthersAreNotBegun() throws {
    for temperature in [1, 2, 3, 4, 5, 7] {
      for seed in 0..<3 { try sample.write("broken-\(temperature)-\(seed)") }
    }
    let (_, failures, said) = try sample.run(try sample.plan())
    // Three searches, and of nine cells three, with one that was at work beside them.
    #expect((6...7).contains(failures.count) && said.contains(" cells failed alike, so the other "))
    #expect(sample.computed.isEmpty)
  }

  @Test func anInterruptedComparisonGoesOn() throws {
    let plan = try sample.plan()
    var said = ""
    let display = ComparisonDisplay(isTerminal: false) { said += $0 }
    do {
      let comparison = try sample.open(plan)
      let error = #expect(throws: RunFailure.self) {
        // The user presses Ctrl-C when five cells have ended.
        try comparison.execute(display: display) { said.matches(of: /\n\[\d+\//).count >= 5 ? 1 : 0 }
      }
      #expect(error?.exitCode == 130)
      #expect(error?.description.contains("run the same command to go on") == true)
    }
    let before = sample.computed
    #expect(before.count >= 5 && before.count < 15)
    #expect(try sample.run(plan).failures.isEmpty)
    #expect(Set(sample.computed.prefix(before.count)) == Set(before))
    #expect(sample.computed.count <= 17)
  }

  @Test func anotherSeedLeavesTheOthersAsTheyAre() throws {
    let (folder, _, _) = try sample.run(try sample.plan(overrides: ["seeds=[0, 1]"]))
    let before = sample.computed
    let (longer, _, said) = try sample.run(try sample.plan())
    #expect(longer != folder && said.contains("8 finished cells are taken over from other comparisons\n"))
    #expect(said.contains("3 finished cells are taken over from other comparisons\n"))
    #expect(Set(sample.computed.dropFirst(before.count)) == ["1 2 test 1", "5 2 test 1", "4 2 test 1", "7 2 test 1"])
    let result = try ComparisonReport(of: longer).result
    #expect(result.rows.allSatisfy { $0.missing.isEmpty })
    // What was taken over is whole without what it was taken from.
    try FileManager.default.removeItem(at: folder.url)
    #expect(try ComparisonReport(of: longer).result.columns == result.columns)
  }

  @Test func foldsAreCellsAndTheirMeanIsASeedsValue() throws {
    let two = ["folds=3", "seeds=[0, 1]"]
    let plan = try sample.plan(overrides: two)
    #expect(plan.searches.count == 3 && plan.finals([0, 0, 1, 0]).count == 24)
    #expect(plan.finals([0, 0, 1, 0])[4].title == "Low seed 0 fold 1")
    let fold = plan.finals([0, 0, 1, 0])[8].cell.recipe.settings["data"]
    #expect(fold?["folds"] == .integer(3) && fold?["fold"] == .integer(2))
    try sample.write("broken-5-1-2")
    let (folder, failures, _) = try sample.run(plan)
    #expect(failures.map(\.title) == ["High seed 1 fold 2"])
    var report = try ComparisonReport(of: folder)
    // One fold alone says nothing of the whole data.
    #expect(report.result.rows[1].missing == [1] && report.result.rows[1].cells.count == 5)
    #expect(try report.text(.markdown).contains("- High has no result of every fold of seed 1.\n"))
    try sample.remove("broken-5-1-2")
    let before = sample.computed.count
    #expect(try sample.run(plan).failures.isEmpty)
    #expect(sample.computed.count == before + 1)
    report = try ComparisonReport(of: folder)
    let values = try #require(report.result.columns[0].entries[1]?.values)
    // 0.50f and 0.51f, f being 0, 1, 2.
    #expect(values.count == 2 && zip(values, [0.501, 0.511]).allSatisfy { abs(($0 ?? 0) - $1) < 1e-12 })
    #expect(report.result.folds == 3 && report.result.rows[1].cells.map(\.fold) == [0, 1, 2, 0, 1, 2])
    #expect(try report.text(.markdown).contains("3: every row is trained 3 times a seed"))
    // A third seed trains its own folds alone.
    let (_, _, said) = try sample.run(try sample.plan(overrides: ["folds=3"]))
    #expect(said.contains("24 finished cells are taken over from other comparisons\n"))
  }

  @Test func aSecondProcessIsRefused() throws {
    let plan = try sample.plan()
    let comparison = try sample.open(plan)
    let error = #expect(throws: UserError.self) { try sample.open(plan) }
    #expect(error?.what == "another process (\(getpid())) is at work on this comparison")
    withExtendedLifetime(comparison) {}
  }

  @Test func whatIsShownMayChangeWithoutComputing() throws {
    let (folder, _, _) = try sample.run(try sample.plan())
    let before = sample.computed
    let text = SampleSuite.text.replacing("title: gap", with: "title: distance").replacing(
      "ranks: [gap]", with: "ranks: []")
    let (other, _, _) = try sample.run(try sample.plan(text))
    #expect(other == folder && sample.computed == before)
    #expect(try ComparisonReport(of: folder).result.columns[2].column.title == "distance")
  }

  @Test func aDamagedPlanIsNamed() throws {
    let (folder, _, _) = try sample.run(try sample.plan(profile: "quick"))
    #expect(ComparisonFolder.isComparison(folder.url.path))
    let text = try String(contentsOf: folder.plan, encoding: .utf8)
    for (part, other) in [
      (text, "{"), ("\"threads\" : 1", "\"threads\" : 0"), ("\"family\" : \"sample-low\"", "\"family\" : \"../x\""),
      ("\"seed\" : 4", "\"seed\" : 5"), ("\"name\" : \"Low\"", "\"name\" : \"High\""),
    ] {
      let broken = text.replacing(part, with: other, maxReplacements: 1)
      #expect(broken != text)
      try Data(broken.utf8).write(to: folder.plan)
      let error = #expect(throws: UserError.self) { try ComparisonReport(of: folder) }
      #expect(error?.description == "\(folder.plan.path): the file is damaged; compare again with --fresh")
    }
  }

  @Test func onATerminalTheTableStandsAboveTheCells() throws {
    var written: [String] = []
    let display = ComparisonDisplay(isTerminal: true, columns: 40, lines: 8) { written.append($0) }
    display.begin("compare", total: 2, done: 0)
    display.start("Low seed 0", seed: 0)
    #expect(written.last == "Low seed 0 · getting ready\ncompare: 0 of 2 cells done")
    display.expect(75)
    display.start("High seed 0", seed: 0)
    display.end("Low seed 0", seconds: 61, failure: nil, table: ["Retrieval  first", "Low        10.0", "High"])
    #expect(written.contains("[1/2] Low seed 0: done in 1:01\n"))
    // The three lines before are taken away; no line is wider than the terminal, nor the whole higher.
    #expect(written.contains("\r\u{1b}[2A\u{1b}[J"))
    let last = try #require(written.last)
    #expect(last.hasPrefix("Retrieval  first\nLow        10.0\nHigh\nHigh seed 0 · getting ready\ncompare: 1 of 2 "))
    #expect(last.contains("cells done · about 1:1"))
    #expect(last.split(separator: "\n").allSatisfy { $0.count < 40 })
    display.end("High seed 0", seconds: nil, failure: "disk is full", table: [])
    #expect(written.last == "[2/2] High seed 0: failed: disk is full\n")
  }
}
