import Diagnostics
import StrictYAML
import Training

extension ClaimTest {
  private static let subjects = ["score", "every", "some", "all", "any"]
  private static let relations = ["greater", "less", "within", "atLeast", "atMost"]

  /// Reads a list of tests; nothing where there is no such key.
  static func list(_ key: String, of section: StrictSection, paper: String) throws(UserError) -> [ClaimTest] {
    guard let member = section[key] else { return [] }
    guard case .list(let values) = member.value.content, !values.isEmpty else {
      throw section.refused(key, "must be a list of tests", mend: "begin each with `- `")
    }
    var tests: [ClaimTest] = []
    for (index, value) in values.enumerated() {
      tests.append(
        try ClaimTest(value, path: "\(section.path(of: key))[\(index)]", paper: paper, source: section.source))
    }
    return tests
  }

  init(_ value: LocatedValue, path: String, paper: String, source: String) throws(UserError) {
    let section = try StrictSection(
      value, path: path, keys: ["name"] + Self.subjects + Self.relations + ["of", "by"], source: source)
    name = try section.text("name")
    let subject = try Self.only(Self.subjects, of: section)
    if subject == "all" || subject == "any" {
      for key in Self.relations + ["of", "by"] where section[key] != nil {
        throw section.refused(key, "does not go with `\(subject)`", mend: "write it into the tests inside")
      }
      let tests = try Self.list(subject, of: section, paper: paper)
      content = subject == "all" ? .all(tests) : .any(tests)
      return
    }
    guard let member = section[subject] else { throw section.refused(subject, "is missing") }
    let patterns = try ScorePattern.patterns(
      member.value, path: section.path(of: subject), paper: paper, source: source)
    guard subject != "score" else {
      content = .relation(try Self.relation(of: patterns, in: section, paper: paper))
      return
    }
    guard patterns.allSatisfy({ $0.choice == nil }) else {
      throw section.refused(
        subject, "takes scores one by one", mend: "remove `take`, or write `score` for `\(subject)`")
    }
    var tests: [ClaimTest] = []
    for name in patterns.flatMap(\.names) {
      tests.append(ClaimTest(.relation(try Self.relation(of: [ScorePattern(name)], in: section, paper: paper))))
    }
    content = subject == "every" ? .all(tests) : .any(tests)
  }

  /// The one of some keys that is there.
  private static func only(_ keys: [String], of section: StrictSection) throws(UserError) -> String {
    let found = keys.filter { section[$0] != nil }
    guard let first = found.first else {
      throw UserError(
        .data, "`\(section.path)` has none of \(keys.joined(separator: ", "))", at: section.place(of: section.place),
        mend: "write one of them")
    }
    guard found.count == 1 else {
      throw section.refused(found[1], "does not go with `\(first)`", mend: "keep one")
    }
    return first
  }

  /// Reads what a term is held against; what is not said of the other term is as in the only pattern.
  private static func relation(
    of patterns: [ScorePattern], in section: StrictSection, paper: String
  ) throws(UserError) -> ScoreRelation {
    let relation = try only(relations, of: section)
    let term = ScoreTerm(patterns)
    func refuse(_ key: String) throws(UserError) {
      guard section[key] == nil else {
        throw section.refused(key, "does not go with `\(relation)`", mend: "remove it")
      }
    }
    func reference(_ key: String) throws(UserError) -> ScoreRelation.Reference {
      guard let member = section[key] else { throw section.refused(key, "is missing") }
      switch member.value.plain {
      case .integer, .number: return .number(try number(key, -1e9..<1e9))
      default:
        let others = try ScorePattern.patterns(
          member.value, path: section.path(of: key), base: patterns.count == 1 ? patterns[0] : nil, paper: paper,
          source: section.source)
        return .term(ScoreTerm(others))
      }
    }
    func number(_ key: String, _ range: Range<Double>) throws(UserError) -> Double {
      guard let number = try section.number(key, range) else { throw section.refused(key, "is missing") }
      return number
    }
    let result: ScoreRelation
    switch relation {
    case "greater", "less":
      try refuse("of")
      let by = try section.number("by", 0..<1e9) ?? 0
      let other = try reference(relation)
      result = ScoreRelation(term, relation == "greater" ? .greater(other, by: by) : .less(other, by: by))
    case "within":
      try refuse("by")
      guard section["of"] != nil else {
        throw section.refused(relation, "says not of what", mend: "add `of:` with a number or a score")
      }
      result = ScoreRelation(term, .within(try number(relation, 0..<1e9), of: try reference("of")))
    default:
      try refuse("by")
      let isShare = section["of"] != nil
      let share = isShare ? try number(relation, 0..<1e3) : 1
      let other = isShare ? try reference("of") : .number(try number(relation, -1e9..<1e9))
      result = ScoreRelation(
        term, relation == "atLeast" ? .atLeast(share: share, of: other) : .atMost(share: share, of: other))
    }
    let units = Set(result.names.map { Metric(named: $0.metric).isFraction })
    guard units.count == 1 else {
      throw UserError(
        .data, "`\(section.path)` holds percent against another unit", at: section.place(of: section.place),
        mend: "compare metrics of one unit")
    }
    return result
  }
}
