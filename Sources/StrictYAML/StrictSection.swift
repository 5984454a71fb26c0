import Diagnostics

/// A section of a YAML file whose keys are all known; values are read by key and type.
package struct StrictSection {
  /// The name of the file in errors.
  package let source: String
  /// The section's dotted path; empty for the outermost.
  package let path: String
  /// The members, in the file's order.
  package let members: [LocatedValue.Member]
  /// Where the section stands.
  package let place: LocatedValue.Place

  /// Takes a value as a section.
  ///
  /// - Parameter keys: the keys it may have; nil where they are free.
  /// - Throws: `UserError` where it is no section or has another key; the nearest known one is named.
  package init(_ value: LocatedValue, path: String = "", keys: [String]?, source: String) throws(UserError) {
    self.source = source
    self.path = path
    place = value.place
    func named(_ place: LocatedValue.Place) -> String { "\(source):\(place.line):\(place.column)" }
    switch value.content {
    case .section(let members): self.members = members
    case .scalar(.null) where keys == nil || path.isEmpty: members = []
    default:
      throw UserError(
        .data,
        path.isEmpty ? "not a set of `key: value` lines" : "`\(path)` must be a section, not \(value.plain.kind)",
        at: named(value.place), mend: keys.map { "its keys are \($0.joined(separator: ", "))" })
    }
    guard let keys else { return }
    for member in members where !keys.contains(member.key) {
      let prefix = path.isEmpty ? "" : path + "."
      throw UserError(
        .data, "unknown key `\(prefix)\(member.key)`", at: named(member.place),
        mend: nearestName(to: member.key, among: keys).map { "did you mean `\(prefix)\($0)`?" }
          ?? "the keys here are \(keys.joined(separator: ", "))")
    }
  }

  /// A member by its key, unless its value is null.
  package subscript(key: String) -> LocatedValue.Member? {
    members.first { member in
      if member.key != key { return false }
      if case .scalar(.null) = member.value.content { return false }
      return true
    }
  }

  /// The dotted path of a key.
  package func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Where something stands, as errors name it.
  package func place(of place: LocatedValue.Place) -> String { "\(source):\(place.line):\(place.column)" }

  /// Where a key's value stands; the section where there is no such key.
  package func place(of key: String) -> String { place(of: self[key]?.value.place ?? place) }

  /// An error at a key's value.
  package func refused(_ key: String, _ what: String, mend: String? = nil) -> UserError {
    UserError(.data, "`\(path(of: key))` \(what)", at: place(of: key), mend: mend)
  }

  /// Text; numbers and truth values are taken as they are written where `loosely`.
  package func text(_ key: String, loosely: Bool = false) throws(UserError) -> String? {
    guard let member = self[key] else { return nil }
    return try text(member.value, key: key, loosely: loosely)
  }

  private func text(_ value: LocatedValue, key: String, loosely: Bool) throws(UserError) -> String {
    switch value.plain {
    case .text(let text): return text
    case .integer(let number) where loosely: return "\(number)"
    default: throw refused(key, "must be text, not \(value.plain.kind)", mend: "put it in quotes")
    }
  }

  /// Texts, one or a list of them, each with where it stands; empty where there is no such key.
  package func texts(_ key: String) throws(UserError) -> [(text: String, place: String)] {
    guard let member = self[key] else { return [] }
    guard case .list(let values) = member.value.content else {
      return [(try text(member.value, key: key, loosely: true), place(of: member.value.place))]
    }
    var texts: [(text: String, place: String)] = []
    for value in values { texts.append((try text(value, key: key, loosely: true), place(of: value.place))) }
    return texts
  }

  /// A whole number within a range.
  package func integer(_ key: String, _ range: ClosedRange<Int>) throws(UserError) -> Int? {
    guard let member = self[key] else { return nil }
    guard case .integer(let number) = member.value.plain else {
      throw refused(key, "must be a whole number, not `\(member.value.plain.yaml)`")
    }
    guard range.contains(number) else {
      throw refused(key, "cannot be \(number)", mend: "give \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A number within a range.
  package func number(_ key: String, _ range: Range<Double>) throws(UserError) -> Double? {
    guard let member = self[key] else { return nil }
    let number: Double
    switch member.value.plain {
    case .integer(let whole): number = Double(whole)
    case .number(let other): number = other
    default: throw refused(key, "must be a number, not `\(member.value.plain.yaml)`")
    }
    guard range.contains(number) else {
      throw refused(
        key, "cannot be \(number)", mend: "give a number from \(range.lowerBound) to below \(range.upperBound)")
    }
    return number
  }

  /// True or false.
  package func boolean(_ key: String) throws(UserError) -> Bool? {
    guard let member = self[key] else { return nil }
    guard case .boolean(let value) = member.value.plain else {
      throw refused(key, "must be true or false, not `\(member.value.plain.yaml)`")
    }
    return value
  }

  /// One of the choices of an enumeration.
  package func choice<Choice: CaseIterable & RawRepresentable>(
    _ key: String, of _: Choice.Type
  ) throws(UserError) -> Choice? where Choice.RawValue == String {
    guard let text = try text(key, loosely: true) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    throw refused(
      key, "cannot be `\(text)`",
      mend: nearestName(to: text, among: names).map { "did you mean `\($0)`?" }
        ?? "choose one of \(names.joined(separator: ", "))")
  }
}
