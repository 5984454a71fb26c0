import Foundation
import Recipes
import Runs
import StrictYAML
import Training

extension RunQuery {
  /// Whether a run meets the condition.
  ///
  /// - Parameter value: the run's value of a key; `nil` where it has none, which counts as null.
  package func matches(_ value: (String) -> JSONValue?) -> Bool { Self.matches(condition, value) }

  private static func matches(_ condition: Condition, _ value: (String) -> JSONValue?) -> Bool {
    switch condition {
    case .and(let first, let second): matches(first, value) && matches(second, value)
    case .or(let first, let second): matches(first, value) || matches(second, value)
    case .not(let inner): !matches(inner, value)
    case .comparison(let key, let comparison, let literal): holds(value(key.name) ?? .null, comparison, literal)
    }
  }

  /// Whether a comparison holds; of a list it does where it holds of one of its values.
  private static func holds(_ value: JSONValue, _ comparison: Comparison, _ literal: JSONValue) -> Bool {
    switch comparison {
    case .equal: return areEqual(value, literal)
    case .unequal: return !areEqual(value, literal)
    case .contains:
      switch (value, literal) {
      case (.text(let text), .text(let part)): return text.localizedCaseInsensitiveContains(part)
      case (.list(let values), _): return values.contains { areEqual($0, literal) }
      // Digits are also a part of a text, such as a hash.
      case (.text(let text), .integer(let part)): return text.contains("\(part)")
      default: return false
      }
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      if case .list(let values) = value { return values.contains { holds($0, comparison, literal) } }
      guard let order = order(value, literal) else { return false }
      switch comparison {
      case .less: return order == .orderedAscending
      case .lessOrEqual: return order != .orderedDescending
      case .greater: return order == .orderedDescending
      default: return order != .orderedAscending
      }
    }
  }

  private static func areEqual(_ value: JSONValue, _ literal: JSONValue) -> Bool {
    switch (value, literal) {
    case (.list(let first), .list(let second)):
      return first.count == second.count && zip(first, second).allSatisfy { areEqual($0, $1) }
    case (.list(let values), _): return values.contains { areEqual($0, literal) }
    // A hash of digits alone, or a text such as "1.0", is written like a number.
    case (.text(let text), .integer), (.text(let text), .number): return RunQuery.value(text) == literal
    default: return value == literal || order(value, literal) == .orderedSame
    }
  }

  /// How two values of a kind stand to each other; `nil` where they have no order.
  static func order(_ first: JSONValue, _ second: JSONValue) -> ComparisonResult? {
    if let first = number(first), let second = number(second) {
      guard !first.isNaN, !second.isNaN else { return nil }
      return first < second ? .orderedAscending : first > second ? .orderedDescending : .orderedSame
    }
    guard case .text(let first) = first, case .text(let second) = second else { return nil }
    return first < second ? .orderedAscending : first > second ? .orderedDescending : .orderedSame
  }

  private static func number(_ value: JSONValue) -> Double? {
    switch value {
    case .integer(let whole): Double(whole)
    case .number(let number): number
    default: nil
    }
  }
}
