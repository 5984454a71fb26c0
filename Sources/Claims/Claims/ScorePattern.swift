import Diagnostics
import StrictYAML

/// Scores as a claims file names them: each key one name or several, which makes all their combinations.
struct ScorePattern {
  static let keys = ["results", "evaluator", "subject", "metric", "take"]

  private(set) var results: [String]
  private(set) var evaluators: [String]
  private(set) var subjects: [String]
  private(set) var metrics: [String]
  private(set) var choice: ScoreTerm.Choice?

  /// Reads a pattern or a list of patterns.
  ///
  /// - Parameter base: where the keys are taken from that a single pattern does not have.
  static func patterns(
    _ value: LocatedValue, path: String, base: ScorePattern? = nil, paper: String, source: String
  ) throws(UserError) -> [ScorePattern] {
    guard case .list(let values) = value.content, !values.isEmpty else {
      return [try ScorePattern(value, path: path, base: base, paper: paper, source: source)]
    }
    var patterns: [ScorePattern] = []
    for (index, value) in values.enumerated() {
      patterns.append(try ScorePattern(value, path: "\(path)[\(index)]", paper: paper, source: source))
    }
    return patterns
  }

  /// The pattern of one score.
  init(_ name: ScoreName) {
    results = [name.results]
    evaluators = [name.evaluator]
    subjects = [name.subject]
    metrics = [name.metric]
  }

  /// Reads a pattern.
  ///
  /// - Parameters:
  ///   - base: where keys that are not there are taken from.
  ///   - paper: the folder under `Results` that results without a slash stand in.
  init(
    _ value: LocatedValue, path: String, base: ScorePattern? = nil, paper: String, source: String
  ) throws(UserError) {
    let section = try StrictSection(value, path: path, keys: Self.keys, source: source)
    func names(_ key: String, else inherited: [String]?) throws(UserError) -> [String] {
      let texts = try section.texts(key)
      if texts.isEmpty {
        guard section[key] == nil else { throw section.refused(key, "names nothing", mend: "name one or more") }
        if let inherited { return inherited }
        throw UserError(
          .data, "`\(path)` has no `\(key)`", at: section.place(of: section.place), mend: "name the \(key)")
      }
      if let twice = texts.indices.first(where: { index in texts[..<index].contains { $0.text == texts[index].text } })
      {
        throw UserError(.data, "`\(texts[twice].text)` stands there twice", at: texts[twice].place, mend: "keep one")
      }
      return texts.map(\.text)
    }
    results = try names("results", else: base?.results)
    for (name, place) in try section.texts("results") where !Self.isResultsName(name) {
      throw UserError(
        .data, "`\(name)` is no name of results", at: place,
        mend: "name a recipe's folder, such as digits, GMC/digits or Compare/emoji/clip")
    }
    results = results.map { $0.contains("/") ? $0 : "\(paper)/\($0)" }
    evaluators = try names("evaluator", else: base?.evaluators)
    subjects = try names("subject", else: base?.subjects)
    metrics = try names("metric", else: base?.metrics)
    choice = try section.choice("take", of: ScoreTerm.Choice.self) ?? base?.choice
  }

  private static func isResultsName(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return (1...3).contains(parts.count)
      && parts.allSatisfy { part in
        !part.isEmpty && !part.hasPrefix(".") && part.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) }
      }
  }

  /// All scores.
  var names: [ScoreName] {
    results.flatMap { results in
      evaluators.flatMap { evaluator in
        subjects.flatMap { subject in
          metrics.map { ScoreName(results: results, evaluator: evaluator, subject: subject, metric: $0) }
        }
      }
    }
  }
}

extension ScoreTerm {
  /// One value of the scores of some patterns, made as the first says.
  init(_ patterns: [ScorePattern]) {
    self.init(patterns.flatMap(\.names), choice: patterns[0].choice ?? .mean)
  }
}
