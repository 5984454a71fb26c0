import Diagnostics
import Foundation
import Recipes
import Reports
import Runs
import SampleRuns
import Testing
import Training

/// The sentence that a report opens with.
@Suite struct FindingTests {
  static let plain = "title: A small run\nexperiment: sample\n"

  private static func expecting(_ value: Double, subject: String = "image") -> String {
    plain + """
      expected:
        - { evaluator: accuracy, subject: \(subject), metric: accuracy, value: \(value), tolerance: 1, source: "Table 1" }

      """
  }

  private typealias Place = (evaluator: String, subject: String, metric: String)

  /// A run whose seeds have one value each of every score.
  private func report(_ recipe: String, _ scores: [(Place, [Double])]) throws -> Report {
    let sample = try SampleRun(recipe: recipe)
    let count = scores.first?.1.count ?? 1
    let seeds = (0..<count).map { seed in
      SeedResult(
        scores: scores.map {
          Score(evaluator: $0.0.evaluator, subject: $0.0.subject, metric: $0.0.metric, value: $0.1[seed])
        }, wallSeconds: 1)
    }
    let list = (0..<count).map(String.init).joined(separator: ",")
    return try Report(of: sample.finished(overrides: ["seeds=[\(list)]"], results: seeds))
  }

  @Test(arguments: [
    (95.5, "is reached within its tolerance of ± 1.0"),
    (99.0, "is not reached: ours is 4.0 lower, the tolerance ± 1.0"),
    (91.0, "is not reached: ours is 4.0 higher, the tolerance ± 1.0"),
  ]) func anExpectedScoreComesFirst(value: Double, verdict: String) throws {
    let report = try report(
      Self.expecting(value),
      [(("retrieval", "a → b", "R@1"), [0.5, 0.5]), (("accuracy", "image", "accuracy"), [0.94, 0.96])])
    // t(0.975, 1) = 12.7062, s / √2 = 0.01
    #expect(
      report.finding
        == "Over 2 seeds, sample/small has accuracy of image 95.0 ± 12.7 % and retrieval R@1 of a → b 50.0 ± 0.0 %; "
        + "the published value \(value) \(verdict).")
  }

  @Test func anExpectedScoreThatWasNotMeasuredIsSaid() throws {
    let report = try report(Self.expecting(90, subject: "sound"), [(("accuracy", "image", "accuracy"), [0.5])])
    #expect(
      report.finding
        == "On one seed, which gives no interval, sample/small has accuracy of image 50.0 %; the published value 90.0 was "
        + "not measured.")
  }

  @Test func retrievalGoesBeforeRsumAndRsumBeforeAccuracy() throws {
    let accuracy: [(Place, [Double])] = [
      (("accuracy", "image", "group"), [0.1]), (("accuracy", "image+sound", "group"), [0.2]),
    ]
    let rsum: [(Place, [Double])] = [(("rsum", "a – b", "rsum"), [123.45])]
    let retrieval: [(Place, [Double])] = [
      (("retrieval", "a → b", "median rank"), [3]), (("retrieval", "a → b", "R@1"), [0.3]),
      (("retrieval", "b → a", "R@1"), [0.4]),
    ]
    let start = "On one seed, which gives no interval, sample/small has"
    #expect(
      try report(Self.plain, accuracy + rsum + retrieval).finding
        == "\(start) retrieval R@1 of a → b 30.0 % and accuracy of group from image+sound 20.0 %.")
    #expect(
      try report(Self.plain, accuracy + rsum).finding
        == "\(start) rsum of a – b \(Metric(named: "rsum").text(123.45)) and accuracy of group from image+sound 20.0 %."
    )
    let complete: [(Place, [Double])] = [(("accuracy", "complete", "group"), [0.7])]
    #expect(try report(Self.plain, accuracy + complete).finding == "\(start) accuracy of group from complete 70.0 %.")
  }

  @Test func allKindsOfQuestionsTogetherGoBeforeOneOfThem() throws {
    let scores: [(Place, [Double])] = [
      (("questions", "name", "exact match"), [0]), (("questions", "all kinds", "exact match"), [0.5]),
    ]
    #expect(
      try report(Self.plain, scores).finding
        == "On one seed, which gives no interval, sample/small has questions exact match of all kinds 50.0 %.")
  }

  @Test func theFirstScoreIsTakenWhereNothingElseIsThere() throws {
    let start = "On one seed, which gives no interval, sample/small"
    #expect(
      try report(Self.plain, [(("geometry", "a – b", "modality gap"), [0.25]), (("purity", "words", "group"), [0.5])])
        .finding == "\(start) has geometry modality gap of a – b 0.250 and purity of group from words 50.0 %.")
    #expect(try report(Self.plain, []).finding == "\(start) measured no score.")
    #expect(
      try report(Self.plain, [(("purity", "words", "group"), [.nan])]).finding
        == "\(start) has purity of group from words not a number.")
  }

  @Test func severalRunsHaveALeader() throws {
    let sample = try SampleRun()
    let seeds = "seeds=[0,1,2]"
    func run(_ shifts: [Double], _ epochs: Int) throws -> RunRecord {
      try RunRecord(
        of: sample.finished(
          overrides: [shifts.count == 3 ? seeds : "seeds=[0]", "training.epochs=\(epochs)"],
          results: shifts.map(SampleRun.seed), start: Double(epochs)))
    }
    let (low, high) = (try run([0, 0.01, -0.01], 1), try run([0.02, 0.031, 0.011], 2))
    let labels = ["A \(low.result.hash)", "B \(high.result.hash)"]
    #expect(
      Report([low, high]).finding
        == "In retrieval R@1 of image → sound, \(labels[1]) (52.1 ± 2.5 %) leads \(labels[0]) (50.0 ± 2.5 %) by 2.1 "
        + "points; their 95 % intervals overlap, but that of the difference leaves zero out.")
    #expect(Report([high, low]).finding.contains("A \(high.result.hash) (52.1 ± 2.5 %) leads"))
    let single = Report([try run([0], 3), try run([-0.5], 4)]).finding
    #expect(single.hasSuffix("by 50.0 points, without intervals to tell them apart."))
    let equal = Report([low, try run([0, 0.01, -0.01], 5)]).finding
    #expect(equal.contains(" and B ") && equal.hasSuffix(" share the lead with 50.0 ± 2.5 %."))
  }

  private static func lead(_ values: [(String, Double, Double?)], higherIsBetter: Bool? = true) -> Lead {
    Lead(
      values.map { name, value, half in
        Lead.Contender(name: name, value: value, interval: half.map { value - $0...value + $0 }, text: "\(value)")
      }, higherIsBetter: higherIsBetter, unit: "points", format: { String(format: "%.1f", $0) })
  }

  @Test func aLeadSaysNoMoreThanTheIntervalsDo() {
    #expect(
      Self.lead([("a", 1, 0.5), ("b", 3, 1)]).text.hasSuffix("by 2.0 points, and their 95 % intervals do not overlap"))
    #expect(Self.lead([("a", 1, 1), ("b", 3, 1)]).text.hasSuffix("but their 95 % intervals overlap"))
    #expect(Self.lead([("a", 1, 0), ("b", 3, 1)]).text.hasSuffix("though an interval of no width tells nothing apart"))
    #expect(Self.lead([("a", 1, nil), ("b", 3, 1)]).text.hasSuffix("without intervals to tell them apart"))
    // The order is of the values, not of the places.
    #expect(Self.lead([("a", 1, 1), ("b", 3, 1), ("c", 2, 1)]).text.hasPrefix("b (3.0) leads c (2.0) by 1.0 points"))
  }

  @Test func intervalsThatOverlapAreNotAllThatThereIs() {
    func text(_ half: Double, tellsApart: Bool, caution: String = "") -> String {
      let contenders = [("a", 1.0), ("b", 3.0)].map { name, value in
        Lead.Contender(name: name, value: value, interval: value - half...value + half, text: "")
      }
      return Lead(
        contenders, higherIsBetter: true, unit: "", caution: caution,
        tellsApart: { ($0, $1) == ("b", "a") && tellsApart }, format: { "\($0)" }
      ).text
    }
    #expect(
      text(2, tellsApart: true)
        .hasSuffix("by 2.0; their 95 % intervals overlap, but that of the difference leaves zero out"))
    #expect(text(2, tellsApart: false).hasSuffix("by 2.0, but their 95 % intervals overlap"))
    #expect(text(0.5, tellsApart: true).hasSuffix("by 2.0, and their 95 % intervals do not overlap"))
    // Intervals that are not of 95 % are not called so.
    #expect(text(2, tellsApart: false, caution: ", so what").hasSuffix("by 2.0, but their intervals overlap"))
    #expect(text(0.5, tellsApart: false, caution: ", so what").hasSuffix("and their intervals do not overlap, so what"))
  }

  @Test func fewerMayBeBetterAndNeitherMay() {
    let values = [("a", 5.0, 0.1 as Double?), ("b", 3.0, 0.1)]
    #expect(Self.lead(values, higherIsBetter: false).leader == "b")
    #expect(Self.lead(values, higherIsBetter: false).text.hasPrefix("b (3.0) leads a (5.0) by 2.0 points, and"))
    #expect(Self.lead(values, higherIsBetter: nil).leader == nil)
    #expect(
      Self.lead(values, higherIsBetter: nil).text == "values go from 3.0 (b) to 5.0 (a), and neither end is better")
  }

  @Test func tiesAndGapsAreTold() {
    #expect(Self.lead([("a", 3.01, 1), ("b", 3.04, 1), ("c", 1, 1)]).text == "b and a share the lead with 3.04")
    let many = (0..<5).map { ("r\($0)", 2.0, 1.0 as Double?) }
    #expect(Self.lead(many).text == "5 of 5 share the lead with 2.0")
    #expect(Self.lead([("a", 2, 1), ("b", .nan, nil)]).text == "only a has a value, 2.0")
    #expect(Self.lead([("b", .nan, nil)]).text == "there is no value yet")
  }
}
