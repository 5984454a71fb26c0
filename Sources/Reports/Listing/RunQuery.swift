import Diagnostics
import Foundation
import Recipes
import Runs
import StrictYAML

/// A condition on runs: comparisons of settings, manifest fields and scores, joined by `and`, `or` and `not`.
///
///     method.name == clip and (training.batchSize >= 128 or not 'retrieval R@1' < 20)
public struct RunQuery: Equatable, Sendable {
  /// How a value is compared.
  enum Comparison: String, CaseIterable, Sendable {
    case equal = "=="
    case unequal = "!="
    case lessOrEqual = "<="
    case less = "<"
    case greaterOrEqual = ">="
    case greater = ">"
    case contains
  }

  /// A key at its place in the text.
  struct Key: Equatable, Sendable {
    let name: String
    /// The place of its first character, from 1.
    let column: Int
  }

  indirect enum Condition: Equatable, Sendable {
    case comparison(Key, Comparison, JSONValue)
    case and(Condition, Condition)
    case or(Condition, Condition)
    case not(Condition)
  }

  let condition: Condition

  /// Reads the text of a query.
  ///
  /// - Throws: a `UserError` of kind `usage` that names the column.
  public init(_ text: String) throws(UserError) {
    var parser = Parser(tokens: try Self.tokens(of: text), end: text.count + 1)
    condition = try parser.whole()
  }

  /// The keys in the order of the text.
  var keys: [Key] {
    func keys(of condition: Condition) -> [Key] {
      switch condition {
      case .comparison(let key, _, _): [key]
      case .and(let first, let second), .or(let first, let second): keys(of: first) + keys(of: second)
      case .not(let inner): keys(of: inner)
      }
    }
    return keys(of: condition)
  }

  static func fault(_ what: String, column: Int, mend: String? = nil) -> UserError {
    UserError(.usage, what, at: "query, column \(column)", mend: mend)
  }

  private enum Token: Equatable {
    case word(String)
    case quoted(String)
    case sign(String)

    var shown: String {
      switch self {
      case .word(let text), .sign(let text): "`\(text)`"
      case .quoted(let text): "\"\(text)\""
      }
    }
  }

  private static func isWordPart(_ character: Character) -> Bool {
    !character.isWhitespace && !"()[],'\"=!<>".contains(character)
  }

  private static func tokens(of text: String) throws(UserError) -> [(token: Token, column: Int)] {
    let characters = Array(text)
    var tokens: [(token: Token, column: Int)] = []
    var place = 0
    while place < characters.count {
      let (character, start) = (characters[place], place)
      place += 1
      if character.isWhitespace { continue }
      if character == "'" || character == "\"" {
        guard let end = characters[place...].firstIndex(of: character) else {
          throw fault("the text in quotes has no end", column: start + 1, mend: "close it with \(character)")
        }
        tokens.append((.quoted(String(characters[place..<end])), start + 1))
        place = end + 1
      } else if isWordPart(character) {
        while place < characters.count, isWordPart(characters[place]) { place += 1 }
        tokens.append((.word(String(characters[start..<place])), start + 1))
      } else {
        var sign = String(character)
        if "=!<>".contains(character), place < characters.count, characters[place] == "=" {
          sign += "="
          place += 1
        }
        guard sign != "=", sign != "!" else {
          throw fault(
            "`\(sign)` is no comparison", column: start + 1, mend: sign == "=" ? "write ==" : "write != or not")
        }
        tokens.append((.sign(sign), start + 1))
      }
    }
    return tokens
  }

  /// Recursive descent: `or` binds least, then `and`, then `not`.
  private struct Parser {
    /// Conditions inside each other, so that a text of many parentheses cannot use up the stack.
    static let deepest = 100

    let tokens: [(token: Token, column: Int)]
    let end: Int
    var place = 0
    var depth = 0

    init(tokens: [(token: Token, column: Int)], end: Int) {
      self.tokens = tokens
      self.end = end
    }

    private var next: Token? { place < tokens.count ? tokens[place].token : nil }
    private var column: Int { place < tokens.count ? tokens[place].column : end }

    private mutating func take(_ token: Token) -> Bool {
      guard next == token else { return false }
      place += 1
      return true
    }

    private func expected(_ what: String, mend: String? = nil) -> UserError {
      RunQuery.fault("here must stand \(what), not \(next?.shown ?? "the end")", column: column, mend: mend)
    }

    mutating func whole() throws(UserError) -> Condition {
      let condition = try either()
      guard next == nil else { throw expected("and, or, or the end") }
      return condition
    }

    private mutating func either() throws(UserError) -> Condition {
      var terms = [try both()]
      while take(.word("or")) { terms.append(try both()) }
      return Self.joined(terms[...], Condition.or)
    }

    private mutating func both() throws(UserError) -> Condition {
      var terms = [try single()]
      while take(.word("and")) { terms.append(try single()) }
      return Self.joined(terms[...], Condition.and)
    }

    /// A tree as low as can be, so that a long row of terms does not nest deeply.
    private static func joined(
      _ terms: ArraySlice<Condition>, _ join: (Condition, Condition) -> Condition
    ) -> Condition {
      guard terms.count > 1 else { return terms[terms.startIndex] }
      let middle = terms.startIndex + terms.count / 2
      return join(joined(terms[..<middle], join), joined(terms[middle...], join))
    }

    private mutating func single() throws(UserError) -> Condition {
      depth += 1
      defer { depth -= 1 }
      guard depth <= Self.deepest else {
        throw RunQuery.fault("more than \(Self.deepest) conditions stand inside each other", column: column)
      }
      if take(.word("not")) { return .not(try single()) }
      if take(.sign("(")) {
        let inner = try either()
        guard take(.sign(")")) else { throw expected("`)`") }
        return inner
      }
      return try comparison()
    }

    private mutating func comparison() throws(UserError) -> Condition {
      let key: Key
      switch next {
      case .word(let name)? where !["and", "or", "contains"].contains(name): key = Key(name: name, column: column)
      case .quoted(let name)?: key = Key(name: name, column: column)
      default: throw expected("a key, such as method.name or 'retrieval R@1'")
      }
      place += 1
      guard case .word(let text)? = next.map(Self.asWord), let comparison = Comparison(rawValue: text) else {
        throw expected(
          "a comparison", mend: "write one of \(Comparison.allCases.map(\.rawValue).joined(separator: " "))")
      }
      place += 1
      return .comparison(key, comparison, try literal())
    }

    private static func asWord(_ token: Token) -> Token {
      if case .sign(let text) = token { .word(text) } else { token }
    }

    private mutating func literal() throws(UserError) -> JSONValue {
      if take(.sign("[")) {
        var values: [JSONValue] = []
        if take(.sign("]")) { return .list(values) }
        repeat { values.append(try plain()) } while take(.sign(","))
        guard take(.sign("]")) else { throw expected("`,` or `]`") }
        return .list(values)
      }
      return try plain()
    }

    private mutating func plain() throws(UserError) -> JSONValue {
      switch next {
      case .quoted(let text)?:
        place += 1
        return .text(text)
      case .word(let text)? where !["and", "or", "not"].contains(text):
        place += 1
        return RunQuery.value(text)
      default: throw expected("a value", mend: "text of several words stands in quotes")
      }
    }
  }

  /// A bare word as the value that it means.
  static func value(_ text: String) -> JSONValue {
    switch text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    default: break
    }
    if let whole = Int(text) { return .integer(whole) }
    let isNumber = text.first.map { $0.isNumber || "+-.".contains($0) } ?? false
    if isNumber, let number = Double(text) { return .number(number) }
    return .text(text)
  }
}
