import Claims
import Diagnostics
import StrictYAML
import Testing

@Suite struct DeviationTests {
  private func file(_ deviations: String) throws(UserError) -> ClaimsFile {
    let test = "{ score: \(SampleResults.a), atLeast: 1 }"
    return try ClaimsFile(
      """
      claims:
        - { id: first, statement: s, source: n, verdict: holds, smallestDifference: 1, tests: [\(test)] }
        - { id: second, statement: s, source: n, verdict: holds, smallestDifference: 1, tests: [\(test)] }
      deviations:
        - \(deviations)
      """, paper: "P", source: "f")
  }

  private let whole = "{ id: epochs, what: 8 epochs, why: minutes on a CPU, gravity: moderate, claims: [second] }"

  @Test func claimsKnowTheirDeviations() throws {
    let data = "{ id: data, what: other data, why: w, gravity: major, claims: all }"
    let small = "{ id: order, what: other order, why: w, gravity: minor, claims: [second] }"
    let nowhere = "{ id: unused, what: x, why: w, gravity: major, claims: [] }"
    let file = try file([whole, data, small, nowhere].joined(separator: "\n  - "))
    #expect(file.deviations.map(\.claims) == [["second"], ["first", "second"], ["second"], []])
    let verification = Verification([file], results: try SampleResults.pair([0.5, 0.6], [0.5, 0.6]))
    #expect(verification.findings.map { $0.deviations.map(\.identifier) } == [["data"], ["epochs", "data", "order"]])
    let text = verification.plain
    #expect(text.contains(" major: data\n") && text.contains(" major: data; moderate: epochs; 1 minor\n"), "\(text)")
    let list = verification.deviations.split(separator: "\n").map(String.init)
    #expect(list.count == 4 && list[1].hasPrefix("P data") && list[1].hasSuffix("other data. w."))
    #expect(list[2].contains("moderate") && list[2].hasSuffix("8 epochs. minutes on a CPU."))
    #expect(verification.json.json.contains("\"gravity\""))
  }

  @Test(arguments: [
    ("gravity: moderate", "gravity: grave", "`deviations[0].gravity` cannot be `grave`; choose one of minor, moderate"),
    (", gravity: moderate", "", "`deviations[0].gravity` is missing; write minor, moderate or major"),
    ("[second]", "[secnd]", "there is no claim `secnd`; did you mean `second`?"),
    (", claims: [second]", "", "`deviations[0].claims` is missing; list the claims that it touches, `all` or `[]`"),
    ("why: minutes on a CPU, ", "", "`deviations[0].why` is missing"),
    ("what:", "whta:", "did you mean `deviations[0].what`?"),
  ]) func aDeviationSaysAllOfIt(text: String, other: String, what: String) {
    let error = #expect(throws: UserError.self) { try file(whole.replacing(text, with: other)) }
    #expect(error?.description.contains(what) == true, "\(error?.description ?? "")")
    #expect(error?.description.hasPrefix("f:5:") == true)
  }

  @Test func eachHasItsOwnName() {
    let error = #expect(throws: UserError.self) { try file("\(whole)\n  - \(whole)") }
    #expect(error?.description.contains("`epochs` stands there twice") == true)
  }
}
