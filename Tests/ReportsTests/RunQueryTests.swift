import Diagnostics
import Recipes
import Reports
import Runs
import SampleRuns
import StrictYAML
import Testing
import Training

@Suite struct RunQueryTests {
  /// What the run of these tests has.
  private static func value(_ key: String) -> JSONValue? {
    switch key {
    case "method.name": .text("clip")
    case "training.batchSize": .integer(128)
    case "method.temperature": .number(0.07)
    case "data.limit": .null
    case "training.shuffle": .boolean(true)
    case "seeds": .list([.integer(0), .integer(1)])
    case "data.languages": .list([.text("en"), .text("ko")])
    case "commit": .text("1234567")
    case "retrieval R@1": .number(12.5)
    case "weird": .number(.nan)
    default: nil
    }
  }

  @Test(arguments: [
    ("method.name == clip", true), ("method.name == 'clip'", true), ("method.name != clip", false),
    ("method.name == CLIP", false), ("method.name contains LI", true), ("method.name contains x", false),
    ("training.batchSize >= 128", true), ("training.batchSize > 128", false), ("training.batchSize == 128.0", true),
    ("training.batchSize<=127", false), ("method.temperature < 0.1", true), ("method.temperature == 7e-2", true),
    ("training.shuffle == true", true), ("training.shuffle != false", true),
    ("'retrieval R@1' >= 12.5", true), ("\"retrieval R@1\" > 12.5", false),
    // What a run lacks is null: equal to it, unlike all else, and without order.
    ("missing == null", true), ("data.limit == null", true), ("missing != 3", true), ("missing < 3", false),
    ("missing >= 3", false), ("missing contains 3", false), ("method.name != null", true),
    // One value of a list has to fit.
    ("seeds == 1", true), ("seeds == 2", false), ("seeds != 2", true), ("seeds contains 0", true), ("seeds > 0", true),
    ("seeds > 1", false), ("seeds == [0, 1]", true), ("seeds == [1, 0]", false), ("seeds == []", false),
    ("data.languages contains ko", true), ("data.languages contains k", false),
    // Kinds without a common order.
    ("method.name > 3", false), ("training.batchSize == many", false), ("weird > 0", false), ("weird == 0", false),
    ("commit == 1234567", true), ("commit contains 345", true),
    // `and` binds more than `or`, `not` most.
    ("method.name == clip or method.name == x and seeds == 9", true),
    ("(method.name == clip or method.name == x) and seeds == 9", false),
    ("not method.name == x and seeds == 0", true), ("not (method.name == x or seeds == 0)", false),
    ("not not seeds == 0", true),
  ]) func aQueryHoldsOrNot(text: String, expected: Bool) throws {
    #expect(try RunQuery(text).matches(Self.value) == expected)
  }

  @Test(arguments: [
    ("", "query, column 1: here must stand a key, such as method.name or 'retrieval R@1', not the end"),
    ("a", "query, column 2: here must stand a comparison, not the end; write one of == != <= < >= > contains"),
    ("a = 3", "query, column 3: `=` is no comparison; write =="),
    ("a == ", "query, column 6: here must stand a value, not the end; text of several words stands in quotes"),
    ("a == 'x", "query, column 6: the text in quotes has no end; close it with '"),
    ("(a == 1", "query, column 8: here must stand `)`, not the end"),
    ("a == 1 b == 2", "query, column 8: here must stand and, or, or the end, not `b`"),
    ("a == 1 and", "query, column 11: here must stand a key, such as method.name or 'retrieval R@1', not the end"),
    ("a == [1", "query, column 8: here must stand `,` or `]`, not the end"),
    ("a ! 1", "query, column 3: `!` is no comparison; write != or not"),
    ("a == )", "query, column 6: here must stand a value, not `)`; text of several words stands in quotes"),
    ("가 == 1 나", "query, column 8: here must stand and, or, or the end, not `나`"),
  ]) func aFaultNamesItsColumn(text: String, message: String) {
    let error = #expect(throws: UserError.self) { try RunQuery(text) }
    #expect(error?.description == message && error?.kind == .usage)
  }

  @Test func deepTextsAreRefusedAndLongOnesAreNot() throws {
    let deep = String(repeating: "(", count: 100_000)
    let error = #expect(throws: UserError.self) { try RunQuery(deep) }
    #expect(error?.description.contains("more than 100 conditions stand inside each other") == true)
    let long = (0..<20_000).map { "seeds == \($0 + 1)" }.joined(separator: " or ")
    #expect(try RunQuery(long).matches(Self.value))
  }
}
