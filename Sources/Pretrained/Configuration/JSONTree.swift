import Diagnostics
import Foundation

/// A published configuration, read whole.
indirect enum JSONTree: Codable, Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
  case list([JSONTree])
  case object([String: JSONTree])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let boolean = try? value.decode(Bool.self) {
      self = .boolean(boolean)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSONTree].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSONTree].self))
    }
  }

  /// A number in single precision by its shortest digits.
  static func shortest(_ value: Float) -> JSONTree { .number(Double("\(value)") ?? Double(value)) }

  /// Whether the value switches nothing on.
  var isOff: Bool { self == .null || self == .boolean(false) }
}

extension JSONTree {
  /// Writes the value.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .number(let value):
      if let whole = Int(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// The value as the text of a file, keys sorted.
  ///
  /// - Throws: `UserError` where a number is none that JSON has.
  func encoded(place: String) throws(UserError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      throw UserError(.data, "has a number that JSON does not have", at: place)
    }
    return data + Data("\n".utf8)
  }
}

/// A section of a published configuration.
struct ConfigurationSection {
  let members: [String: JSONTree]
  let place: String

  /// Reads a file.
  ///
  /// - Throws: `UserError` where it cannot be read or is no JSON object.
  init(file: URL) throws(UserError) {
    place = file.relativePath
    let data = try RegularFile.contents(of: file, limit: 1 << 24, place: place)
    guard let tree = try? JSONDecoder().decode(JSONTree.self, from: data), case .object(let members) = tree else {
      throw UserError(.data, "is no JSON object", at: place, mend: "fetch the file again")
    }
    self.members = members
  }

  private init(_ members: [String: JSONTree], place: String) { (self.members, self.place) = (members, place) }

  /// A section within; nil where there is none.
  func section(_ key: String) throws(UserError) -> ConfigurationSection? {
    switch members[key] {
    case nil, .null: return nil
    case .object(let inner): return ConfigurationSection(inner, place: "\(place), \(key)")
    default: throw fault(key, "a section")
    }
  }

  /// A whole number from 1 to `most`.
  func count(_ key: String, default standard: Int? = nil, atMost most: Int = 1 << 20) throws(UserError) -> Int {
    guard let value = members[key], value != .null else {
      guard let standard else { throw fault(key, "a whole number") }
      return standard
    }
    guard case .number(let number) = value, let count = Int(exactly: number), (1...most).contains(count) else {
      throw fault(key, "a whole number from 1 to \(most)")
    }
    return count
  }

  /// A positive number.
  func number(_ key: String, default standard: Double) throws(UserError) -> Double {
    guard let value = members[key], value != .null else { return standard }
    guard case .number(let number) = value, number > 0, number < 1e6 else { throw fault(key, "a positive number") }
    return number
  }

  /// A text.
  func text(_ key: String, default standard: String) throws(UserError) -> String {
    guard let value = members[key], value != .null else { return standard }
    guard case .text(let text) = value else { throw fault(key, "a text") }
    return text
  }

  /// Three numbers.
  func triple(_ key: String) throws(UserError) -> [Float]? {
    guard let value = members[key], value != .null else { return nil }
    guard case .list(let list) = value, list.count == 3 else { throw fault(key, "three numbers") }
    var numbers: [Float] = []
    for case .number(let number) in list where abs(number) < 1e6 { numbers.append(Float(number)) }
    guard numbers.count == 3 else { throw fault(key, "three numbers") }
    return numbers
  }

  /// The error of a key that holds something else.
  func fault(_ key: String, _ what: String) -> UserError {
    UserError(.data, "`\(key)` must be \(what)", at: place, mend: "take the configuration of the model itself")
  }
}
