/// A tree of plain values with the order of keys kept: what settings are while they are put together.
public indirect enum JSONValue: Equatable, Sendable {
  /// Nothing.
  case null
  /// True or false.
  case boolean(Bool)
  /// A whole number.
  case integer(Int)
  /// A number.
  case number(Double)
  /// Text.
  case text(String)
  /// A list.
  case list([JSONValue])
  /// Keys with values, in order.
  case object([Member])

  /// A key with its value.
  public struct Member: Equatable, Sendable {
    /// The key.
    public var key: String
    /// The value.
    public var value: JSONValue

    /// Creates a member.
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// An object of pairs.
  package static func object(_ pairs: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(pairs.map { Member($0.key, $0.value) })
  }

  /// The members of an object; empty for any other value.
  public var members: [Member] {
    if case .object(let members) = self { members } else { [] }
  }

  /// The value of a key of an object.
  public subscript(key: String) -> JSONValue? {
    get { members.first { $0.key == key }?.value }
    set {
      var members = members
      let index = members.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): members[index].value = value
      case (let index?, nil): members.remove(at: index)
      case (nil, let value?): members.append(Member(key, value))
      case (nil, nil): break
      }
      self = .object(members)
    }
  }

  /// The value at a path of keys.
  package func value(at path: some Collection<String>) -> JSONValue? {
    guard let first = path.first else { return self }
    return self[first]?.value(at: path.dropFirst())
  }

  /// The dotted paths of everything that is not an object with members.
  package func leafPaths(under prefix: String = "") -> [String] {
    guard !members.isEmpty else { return prefix.isEmpty ? [] : [prefix] }
    return members.flatMap { $0.value.leafPaths(under: prefix.isEmpty ? $0.key : "\(prefix).\($0.key)") }
  }

  /// What the value is, in words for an error.
  package var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "true or false"
    case .integer: "a whole number"
    case .number: "a number"
    case .text: "text"
    case .list: "a list"
    case .object: "a section"
    }
  }
}
