import Diagnostics
import StrictYAML

/// What is wrong with a value of the settings, from a decoder's error.
struct SettingsFault {
  /// The dotted path of the setting.
  let path: String
  /// What is wrong.
  let what: String

  /// Reads a decoder's error.
  init(_ error: DecodingError, in settings: JSONValue) {
    func dotted(_ path: [any CodingKey]) -> [String] {
      Array(path.prefix { $0.intValue == nil }.map(\.stringValue))
    }
    func shown(_ path: [String]) -> String {
      settings.value(at: path).map { $0.members.isEmpty ? "`\($0.yaml)`" : "a section" } ?? "nothing"
    }
    switch error {
    case .typeMismatch(let type, let context):
      let keys = dotted(context.codingPath)
      path = keys.joined(separator: ".")
      let subject = context.codingPath.count > keys.count ? "every item of `\(path)`" : "`\(path)`"
      what = "\(subject) must be \(Self.words(for: type)), not \(shown(keys))"
    case .valueNotFound(let type, let context):
      let keys = dotted(context.codingPath)
      path = keys.joined(separator: ".")
      what = "`\(path)` must be \(Self.words(for: type)), not null"
    case .keyNotFound(let key, let context):
      path = (dotted(context.codingPath) + [key.stringValue]).joined(separator: ".")
      what = "`\(path)` is missing"
    case .dataCorrupted(let context):
      var keys = dotted(context.codingPath)
      // The decoder does not say where a number stands that is too large for single precision.
      if keys.isEmpty, let huge = Self.hugeNumber(in: settings) { keys = huge }
      path = keys.joined(separator: ".")
      what = "`\(path)` cannot be \(shown(keys))"
    @unknown default:
      path = ""
      what = "\(error)"
    }
  }

  /// The error, with its place taken from where the value comes from.
  func error(origin: (String) -> RecipeOrigin) -> UserError {
    let origin = origin(path)
    return UserError(origin.errorKind, what, at: origin.place)
  }

  /// The path of the first number beyond single precision.
  private static func hugeNumber(in value: JSONValue) -> [String]? {
    if case .number(let number) = value, abs(number) > Double(Float.greatestFiniteMagnitude) { return [] }
    if case .list(let values) = value, values.contains(where: { hugeNumber(in: $0) != nil }) { return [] }
    for member in value.members {
      if let path = hugeNumber(in: member.value) { return [member.key] + path }
    }
    return nil
  }

  private static func words(for type: Any.Type) -> String {
    switch type {
    case is Bool.Type: "true or false"
    case is String.Type: "text"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    default: "\(type)".hasPrefix("Array") ? "a list" : "a section"
    }
  }
}
