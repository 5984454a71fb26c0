import Diagnostics
import Foundation
import Yams

/// A value read from YAML that knows the line and column it stands at.
package struct LocatedValue {
  /// Where something stands in its file.
  package struct Place: Equatable, Sendable {
    /// The line, from 1.
    package let line: Int
    /// The column, from 1.
    package let column: Int
  }

  /// A key with its value.
  package struct Member {
    package let key: String
    package let place: Place
    package let value: LocatedValue

    package init(key: String, place: Place, value: LocatedValue) {
      self.key = key
      self.place = place
      self.value = value
    }
  }

  /// What the value holds.
  package indirect enum Content {
    case scalar(JSONValue)
    case list([LocatedValue])
    case section([Member])
  }

  package let place: Place
  package let content: Content

  package init(place: Place, content: Content) {
    self.place = place
    self.content = content
  }

  /// Reads a YAML document.
  ///
  /// - Parameter source: the name of the file in errors.
  package static func parse(_ text: String, source: String) throws(UserError) -> LocatedValue {
    guard text.utf8.count <= 1 << 20 else {
      throw UserError(.data, "the file is larger than 1 MB", at: source, mend: "such a file is a short text")
    }
    try YAMLStructure.check(text, source: source)
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw Self.error(for: error, source: source)
    } catch {
      throw UserError(.data, "not YAML: \(error)", at: source)
    }
    guard let node else { return LocatedValue(place: Place(line: 1, column: 1), content: .scalar(.null)) }
    return try read(node, source: source)
  }

  /// Turns a YAML node into a value.
  private static func read(_ node: Node, source: String) throws(UserError) -> LocatedValue {
    let place = Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    func refused(_ what: String, mend: String?) -> UserError {
      UserError(.data, what, at: "\(source):\(place.line):\(place.column)", mend: mend)
    }
    switch node {
    case .scalar(let scalar):
      let isPlain = scalar.style == .plain || scalar.style == .any
      return LocatedValue(
        place: place, content: .scalar(isPlain ? JSONValue(yamlScalar: scalar.string) : .text(scalar.string)))
    case .sequence(let sequence):
      var values: [LocatedValue] = []
      for element in sequence {
        values.append(try read(element, source: source))
      }
      return LocatedValue(place: place, content: .list(values))
    case .mapping(let mapping):
      var members: [Member] = []
      for (key, value) in mapping {
        guard case .scalar(let scalar) = key else { throw refused("a key must be a word", mend: nil) }
        let mark = key.mark
        members.append(
          Member(
            key: scalar.string, place: Place(line: mark?.line ?? place.line, column: mark?.column ?? place.column),
            value: try read(value, source: source)))
      }
      return LocatedValue(place: place, content: .section(members))
    case .alias:
      throw refused("an alias, which such a file cannot have", mend: "write the value out")
    }
  }

  /// A parser's error on one line with its place.
  private static func error(for error: YamlError, source: String) -> UserError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      UserError(
        .data, "not YAML: \(problem)", at: "\(source):\(mark.line):\(mark.column)",
        mend: "look for a missing quote, bracket or space there or before")
    case .duplicatedKeysInMapping(let duplicates, let context):
      UserError(
        .data, "\(duplicates.map { "`\($0)`" }.joined(separator: ", ")) stands twice in one section",
        at: "\(source):\(context.mark.line):\(context.mark.column)", mend: "keep one")
    case .reader(let problem, _, _, _):
      UserError(.data, "not YAML: \(problem)", at: source, mend: "save it as UTF-8")
    default:
      UserError(.data, "not YAML: \(error)", at: source)
    }
  }

  /// The value without its places.
  package var plain: JSONValue {
    switch content {
    case .scalar(let value): value
    case .list(let values): .list(values.map(\.plain))
    case .section(let members): .object(members.map { JSONValue.Member($0.key, $0.value.plain) })
    }
  }
}
