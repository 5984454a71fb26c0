import Foundation
import StrictYAML
import Synchronization

/// Settings as a tree of values, with what the tree alone does not tell: choices and free-key maps.
///
/// A setting of an optional type that is `nil` stands as null, so that its key is known.
struct SettingsTree: Sendable {
  /// The values, keys in the order of declaration.
  let root: JSONValue
  /// The allowed values of each enumerated setting, by dotted path.
  let choices: [String: [String]]
  /// The dotted paths of dictionaries, whose keys are free.
  let freeKeyed: Set<String>

  /// Encodes settings.
  init(_ settings: some Encodable) throws {
    let node = SettingsNode()
    let remarks = SettingsRemarks()
    try SettingsEncoder(node: node, remarks: remarks, codingPath: []).write(settings)
    root = node.value
    choices = remarks.choices
    freeKeyed = remarks.freeKeyed
  }
}

/// The experiments' own values, encoded once for each type of settings.
final class SettingsDefaults: Sendable {
  private let known = Mutex<[ObjectIdentifier: SettingsTree]>([:])

  /// The own values of an experiment's settings.
  func tree<E: RecipeFamily>(of experiment: E) -> SettingsTree {
    known.withLock { known in
      let type = ObjectIdentifier(E.Settings.self)
      if let tree = known[type] { return tree }
      do {
        let tree = try SettingsTree(E.Settings())
        known[type] = tree
        return tree
      } catch {
        preconditionFailure("the default settings of \(experiment.name) cannot be encoded: \(error)")
      }
    }
  }
}

/// What an encoding of settings finds out beside the values.
private final class SettingsRemarks {
  var choices: [String: [String]] = [:]
  var freeKeyed: Set<String> = []

  /// Remembers the choices of an enumeration of strings.
  func note(_ type: Any.Type, at path: String) {
    guard let type = type as? any CaseIterable.Type else { return }
    func names<Choice: CaseIterable>(_ type: Choice.Type) -> [String] {
      type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    }
    let all = names(type)
    if !all.isEmpty { choices[path] = all }
  }
}

/// A place of the tree that the containers of an encoder fill.
private final class SettingsNode {
  enum Content {
    case scalar(JSONValue)
    case list([SettingsNode])
    case object([(key: String, node: SettingsNode)])
  }

  var content = Content.scalar(.null)

  func member(_ key: String) -> SettingsNode {
    var members: [(key: String, node: SettingsNode)] = []
    if case .object(let present) = content { members = present }
    let node = SettingsNode()
    members.append((key, node))
    content = .object(members)
    return node
  }

  func element() -> SettingsNode {
    var elements: [SettingsNode] = []
    if case .list(let present) = content { elements = present }
    let node = SettingsNode()
    elements.append(node)
    content = .list(elements)
    return node
  }

  var value: JSONValue {
    switch content {
    case .scalar(let value): value
    case .list(let elements): .list(elements.map(\.value))
    case .object(let members): .object(members.map { JSONValue.Member($0.key, $0.node.value) })
    }
  }
}

/// An encoder into a tree that writes every key, `nil` or not.
private struct SettingsEncoder: Encoder, SingleValueEncodingContainer {
  let node: SettingsNode
  let remarks: SettingsRemarks
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  var path: String { codingPath.filter { $0.intValue == nil }.map(\.stringValue).joined(separator: ".") }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .object = node.content {} else { node.content = .object([]) }
    return KeyedEncodingContainer(SettingsKeyedContainer<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .list = node.content {} else { node.content = .list([]) }
    return SettingsListContainer(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { node.content = .scalar(.null) }

  func encode<T: Encodable>(_ value: T) throws { try write(value) }

  /// Writes any value here. A `Float` becomes the shortest decimal that reads back as it.
  func write<T: Encodable>(_ value: T) throws {
    remarks.note(T.self, at: path)
    switch value {
    case let value as Bool: node.content = .scalar(.boolean(value))
    case let value as String: node.content = .scalar(.text(value))
    case let value as Double: node.content = .scalar(.number(value))
    case let value as Float: node.content = .scalar(.number(Double("\(value)") ?? Double(value)))
    case let value as any BinaryInteger: node.content = .scalar(.integer(Int(clamping: value)))
    case let value as URL: node.content = .scalar(.text(value.relativeString))
    default:
      if Mirror(reflecting: value).displayStyle == .dictionary { remarks.freeKeyed.insert(path) }
      try value.encode(to: self)
    }
  }

  func child(_ node: SettingsNode, _ key: any CodingKey) -> SettingsEncoder {
    SettingsEncoder(node: node, remarks: remarks, codingPath: codingPath + [key])
  }
}

private struct SettingsKeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: SettingsEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }

  func child(_ key: any CodingKey) -> SettingsEncoder {
    encoder.child(encoder.node.member(key.stringValue), key)
  }

  func encodeNil(forKey key: Key) { child(key).encodeNil() }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try child(key).write(value) }

  /// Writes null for `nil`, where the protocol's own default leaves the key out.
  func writeOptional<T: Encodable>(_ value: T?, forKey key: Key) throws {
    let child = child(key)
    encoder.remarks.note(T.self, at: child.path)
    if let value { try child.write(value) }
  }

  // The protocol has a default for each of these types, which a generic method alone does not replace.
  func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try writeOptional(value, forKey: key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try writeOptional(value, forKey: key) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    child(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { child(key).unkeyedContainer() }

  func superEncoder() -> any Encoder { encoder }

  func superEncoder(forKey key: Key) -> any Encoder { child(key) }
}

private struct SettingsListContainer: UnkeyedEncodingContainer {
  struct Index: CodingKey {
    let intValue: Int?
    var stringValue: String { "\(intValue ?? 0)" }
    init(_ value: Int) { intValue = value }
    init?(intValue: Int) { self.intValue = intValue }
    init?(stringValue: String) { nil }
  }

  let encoder: SettingsEncoder
  var codingPath: [any CodingKey] { encoder.codingPath }
  var count: Int { if case .list(let elements) = encoder.node.content { elements.count } else { 0 } }

  func child() -> SettingsEncoder {
    let index = Index(count)
    return encoder.child(encoder.node.element(), index)
  }

  func encodeNil() { child().encodeNil() }

  func encode<T: Encodable>(_ value: T) throws { try child().write(value) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    child().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { child().unkeyedContainer() }

  func superEncoder() -> any Encoder { child() }
}
