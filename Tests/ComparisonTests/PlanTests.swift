import Comparison
import Diagnostics
import Recipes
import StrictYAML
import Testing

struct PlanTests {
  let sample: SampleSuite

  init() throws { sample = try SampleSuite() }

  @Test func candidatesAndSeedsAreCells() throws {
    let plan = try sample.plan()
    #expect(plan.searches.map(\.title) == [0.2, 0.4, 0.3].map { "Searched method.temperature=\($0)" })
    let search = try #require(plan.searches.first).cell.recipe
    // A search has its own side, seed and epochs.
    #expect(search.seeds == [0] && search.settings["evaluation"]?["side"] == .text("validation"))
    #expect(search.settings["training"]?["epochs"] == .integer(1))
    let finals = plan.finals([0, 0, 1, 0])
    #expect(
      finals.map(\.title)
        == (0..<3).flatMap { seed in ["Low", "High", "Searched", "Alone"].map { "\($0) seed \(seed)" } })
    #expect(finals.allSatisfy { $0.cell.recipe.settings["training"]?["epochs"] == .integer(2) })
    #expect(finals[2].cell.recipe.settings["method"]?["temperature"] == .number(0.4))
    #expect(plan.finals([0, nil, nil, nil]).count == 3)
    // A quick profile has no search, so its row is as its recipe has it.
    #expect(try sample.plan(profile: "quick").searches.isEmpty)
  }

  @Test func numbersOfCellsAreReadAndWritten() {
    #expect(CellNumbers.read("3") == [3] && CellNumbers.read("0,4,7-9") == [0, 4, 7, 8, 9])
    for text in ["", "1,", "a", "3-1", "-1", "1-2-3", "0-1000000"] { #expect(CellNumbers.read(text) == nil, "\(text)") }
    #expect(CellNumbers.text([0, 4, 7, 8, 9]) == "0,4,7-9" && CellNumbers.text([]).isEmpty)
  }

  @Test func everyRowHasTheSameNumberOfTrials() throws {
    let text = SampleSuite.text.replacing(
      "  on: { evaluation.side",
      with: "  trials: 4\n  shared: { method.size: [1, 2, 3, 4, 5] }\n  on: { evaluation.side")
    let plan = try sample.plan(text)
    #expect(plan.rows.allSatisfy { $0.candidates.count == 4 && $0.candidates.allSatisfy { $0.search != nil } })
    for row in plan.rows {
      #expect(Set(row.candidates.map(\.settings)).count == 4)
      #expect(row.candidates.allSatisfy { $0.settings.contains { $0.hasPrefix("method.size=") } })
    }
    // A row with a value of its own has both, from the same draws whatever the other rows are.
    let searched = plan.rows[2].candidates.map(\.settings)
    #expect(searched.allSatisfy { $0.count == 2 && $0[0].hasPrefix("method.temperature=") })
    let fewer = text.replacing("  - { name: Alone, recipe: sample/alone }\n", with: "")
    #expect(try sample.plan(fewer).rows[2].candidates.map(\.settings) == searched)
    let few = #expect(throws: UserError.self) { try sample.plan(text.replacing("trials: 4", with: "trials: 9")) }
    #expect(
      few?.description
        == "made.yaml:5:5: row `Low` has 5 choices for 9 trials; give it or `search.shared` more values, or lower "
        + "`search.trials`")
  }

  @Test func rowsWithTheSameRecipeShareTheirCells() throws {
    let text = SampleSuite.text.replacing("name: Alone, recipe: sample/alone", with: "name: Alone, recipe: sample/low")
    let plan = try sample.plan(text)
    #expect(plan.finals([0, 0, 1, 0]).count == 9)
  }

  @Test func theHashIsOfWhatIsComputed() throws {
    let plan = try sample.plan()
    #expect(plan.hash.count == 8)
    #expect(try sample.plan().hash == plan.hash)
    let renamed = SampleSuite.text.replacing("title: gap", with: "title: distance")
      .replacing("ranks: [gap]", with: "ranks: []")
    #expect(try sample.plan(renamed).hash == plan.hash)
    for changed in [["seeds=[0,1]"], ["training.epochs=3"]] {
      #expect(try sample.plan(overrides: changed).hash != plan.hash)
    }
    #expect(try sample.plan(profile: "quick").hash != plan.hash)
  }

  @Test func aSharedSettingThatARecipeSetsOtherwiseIsRefused() throws {
    let text = SampleSuite.text.replacing("recipe: sample/high", with: "recipe: sample/long")
    let error = #expect(throws: UserError.self) { try sample.plan(text) }
    #expect(
      error?.description
        == "made.yaml:3:23: `training.epochs` is shared as `2`, but row `High`'s recipe sets `9` (sample/long.yaml:3); take "
        + "it out of one of the two, or add `yields: [training.epochs]` to the row")
    // The other rows have it from the same line of a common parent, which is no row's own.
    let yielding = text.replacing("recipe: sample/long", with: "recipe: sample/long, yields: [training.epochs]")
    #expect(try sample.plan(yielding).rows.count == 4)
    // A recipe that sets the shared value itself is in no conflict.
    let same = text.replacing("epochs: 2 }", with: "epochs: 9 }")
    #expect(throws: UserError.self) { try sample.plan(same) }
    let two = same.replacing("- { name: Low", with: "- { name: Low, yields: [training.epochs]")
      .replacing("name: Searched", with: "name: Searched, yields: [training.epochs]")
      .replacing("name: Alone", with: "name: Alone, yields: [training.epochs]")
    #expect(try sample.plan(two).rows.count == 4)
  }

  @Test func anOverrideMayNotMakeRowsTheSame() throws {
    let text = SampleSuite.text.replacing("search: { method.temperature: [0.2, 0.4, 0.3] } ", with: "")
    let error = #expect(throws: UserError.self) {
      try sample.plan(text, overrides: ["method={name: high, temperature: 0.3}"])
    }
    #expect(error?.description.contains("would train the same; leave out what tells the rows apart") == true)
    #expect(try sample.plan(text, overrides: ["training.epochs=3"]).rows.count == 4)
  }

  @Test func aRowMayNotSetWhatIsShared() throws {
    let text = SampleSuite.text.replacing(
      "recipe: sample/high", with: "recipe: sample/high, settings: { training: { epochs: 4 } }")
    let error = #expect(throws: UserError.self) { try sample.plan(text) }
    #expect(
      error?.description
        == "made.yaml:6:75: row `High` sets `training.epochs`, which made.yaml:3:23 shares among all rows; take it out of "
        + "one of the two")
  }

  @Test func whatIsReportedIsNotWhatWasChosenOn() throws {
    let text = SampleSuite.text.replacing("evaluation.side: validation", with: "evaluation.side: test")
    let error = #expect(throws: UserError.self) { try sample.plan(text) }
    #expect(error?.what == "row `Searched` is reported on the side that its search chooses on")
    #expect(error?.place == "made.yaml:10:9")
  }

  @Test(arguments: [
    ("method.temperature: [", "method.temprature: [", "row `Searched`: unknown key `method.temprature`", 65),
    ("recipe: sample/high", "recipe: sample/hihg", "row `High`: there is no recipe `sample/hihg`", 65),
    (
      "training: { epochs: 2 }", "training: { epochs: two }",
      "row `Low`: `training.epochs` must be a whole number, not `two`", 65
    ),
  ]) func aRecipeThatDoesNotResolveIsNamedByItsRow(text: String, other: String, what: String, code: Int32) throws {
    let error = #expect(throws: UserError.self) {
      try sample.plan(SampleSuite.text.replacing(text, with: other))
    }
    #expect(error?.what == what && error?.kind.rawValue == code)
    #expect(error?.place?.hasPrefix("made.yaml:") == true)
  }

  @Test func aWrongOverrideIsAUsageError() throws {
    let error = #expect(throws: UserError.self) { try sample.plan(overrides: ["training.epoch=3"]) }
    #expect(error?.kind == .usage && error?.place == "`training.epoch=3`")
  }

  @Test func thePlanIsShownWithAnEstimate() throws {
    let plan = try sample.plan(profile: "quick")
    let before = try plan.text(sample.conditions, catalogue: sample.catalogue)
    #expect(before.hasSuffix("2 cells, 2 to do, 2 at a time: no finished run tells how long they take\n"))
    #expect(before.contains("\n  Low seed 4   sample/low "))
    _ = try sample.run(plan)
    let after = try plan.text(sample.conditions, catalogue: sample.catalogue)
    #expect(after.hasSuffix("2 cells, 0 to do, 2 at a time: nothing is left to do\n"))
    // Low takes 1 s an epoch and High 5 s: three seeds of two epochs are 36 s, by two jobs.
    let text = SampleSuite.text.replacing("seeds: [4], shared: { training.epochs: 1 }", with: "seeds: [0, 1, 2]")
    let longer = try sample.plan(text, profile: "quick")
    #expect(
      try longer.text(sample.conditions, catalogue: sample.catalogue).hasSuffix(
        "6 cells, 6 to do, 2 at a time: about 0:18 by the times of finished runs\n"))
  }
}
