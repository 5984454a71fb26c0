import Diagnostics
import StrictYAML

/// The layers of a recipe, put one over another: defaults, parents, the file, a profile, overrides.
struct RecipeLayers {
  /// The values so far.
  private(set) var values: JSONValue
  /// Where each value comes from, by dotted path.
  private(set) var origins: [String: RecipeOrigin] = [:]
  private let choices: [String: [String]]
  private let freeKeyed: Set<String>
  private let formerKeys: [String: String]

  /// Starts from the defaults of an experiment, with `seeds` and `threads`.
  ///
  /// - Parameter formerKeys: keys of earlier versions with what they are called now; nothing for what is always done now.
  init(defaults: SettingsTree, formerKeys: [String: String] = [:]) {
    var values = JSONValue.object(["seeds": .list([.integer(0), .integer(1), .integer(2)]), "threads": .null])
    for member in defaults.root.members { values[member.key] = member.value }
    self.values = values
    choices = defaults.choices
    freeKeyed = defaults.freeKeyed
    self.formerKeys = formerKeys
  }

  /// Puts settings over those so far.
  ///
  /// - Parameter origin: the origin of a value by its place.
  /// - Throws: at an unknown key, and at a value of another type than the default's.
  mutating func apply(
    _ members: [LocatedValue.Member], origin: (LocatedValue.Place) -> RecipeOrigin
  ) throws(UserError) {
    for member in members {
      values = try merged(member, into: values, path: "", origin: origin)
    }
  }

  private mutating func merged(
    _ member: LocatedValue.Member, into section: JSONValue, path parent: String,
    origin: (LocatedValue.Place) -> RecipeOrigin
  ) throws(UserError) -> JSONValue {
    let path = parent.isEmpty ? member.key : "\(parent).\(member.key)"
    let isFree = freeKeyed.contains(parent)
    guard let present = section[member.key] ?? (isFree ? JSONValue.null : nil) else {
      throw unknown(member.key, path: path, siblings: section.members.map(\.key), at: origin(member.place))
    }
    var section = section
    section[member.key] = try merged(
      member.value, over: present, path: path, isKnown: !isFree, origin: origin, keyPlace: member.place)
    return section
  }

  private mutating func merged(
    _ value: LocatedValue, over present: JSONValue, path: String, isKnown: Bool,
    origin: (LocatedValue.Place) -> RecipeOrigin, keyPlace: LocatedValue.Place
  ) throws(UserError) -> JSONValue {
    let source = origin(value.place)
    let isCommandLine = if case .commandLine = source { true } else { false }
    if case .object = present, isKnown, !freeKeyed.contains(path) || isCommandLine {
      guard case .section(let members) = value.content else {
        throw UserError(
          source.errorKind, "`\(path)` must be a section, not \(value.plain.kind)", at: source.place,
          mend: formerKeys[path].map { "it is `\($0)` now" }
            ?? "its keys are \(present.members.map(\.key).joined(separator: ", "))")
      }
      var section = present
      for member in members { section = try merged(member, into: section, path: path, origin: origin) }
      return section
    }
    let accepted = try accepted(value.plain, over: isKnown ? present : .null, path: path, from: source)
    origins = origins.filter { !$0.key.hasPrefix(path + ".") }
    remember(value, path: path, origin: origin)
    return accepted
  }

  /// Remembers the origin of a value and of each value inside it.
  private mutating func remember(
    _ value: LocatedValue, path: String, origin: (LocatedValue.Place) -> RecipeOrigin
  ) {
    origins[path] = origin(value.place)
    guard case .section(let members) = value.content else { return }
    for member in members { remember(member.value, path: "\(path).\(member.key)", origin: origin) }
  }

  /// A value that may stand where the present one does; whole and other numbers are turned into each other's form.
  private func accepted(
    _ value: JSONValue, over present: JSONValue, path: String, from source: RecipeOrigin
  ) throws(UserError) -> JSONValue {
    func refused(_ what: String, mend: String? = nil) -> UserError {
      UserError(source.errorKind, what, at: source.place, mend: mend)
    }
    if case .number(let number) = value, !number.isFinite {
      throw refused("`\(path)` must be finite, not `\(value.yaml)`")
    }
    if case .text(let text) = value, let choices = choices[path], !choices.contains(text) {
      throw refused(
        "`\(path)` cannot be `\(text)`",
        mend: nearestName(to: text, among: choices).map { "did you mean `\($0)`?" }
          ?? "choose one of \(choices.joined(separator: ", "))")
    }
    switch (present, value) {
    case (.null, _), (_, .null), (.text, .text), (.boolean, .boolean), (.integer, .integer), (.list, .list),
      (.number, .number), (.object, .object):
      return value
    case (.number, .integer(let number)):
      return .number(Double(number))
    case (.integer, .number(let number)):
      guard let whole = Int(exactly: number) else { break }
      return .integer(whole)
    case (.text, .boolean), (.text, .integer), (.text, .number):
      throw refused("`\(path)` must be text, not \(value.kind)", mend: "put it in quotes")
    default: break
    }
    if case .list = present, value.members.isEmpty {
      throw refused("`\(path)` must be a list, not `\(value.yaml)`", mend: "put it in brackets: [\(value.yaml)]")
    }
    throw refused("`\(path)` must be \(present.kind), not `\(value.yaml)`")
  }

  private func unknown(_ key: String, path: String, siblings: [String], at origin: RecipeOrigin) -> UserError {
    let leaves = values.leafPaths()
    let elsewhere = leaves.first { $0.split(separator: ".").last.map(String.init) == key }
    let known = path == key ? siblings + RecipeFile.ownKeys : siblings
    let mend =
      if let now = formerKeys[path] {
        now.isEmpty ? "it is always so now, leave it out" : "it is `\(now)` now"
      } else if let near = nearestName(to: key, among: known) {
        "did you mean `\((path.split(separator: ".").dropLast().map(String.init) + [near]).joined(separator: "."))`?"
      } else if let elsewhere {
        "did you mean `\(elsewhere)`?"
      } else {
        "the keys here are \(siblings.joined(separator: ", "))"
      }
    return UserError(origin.errorKind, "unknown key `\(path)`", at: origin.place, mend: mend)
  }
}
