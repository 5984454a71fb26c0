import Diagnostics
import Foundation
import StrictYAML

/// One recipe file, read but not yet put together with its parents and defaults.
package struct RecipeFile {
  /// The name in the catalogue, such as `gmc/emoji`, or the path of a user's own file.
  let name: String
  /// The name of the file in errors and origins, such as `gmc/emoji.yaml`.
  let source: String
  /// The folder that a relative path after `extends` starts from; `nil` in the catalogue.
  let folder: URL?
  /// One line that says what the recipe is.
  let title: String?
  /// The name of the experiment.
  let experiment: (name: String, place: String)?
  /// The parent.
  let extends: (name: String, place: String)?
  /// Seeds, threads and the sections of settings.
  let settings: [LocatedValue.Member]
  /// The profiles, each with its settings.
  let profiles: [(name: String, settings: [LocatedValue.Member])]
  /// Published values.
  let expected: [ExpectedScore]

  /// The keys that are not settings of an experiment.
  package static let ownKeys = ["title", "experiment", "extends", "profiles", "expected"]

  /// Reads a recipe.
  init(text: String, name: String, source: String, folder: URL?) throws(UserError) {
    self.name = name
    self.source = source
    self.folder = folder
    let document = try LocatedValue.parse(text, source: source)
    func place(_ place: LocatedValue.Place) -> String { "\(source):\(place.line):\(place.column)" }
    guard case .section(let members) = document.content else {
      throw UserError(
        .data, "a recipe is a set of `key: value` lines", at: place(document.place),
        mend: "for example `extends: gmc/emoji`")
    }
    func named(_ member: LocatedValue.Member) throws(UserError) -> (name: String, place: String) {
      guard case .scalar(.text(let text)) = member.value.content else {
        throw UserError(
          .data, "`\(member.key)` must be text, not \(member.value.plain.kind)", at: place(member.value.place))
      }
      return (text, place(member.value.place))
    }
    var title: String?
    var experiment: (name: String, place: String)?
    var extends: (name: String, place: String)?
    var settings: [LocatedValue.Member] = []
    var profiles: [(name: String, settings: [LocatedValue.Member])] = []
    var expected: [ExpectedScore] = []
    for member in members {
      switch member.key {
      case "title": title = try named(member).name
      case "experiment": experiment = try named(member)
      case "extends": extends = try named(member)
      case "expected": expected = try Self.expectedScores(member.value, source: source)
      case "profiles":
        guard case .section(let list) = member.value.content else {
          throw UserError(.data, "`profiles` must be a section of named sections", at: place(member.value.place))
        }
        for profile in list {
          guard case .section(let changes) = profile.value.content else {
            throw UserError(
              .data, "profile `\(profile.key)` must be a section of settings", at: place(profile.value.place))
          }
          for change in changes where Self.ownKeys.contains(change.key) {
            throw UserError(
              .data, "a profile cannot set `\(change.key)`", at: place(change.place), mend: "move it out of the profile"
            )
          }
          profiles.append((profile.key, changes))
        }
      default: settings.append(member)
      }
    }
    self.title = title
    self.experiment = experiment
    self.extends = extends
    self.settings = settings
    self.profiles = profiles
    self.expected = expected
  }

  /// Reads the published values, strictly.
  private static func expectedScores(
    _ value: LocatedValue, source: String
  ) throws(UserError) -> [ExpectedScore] {
    guard case .list(let entries) = value.content else {
      throw UserError(.data, "`expected` must be a list", at: "\(source):\(value.place.line):\(value.place.column)")
    }
    var scores: [ExpectedScore] = []
    for entry in entries { scores.append(try ExpectedScore(entry, source: source)) }
    return scores
  }
}

extension ExpectedScore {
  /// Reads one published value; every key but the tolerance is wanted, and no other.
  fileprivate init(_ entry: LocatedValue, source: String) throws(UserError) {
    func place(_ place: LocatedValue.Place) -> String { "\(source):\(place.line):\(place.column)" }
    guard case .section(let members) = entry.content else {
      throw UserError(.data, "an expected value must be a section", at: place(entry.place))
    }
    let keys = ["evaluator", "subject", "metric", "value", "tolerance", "source"]
    var texts: [String: String] = [:]
    var numbers: [String: Double] = [:]
    for member in members {
      guard keys.contains(member.key) else {
        throw UserError(
          .data, "unknown key `\(member.key)` of an expected value", at: place(member.place),
          mend: nearestName(to: member.key, among: keys).map { "did you mean `\($0)`?" }
            ?? "the keys are \(keys.joined(separator: ", "))")
      }
      let wantsNumber = member.key == "value" || member.key == "tolerance"
      switch (member.value.plain, wantsNumber) {
      case (.text(let text), false): texts[member.key] = text
      case (.integer(let number), true): numbers[member.key] = Double(number)
      case (.number(let number), true) where number.isFinite: numbers[member.key] = number
      default:
        throw UserError(
          .data, "`\(member.key)` must be \(wantsNumber ? "a finite number" : "text")", at: place(member.value.place))
      }
    }
    func missing(_ key: String) -> UserError {
      UserError(.data, "an expected value lacks `\(key)`", at: place(entry.place))
    }
    guard let evaluator = texts["evaluator"] else { throw missing("evaluator") }
    guard let subject = texts["subject"] else { throw missing("subject") }
    guard let metric = texts["metric"] else { throw missing("metric") }
    guard let value = numbers["value"] else { throw missing("value") }
    guard let publication = texts["source"] else { throw missing("source") }
    self.init(
      evaluator: evaluator, subject: subject, metric: metric, value: value, tolerance: numbers["tolerance"],
      source: publication)
  }
}
