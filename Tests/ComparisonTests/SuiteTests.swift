import Comparison
import Diagnostics
import Foundation
import StrictYAML
import Testing

struct SuiteTests {
  let sample: SampleSuite

  init() throws { sample = try SampleSuite() }

  @Test func aSuiteIsReadWithItsDefaults() throws {
    let suite = try sample.suite()
    #expect(suite.title == "Made-up methods" && suite.seeds == [0, 1, 2])
    #expect(suite.shared.map(\.override) == ["training.epochs=2"])
    #expect(suite.shared[0].place == "made.yaml:3:23")
    #expect(suite.rows.map(\.name) == ["Low", "High", "Searched", "Alone"])
    #expect(suite.rows[2].search.map(\.values) == [[.number(0.2), .number(0.4), .number(0.3)]])
    #expect(suite.search?.seed == 0 && suite.search?.score.better == .higher)
    // The metric says which direction is better, and whether columns can be put together.
    #expect(suite.columns.map(\.better) == [.higher, .higher, .lower])
    #expect(suite.columns.map(\.isTask) == [true, true, false])
    #expect(suite.figures.heatMap?.subjects == ["a", "b"] && suite.against == nil)
  }

  @Test func profilesAndOverridesGoOver() throws {
    let suite = try sample.suite(profile: "quick")
    #expect(suite.seeds == [4] && suite.rows.map(\.name) == ["Low", "High"] && suite.search == nil)
    #expect(suite.shared.map(\.override) == ["training.epochs=1"])
    let changed = try sample.suite(overrides: ["seeds=[7, 8]", "training.epochs=5", "method.name=x"])
    #expect(changed.seeds == [7, 8] && changed.folds == 1)
    #expect(try sample.suite(overrides: ["folds=5"]).folds == 5)
    let folded = SampleSuite.text.replacing("seeds: [4]", with: "seeds: [4], folds: 4")
    #expect(try sample.suite(folded, profile: "quick").folds == 4 && sample.suite(folded).folds == 1)
    for overrides in [["folds=0"], ["folds=x"], ["folds=5", "data.fold=1"]] {
      #expect(throws: UserError.self) { try sample.suite(overrides: overrides) }
    }
    #expect(changed.shared.map(\.override) == ["training.epochs=5", "method.name=x"])
  }

  @Test(arguments: [
    ("title: Made", "titel: Made", "made.yaml:1:1: unknown key `titel`; did you mean `title`?"),
    ("seeds: [0, 1, 2]", "seeds: [0, 0]", "made.yaml:2:8: `seeds` must be different whole numbers from 0, not `0`"),
    (
      "name: High", "name: Low", "made.yaml:6:13: `rows.name` `Low` stands there twice; give each row a name of its own"
    ),
    (
      "kind: hot, recipe: sample/high", "recipie: x",
      "made.yaml:6:19: unknown key `rows.recipie`; did you mean `rows.recipe`?"
    ),
    (
      "[0.2, 0.4, 0.3]", "0.2",
      "made.yaml:7:64: `method.temperature` must be a list of values to choose from; for example [0.05, 0.1]"
    ),
    (
      "  on: { evaluation.side: validation }\n", "",
      "made.yaml:10:3: `search.on` is missing; name the setting that evaluates on the validation side"
    ),
    (
      "title: other", "title: first",
      "made.yaml:15:14: `columns.title` `first` stands there twice; give each column a title of its own"
    ),
    ("subject: b, metric: \"R@1\", chance: 0 }", "metric: x }", "made.yaml:15:5: `columns.subject` is missing"),
    (
      "group: Geometry, ", "better: up, ",
      "made.yaml:16:27: `columns.better` cannot be `up`; choose one of higher, lower, neither"
    ),
    ("tradeOff: first", "tradeOff: frist", "made.yaml:20:13: there is no column `frist`; did you mean `first`?"),
    ("rows: [High, Low]", "rows: [Hihg]", "made.yaml:23:63: there is no row `Hihg`; did you mean `High`?"),
    (
      "title: Made-up methods", "against: Nobody",
      "made.yaml:1:10: `against` names no row; choose of Low, High, Searched, Alone"
    ),
  ]) func aFaultIsNamedWithItsPlace(text: String, other: String, message: String) throws {
    let broken = SampleSuite.text.replacing(text, with: other, maxReplacements: 1)
    #expect(broken != SampleSuite.text)
    let error = #expect(throws: UserError.self) { try sample.suite(broken) }
    #expect(error?.description == message)
    #expect(error?.kind == .data)
  }

  @Test func aProfileThatIsMissingIsAUsageError() throws {
    let error = #expect(throws: UserError.self) { try sample.suite(profile: "quik") }
    #expect(error?.kind == .usage && error?.description == "the suite has no profile `quik`; did you mean `quick`?")
  }

  @Test func aSearchNeedsToKnowHowToChoose() throws {
    let start = try #require(SampleSuite.text.range(of: "search:\n  on"))
    let end = try #require(SampleSuite.text.range(of: "columns:"))
    var text = SampleSuite.text
    text.removeSubrange(start.lowerBound..<end.lowerBound)
    let error = #expect(throws: UserError.self) { try sample.suite(text) }
    #expect(error?.what == "row `Searched` has `search`, but the suite does not say how to choose")
  }

  @Test(arguments: SuiteCatalogue.names) func builtInSuitesAreWhole(name: String) throws {
    let suite = try SuiteCatalogue.suite(name)
    #expect(!suite.columns.isEmpty && suite.seeds.count > 2)
    #expect(try SuiteCatalogue.suite(name, profile: "quick").rows.count > 1)
  }

  @Test func theNearestSuiteIsSuggested() throws {
    #expect(SuiteCatalogue.names.contains("emoji"))
    let error = #expect(throws: UserError.self) { try SuiteCatalogue.suite("emojis") }
    #expect(error?.description == "there is no suite `emojis`; did you mean `emoji`?")
    #expect(throws: UserError.self) { try SuiteCatalogue.suite("/nowhere/mine.yaml") }
  }
}
