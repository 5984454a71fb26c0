import Foundation

extension JSONValue {
  /// The value as JSON on one line, keys in their own order.
  public var json: String {
    var text = ""
    write(to: &text, sorted: false)
    return text
  }

  /// The value as JSON on one line, keys in the order of their bytes: equal values have equal text.
  public var canonicalJSON: String {
    var text = ""
    write(to: &text, sorted: true)
    return text
  }

  private func write(to text: inout String, sorted: Bool) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += "\(value)"
    case .number(let value): text += value.isFinite ? "\(value)" : "null"
    case .text(let value): text += Self.quoted(value)
    case .list(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += "," }
        value.write(to: &text, sorted: sorted)
      }
      text += "]"
    case .object(let members):
      let members = sorted ? members.sorted { Array($0.key.utf8).lexicographicallyPrecedes($1.key.utf8) } : members
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        text += Self.quoted(member.key) + ":"
        member.value.write(to: &text, sorted: sorted)
      }
      text += "}"
    }
  }

  /// Text as a JSON string, which is also a double-quoted YAML scalar.
  package static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      case _ where mustBeEscaped(scalar):
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  /// Whether a character may not stand as it is in JSON or in YAML, or breaks a line there.
  private static func mustBeEscaped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff: true
    default: false
    }
  }

  /// The value as YAML on one line: `[1, 2]`, `{a: 1}`, text quoted only where it must be.
  public var yaml: String {
    switch self {
    case .text(let value): Self.isPlain(value) ? value : Self.quoted(value)
    case .list(let values): "[" + values.map(\.yaml).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { "\(JSONValue.text($0.key).yaml): \($0.value.yaml)" }.joined(separator: ", ") + "}"
    case .number(let value) where !value.isFinite: value.isNaN ? ".nan" : value < 0 ? "-.inf" : ".inf"
    default: json
    }
  }

  /// Whether text may stand in YAML without quotes, inside a list or section too, and is read back as the same text.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
    let special = Set<Unicode.Scalar>("-?:,[]{}#&*!|>'\"%@`=".unicodeScalars)
    guard !special.contains(first), first != " ", last != " " else { return false }
    let risky = Set<Unicode.Scalar>("[]{},:#\"'\\".unicodeScalars)
    guard !text.unicodeScalars.contains(where: { risky.contains($0) || mustBeEscaped($0) }) else {
      return false
    }
    return JSONValue(yamlScalar: text) == .text(text)
  }

  /// Reads a plain YAML scalar by the core schema of YAML 1.2, where `no` and `on` are text.
  package init(yamlScalar text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .boolean(true)
    case "false", "False", "FALSE": self = .boolean(false)
    case ".inf", "+.inf", ".Inf", "+.Inf": self = .number(.infinity)
    case "-.inf", "-.Inf": self = .number(-.infinity)
    case ".nan", ".NaN", ".NAN": self = .number(.nan)
    default:
      let allowed = Set<Unicode.Scalar>("0123456789+-.eE".unicodeScalars)
      let isNumeric = text.unicodeScalars.allSatisfy(allowed.contains) && text.contains(where: \.isNumber)
      if isNumeric, let value = Int(text) {
        self = .integer(value)
      } else if isNumeric, let value = Double(text) {
        self = .number(value)
      } else {
        self = .text(text)
      }
    }
  }
}
