import Claims
import Testing

@Suite struct ResultsIndexTests {
  private let layout = """
    index:
      note: What was read.
      recipes: [second]
      columns:
        - title: complete
          value: [{ evaluator: accuracy, subject: x+y, metric: share }, { evaluator: accuracy, subject: [x, y], metric: share }]
        - title: single
          values: { evaluator: accuracy, subject: [x, y], metric: share }
    """

  private func index(expected: [[String: Any]] = []) throws -> String {
    let results = CommittedResults([
      try SampleResults.entry(
        "P/first", seeds: [0], expected: expected, [("x", "share", [0.5]), ("y", "share", [0.7])]),
      try SampleResults.entry("P/second", seeds: [0], [("x+y", "share", [0.9]), ("x", "share", [0.8])]),
      try SampleResults.entry("Q/other", seeds: [0], [("x", "share", [0.5])]),
    ])
    let tests = "{ every: { results: [third, first], evaluator: accuracy, subject: x, metric: share }, greater: 5 }"
    return ResultsIndex(results, files: [try SampleResults.file(tests, suffix: layout)]).text
  }

  @Test func eachPaperHasATable() throws {
    let text = try index()
    #expect(text.hasPrefix("# Results\n"))
    #expect(
      text.hasSuffix(
        """
        ## P

        What was read.

        | recipe | complete | single | parameters | seeds | commit |
        | --- | --- | --- | --: | --: | --- |
        | `p/second` | 90.0 | – | 1,234,567 | 1 | – |
        | `p/first` | 60.0 | x 50.0, y 70.0 | 1,234,567 | 1 | – |

        Claims wait for the results of `p/third`.

        ## Q

        | recipe | parameters | seeds | commit |
        | --- | --: | --: | --- |
        | `q/other` | 1,234,567 | 1 | – |

        """))
  }

  @Test func publishedValuesStandBesideOurs() throws {
    let text = try index(expected: [
      [
        "evaluator": "accuracy", "subject": "x", "metric": "share", "value": 51, "tolerance": 2, "source": "table 1",
      ],
      [
        "evaluator": "accuracy", "subject": "y", "metric": "share", "value": 80, "tolerance": 2, "source": "table 1",
      ],
      [
        "evaluator": "accuracy", "subject": "z", "metric": "share", "value": 1, "tolerance": 2, "source": "table 1",
      ],
    ])
    #expect(text.contains("| published, with ours |"))
    #expect(
      text.contains(
        "| x, share: 51.0 ± 2.0 (table 1), ours 50.0, met; y, share: 80.0 ± 2.0 (table 1), ours 70.0, not met; "
          + "z, share: 1.0 ± 2.0 (table 1), not measured |"))
  }
}
