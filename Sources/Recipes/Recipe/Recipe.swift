import Diagnostics
import Foundation
import StrictYAML

/// A recipe put together: every setting of its experiment, each with where it comes from.
public struct Recipe: Sendable {
  /// The name in the catalogue, such as `gmc/emoji`, or the path of a user's own file.
  public let name: String
  /// One line that says what the recipe is.
  public let title: String
  /// The name of the experiment.
  public let experiment: String
  /// The profile that was applied.
  public let profile: String?
  /// The overrides as they were typed.
  public let overrides: [String]
  /// Published values to hold the result against.
  public let expected: [ExpectedScore]
  /// The seeds, one run each.
  public let seeds: [Int]
  /// The number of threads of each seed's process, where the recipe says it.
  public let threads: Int?
  /// The experiment's settings, every key present.
  public let settings: JSONValue
  /// The experiment's own value of every setting.
  let standards: JSONValue
  /// Where values come from, by dotted path; a path that is absent has the origin of what it is part of.
  let origins: [String: RecipeOrigin]
  /// The settings that are not the experiment's own values, in their sections.
  ///
  /// A key that an experiment gets later, with a value that leaves everything as it was, does not change them.
  public let decisiveSettings: JSONValue
  /// The first 8 hexadecimal digits of the SHA-256 checksum of experiment, seeds, threads and ``decisiveSettings`` as
  /// canonical JSON.
  ///
  /// Whoever takes over what an earlier program has made of a recipe with the same hash must see to it that the
  /// experiment's own values were the same.
  public let hash: String

  /// Makes a recipe of what its layers came to.
  ///
  /// - Parameter decisiveSettings: what of `settings` is not in `standards`, where it is known.
  init(
    name: String, title: String, experiment: String, profile: String?, overrides: [String], expected: [ExpectedScore],
    seeds: [Int], threads: Int?, settings: JSONValue, standards: JSONValue, origins: [String: RecipeOrigin],
    decisiveSettings: JSONValue? = nil
  ) {
    (self.name, self.title, self.experiment, self.profile) = (name, title, experiment, profile)
    (self.overrides, self.expected, self.seeds, self.threads) = (overrides, expected, seeds, threads)
    (self.settings, self.standards, self.origins) = (settings, standards, origins)
    let decisive = decisiveSettings ?? settings.removing(standards) ?? .object([])
    self.decisiveSettings = decisive
    var content = JSONValue.object([
      "experiment": .text(experiment), "seeds": .list(seeds.map(JSONValue.integer)),
      "threads": threads.map(JSONValue.integer) ?? .null,
    ])
    for member in decisive.members { content[member.key] = member.value }
    hash = String(SHA256.hexDigest(of: content.canonicalJSON.utf8).prefix(8))
  }

  /// Where the value at a dotted path, such as `training.epochs`, comes from.
  public func origin(of path: String) -> RecipeOrigin {
    var keys = path.split(separator: ".")
    while !keys.isEmpty {
      if let origin = origins[keys.joined(separator: ".")] { return origin }
      keys.removeLast()
    }
    return .standard
  }

  /// Everything that makes the result: experiment, seeds, threads and settings.
  public var content: JSONValue {
    var content = JSONValue.object([
      "experiment": .text(experiment), "seeds": .list(seeds.map(JSONValue.integer)),
      "threads": threads.map(JSONValue.integer) ?? .null,
    ])
    for member in settings.members { content[member.key] = member.value }
    return content
  }

  /// The recipe with a single seed, as a further override `seeds=[seed]` gives it, without being put together anew.
  public func reseeded(_ seed: Int) -> Recipe {
    let text = "seeds=[\(seed)]"
    var origins = origins
    origins["seeds"] = .commandLine(text)
    return Recipe(
      name: name, title: title, experiment: experiment, profile: profile, overrides: overrides + [text],
      expected: expected, seeds: [seed], threads: threads, settings: settings, standards: standards,
      origins: origins, decisiveSettings: decisiveSettings)
  }

  /// Whether the result may be held against ``expected``: nothing but seeds and threads differs from the recipe.
  public var isComparable: Bool {
    profile == nil && overrides.allSatisfy { $0.hasPrefix("seeds=") || $0.hasPrefix("threads=") }
  }

  /// The settings as the experiment's own type.
  ///
  /// - Throws: where a value does not fit; ``RecipeCatalogue`` has seen to it that this does not happen.
  public func settings<Settings: ExperimentSettings>(as type: Settings.Type) throws(UserError) -> Settings {
    do {
      return try JSONDecoder().decode(Settings.self, from: Data(settings.json.utf8))
    } catch let error as DecodingError {
      throw SettingsFault(error, in: settings).error { origin(of: $0) }
    } catch {
      throw UserError(.data, "\(error)", at: name)
    }
  }
}

extension JSONValue {
  /// What of a value is not that of another one; nil where all is.
  ///
  /// An object that lacks keys of the other is taken whole: without them it would pass for one that has them.
  func removing(_ other: JSONValue) -> JSONValue? {
    guard case .object = self, case .object = other else { return self == other ? nil : self }
    guard other.members.allSatisfy({ self[$0.key] != nil }) else { return self }
    let kept = members.compactMap { member -> (key: String, value: JSONValue)? in
      guard let known = other[member.key] else { return (member.key, member.value) }
      return member.value.removing(known).map { (member.key, $0) }
    }
    guard !kept.isEmpty else { return nil }
    var result = JSONValue.object([])
    for member in kept { result[member.key] = member.value }
    return result
  }
}
