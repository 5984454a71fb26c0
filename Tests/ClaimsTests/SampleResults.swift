import Claims
import Evaluation
import Foundation
import Runs

/// Committed results made of hand-written values.
enum SampleResults {
  /// One score: subject and metric of the evaluator `accuracy`, and its values by seed.
  typealias Row = (subject: String, metric: String, values: [Double])

  /// The results of a recipe.
  static func entry(
    _ name: String, seeds: [Int] = [0, 1, 2], expected: [[String: Any]] = [], _ rows: [Row],
    recipe: String? = nil, seconds: Double = 1, items: [Int: ItemTable]? = nil, unit: String? = nil
  ) throws -> CommittedResults.Entry {
    // JSON has no other numbers than finite ones.
    func json(_ value: Double) -> Any { value.isFinite ? value : value.isNaN ? "NaN" : "∞" }
    let scores = rows.map { row -> [String: Any] in
      let summary = ScoreSummary(evaluator: "accuracy", subject: row.subject, metric: row.metric, values: row.values)
      var score: [String: Any] = [
        "evaluator": "accuracy", "subject": row.subject, "metric": row.metric, "values": row.values.map(json),
        "mean": json(summary.mean),
      ]
      score["halfWidth"] = summary.halfWidth.map(json)
      score["kind"] = unit.map { ["unit": $0, "better": "higher"] }
      return score
    }
    let content: [String: Any] = [
      "recipe": name.lowercased(), "title": "sample", "hash": "00000000", "seeds": seeds, "scores": scores,
      "expected": expected, "notes": [String](), "parameterCount": 1_234_567, "wallSeconds": seeds.map { _ in seconds },
      "datasetChecksums": [String: String](),
    ]
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "∞", negativeInfinity: "-∞", nan: "NaN")
    let result = try decoder.decode(RunResult.self, from: JSONSerialization.data(withJSONObject: content))
    return CommittedResults.Entry(
      name: name, folder: RunFolder(URL(fileURLWithPath: "/nowhere/\(name)", isDirectory: true)), result: result,
      recipe: try recipe.map { try RecordedRecipe(text: $0, source: name) }, items: items)
  }

  /// The results of two recipes A and B with one score each.
  static func pair(
    _ a: [Double], _ b: [Double], seeds: [Int]? = nil, metric: String = "share"
  ) throws -> CommittedResults {
    CommittedResults([
      try entry("P/a", seeds: Array(0..<a.count), [("image", metric, a)]),
      try entry("P/b", seeds: seeds ?? Array(0..<b.count), [("image", metric, b)]),
    ])
  }

  /// A claims file of the paper P whose first claim has the tests that are written here.
  static func file(
    _ tests: String, verdict: String = "undecided", rest: String = "", suffix: String = ""
  ) throws -> ClaimsFile {
    try ClaimsFile(
      """
      claims:
        - id: first
          statement: A is better
          source: a note
          verdict: \(verdict)
          smallestDifference: 0.1
          pairing: paired
          \(rest)
          tests: [\(tests)]
      \(suffix)
      """, paper: "P", source: "P.claims.yaml")
  }

  /// The outcome of a test against results.
  static func outcome(_ test: String, of results: CommittedResults) throws -> TestOutcome {
    results.outcome(of: try file(test).claims[0].tests[0])
  }

  static let a = "{ results: a, evaluator: accuracy, subject: image, metric: share }"
}
