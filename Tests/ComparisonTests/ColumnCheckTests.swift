import Comparison
import Diagnostics
import Runs
import Testing

/// Scores that a suite names and no row has are told before anything is trained.
struct ColumnCheckTests {
  private let sample: SampleSuite
  private static let names = [
    ("retrieval", "a", "R@1"), ("retrieval", "b", "R@1"), ("geometry", "a", "modality gap"),
  ].map { ScoreName(evaluator: $0.0, subject: $0.1, metric: $0.2) }

  init() throws {
    sample = try SampleSuite()
    sample.fingerprints = SampleFingerprints(names: Self.names)
  }

  @Test(arguments: [
    (
      "evaluator: geometry, subject: a, metric: modality gap }\nfigures",
      "evaluator: geometry, subject: a, metric: modality gab }\nfigures", "column `gap`"
    ),
    ("by: { evaluator: retrieval", "by: { evaluator: retrievel", "`search.by`"),
    ("subjects: [a, b]", "subjects: [a, bb]", "`figures.heatMap`"),
    (
      "sweep: { setting: method.temperature, evaluator: geometry",
      "sweep: { setting: method.temperature, evaluator: geometrie", "`figures.sweep`"
    ),
  ]) func aMistypedScoreIsRefusedBeforeAnythingIsTrained(right: String, wrong: String, place: String) throws {
    #expect(SampleSuite.text.contains(right))
    let plan = try sample.plan(SampleSuite.text.replacing(right, with: wrong))
    let error = #expect(throws: UserError.self) { try sample.run(plan) }
    #expect(error?.what.hasPrefix("\(place) is of a score that no row has") == true, "\(String(describing: error))")
    #expect(error?.place == "made.yaml" && error?.mend?.hasPrefix("did you mean `") == true)
    #expect(sample.computed.isEmpty)
  }

  @Test func whereNobodyKnowsTheScoresNothingIsRefused() throws {
    sample.fingerprints = SampleFingerprints()
    let wrong = SampleSuite.text.replacing("subjects: [a, b]", with: "subjects: [a, bb]")
    #expect(try sample.run(try sample.plan(wrong)).failures.isEmpty)
  }

  @Test func finishedCellsTellTheirScoresWithoutARehearsal() throws {
    sample.fingerprints = SampleFingerprints()
    let plan = try sample.plan()
    _ = try sample.run(plan)
    sample.fingerprints = SampleFingerprints(names: [])
    #expect(try sample.run(plan).failures.isEmpty)
  }
}
