import Diagnostics
import StrictYAML
import Training

extension ClaimTest {
  private static let subjects = ["score", "every", "some", "all", "any"]
  private static let relations = ["greater", "less", "within", "atLeast", "atMost"]

  /// What a test takes from those around it.
  struct Surroundings {
    /// The paper of results without a slash.
    let paper: String
    /// The smallest difference that matters.
    var smallestDifference: Double?
    /// How runs are held against each other.
    var pairing: Pairing?

    /// The keys that change them.
    static let keys = ["smallestDifference", "pairing"]

    /// What is around the tests inside a section.
    func inside(_ section: StrictSection) throws(UserError) -> Surroundings {
      var own = self
      if let smallest = try section.number("smallestDifference", 0..<1e9) {
        guard smallest > 0 else {
          throw section.refused(
            "smallestDifference", "must be above 0", mend: "name the smallest difference that matters to a reader")
        }
        own.smallestDifference = smallest
      }
      own.pairing = try section.choice("pairing", of: Pairing.self) ?? pairing
      return own
    }
  }

  /// Reads a list of tests; nothing where there is no such key.
  static func list(
    _ key: String, of section: StrictSection, in surroundings: Surroundings
  ) throws(UserError) -> [ClaimTest] {
    guard let member = section[key] else { return [] }
    guard case .list(let values) = member.value.content, !values.isEmpty else {
      throw section.refused(key, "must be a list of tests", mend: "begin each with `- `")
    }
    var tests: [ClaimTest] = []
    for (index, value) in values.enumerated() {
      tests.append(
        try ClaimTest(
          value, path: "\(section.path(of: key))[\(index)]", in: surroundings, source: section.source))
    }
    return tests
  }

  init(
    _ value: LocatedValue, path: String, in surroundings: Surroundings, source: String
  ) throws(UserError) {
    let section = try StrictSection(
      value, path: path, keys: ["name"] + Self.subjects + Self.relations + ["of", "by"] + Surroundings.keys,
      source: source)
    let paper = surroundings.paper
    let inside = try surroundings.inside(section)
    name = try section.text("name")
    let subject = try Self.only(Self.subjects, of: section)
    if subject == "all" || subject == "any" {
      for key in Self.relations + ["of", "by"] where section[key] != nil {
        throw section.refused(key, "does not go with `\(subject)`", mend: "write it into the tests inside")
      }
      let tests = try Self.list(subject, of: section, in: inside)
      content = subject == "all" ? .all(tests) : .any(tests)
      return
    }
    guard let member = section[subject] else { throw section.refused(subject, "is missing") }
    let patterns = try ScorePattern.patterns(
      member.value, path: section.path(of: subject), paper: paper, source: source)
    guard subject != "score" else {
      content = .relation(try Self.relation(of: patterns, in: section, inside))
      return
    }
    guard patterns.allSatisfy({ $0.choice == nil }) else {
      throw section.refused(
        subject, "takes scores one by one", mend: "remove `take`, or write `score` for `\(subject)`")
    }
    var tests: [ClaimTest] = []
    for name in patterns.flatMap(\.names) {
      tests.append(ClaimTest(.relation(try Self.relation(of: [ScorePattern(name)], in: section, inside))))
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
    of patterns: [ScorePattern], in section: StrictSection, _ surroundings: Surroundings
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
          member.value, path: section.path(of: key), base: patterns.count == 1 ? patterns[0] : nil,
          paper: surroundings.paper, source: section.source)
        return .term(ScoreTerm(others))
      }
    }
    func number(_ key: String, _ range: Range<Double>) throws(UserError) -> Double {
      guard let number = try section.number(key, range) else { throw section.refused(key, "is missing") }
      return number
    }
    let kind: ScoreRelation.Kind
    var smallest = surroundings.smallestDifference
    switch relation {
    case "greater", "less":
      try refuse("of")
      let by = try section.number("by", 0..<1e9) ?? 0
      let other = try reference(relation)
      kind = relation == "greater" ? .greater(other, by: by) : .less(other, by: by)
    case "within":
      try refuse("by")
      guard section["of"] != nil else {
        throw section.refused(relation, "says not of what", mend: "add `of:` with a number or a score")
      }
      guard section["smallestDifference"] == nil else {
        throw section.refused(
          "smallestDifference", "does not go with `within`, whose tolerance it is", mend: "remove it")
      }
      let tolerance = try number(relation, 0..<1e9)
      guard tolerance > 0 else { throw section.refused(relation, "must be above 0") }
      smallest = tolerance
      kind = .within(tolerance, of: try reference("of"))
    default:
      try refuse("by")
      let isShare = section["of"] != nil
      let share = isShare ? try number(relation, 0..<1e3) : 1
      let other = isShare ? try reference("of") : .number(try number(relation, -1e9..<1e9))
      kind = relation == "atLeast" ? .atLeast(share: share, of: other) : .atMost(share: share, of: other)
    }
    guard let smallest else {
      throw UserError(
        .data, "`\(section.path)` says not which difference matters", at: section.place(of: section.place),
        mend: "add `smallestDifference:` to it or to its claim, in the metric's unit, percent for fractions")
    }
    let result = ScoreRelation(term, kind, smallestDifference: smallest, pairing: surroundings.pairing)
    let units = Set(result.names.map { Metric(named: $0.metric).isFraction })
    guard units.count == 1 else {
      throw UserError(
        .data, "`\(section.path)` holds percent against another unit", at: section.place(of: section.place),
        mend: "compare metrics of one unit")
    }
    return result
  }
}
