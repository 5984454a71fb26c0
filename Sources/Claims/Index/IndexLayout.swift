import Diagnostics
import StrictYAML

/// How the index of results shows a paper's: the section `index` of its claims file.
///
///     index:
///       note: The paper's tables could not be read.       # optional, stands over the table
///       recipes: [digits, emoji]                          # optional, come first in this order
///       columns:
///         - title: complete
///           value: [{ evaluator: accuracy, subject: image+sound, metric: digit }, …]
///         - title: single modalities
///           values: [{ evaluator: accuracy, subject: [image, sound], metric: digit }, …]
///
/// A column shows the first of its patterns whose scores a recipe's results all have: `value` one value, the mean of
/// several, `values` each with its subject.
public struct IndexLayout: Equatable, Sendable {
  /// One column.
  public struct Column: Equatable, Sendable {
    /// The head of the column.
    public let title: String
    /// The names of scores to look for, the first first; they have no results.
    let patterns: [ScoreTerm]
    /// Whether scores are shown one by one.
    let isList: Bool
  }

  /// What is said over the table.
  public let note: String?
  /// The folders that come first.
  public let recipes: [String]
  /// The columns.
  public let columns: [Column]

  init(_ value: LocatedValue, source: String) throws(UserError) {
    let section = try StrictSection(value, path: "index", keys: ["note", "recipes", "columns"], source: source)
    note = try section.text("note")
    recipes = try section.texts("recipes").map(\.text)
    guard let member = section["columns"], case .list(let values) = member.value.content else {
      throw section.refused("columns", "must be a list of columns", mend: "begin each with `- title:`")
    }
    var columns: [Column] = []
    for (index, value) in values.enumerated() {
      let column = try StrictSection(
        value, path: "index.columns[\(index)]", keys: ["title", "value", "values"], source: source)
      guard let title = try column.text("title") else { throw column.refused("title", "is missing", mend: "write it") }
      let isList = column["values"] != nil
      let key = isList ? "values" : "value"
      guard !(isList && column["value"] != nil), let member = column[key] else {
        throw column.refused(key, "must be there, `value` or `values`", mend: "keep one of them")
      }
      let alternatives = if case .list(let list) = member.value.content { list } else { [member.value] }
      let nothing = ScorePattern(ScoreName(results: "", evaluator: "", subject: "", metric: ""))
      var patterns: [ScoreTerm] = []
      for alternative in alternatives {
        let path = column.path(of: key)
        // What an index shows is of each recipe in turn, so only the results may be left out.
        let named = try StrictSection(
          alternative, path: path, keys: ["evaluator", "subject", "metric"], source: source)
        for part in ["evaluator", "subject", "metric"] where named[part] == nil {
          throw UserError(
            .data, "`\(path)` has no `\(part)`", at: named.place(of: named.place), mend: "name the \(part)")
        }
        let pattern = try ScorePattern(alternative, path: path, base: nothing, paper: "", source: source)
        patterns.append(ScoreTerm([pattern]))
      }
      columns.append(Column(title: title, patterns: patterns, isList: isList))
    }
    self.columns = columns
  }
}
