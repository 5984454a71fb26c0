import Diagnostics
import Foundation
import StrictYAML

/// The files of a recipe and its profile, put over the experiment's defaults; overrides make a ``Recipe`` of it.
package struct PreparedRecipe: Sendable {
  private let name: String
  private let title: String
  private let source: String
  private let profile: String?
  private let expected: [ExpectedScore]
  private let experiment: any RecipeFamily
  private let standards: JSONValue
  private let layers: RecipeLayers

  /// Puts the layers of the files one over another.
  ///
  /// - Parameter chain: from the eldest parent to the recipe itself.
  init(
    _ chain: [RecipeFile], of experiment: any RecipeFamily, profile: String?, defaults: SettingsDefaults
  ) throws(UserError) {
    let standard = defaults.tree(of: experiment)
    let source = chain.last?.source ?? ""
    var layers = RecipeLayers(defaults: standard, formerKeys: experiment.formerKeys)
    for file in chain {
      try layers.apply(file.settings) { .file(file.source, line: $0.line, column: $0.column) }
    }
    let profiles = RecipeCatalogue.profiles(of: chain)
    if let profile, !profiles.contains(profile) {
      throw UserError(
        .usage, "the recipe \(chain.last?.name ?? "") has no profile `\(profile)`",
        mend: profiles.isEmpty
          ? "it has none at all"
          : nearestName(to: profile, among: profiles).map { "did you mean `\($0)`?" }
            ?? "it has \(profiles.joined(separator: ", "))")
    }
    for name in profiles {
      var trial = layers
      for file in chain {
        for (_, settings) in file.profiles.filter({ $0.name == name }) {
          try trial.apply(settings) { .profile(name, file: file.source, line: $0.line, column: $0.column) }
        }
      }
      if name == profile { layers = trial } else { _ = try Self.checked(experiment, trial, source: source) }
    }
    (name, title, expected) = (
      chain.last?.name ?? "", RecipeCatalogue.title(of: chain), chain.last?.expected ?? []
    )
    (self.source, self.profile, self.experiment, self.layers) = (source, profile, experiment, layers)
    standards = standard.root
  }

  /// The recipe with overrides, checked against the experiment's settings.
  ///
  /// - Parameter overrides: `key=value` each, the value in YAML.
  package func recipe(overrides: [String] = []) throws(UserError) -> Recipe {
    var layers = layers
    for text in overrides {
      let override = try RecipeOverride(text)
      try layers.apply([override.member]) { _ in .commandLine(text) }
    }
    let (seeds, threads, settings) = try Self.checked(experiment, layers, source: source)
    return Recipe(
      name: name, title: title, experiment: experiment.name, profile: profile, overrides: overrides,
      expected: expected, seeds: seeds, threads: threads, settings: settings, standards: standards,
      origins: layers.origins)
  }

  /// The first setting with a number that its type cannot hold, such as 1.5 in a list of whole numbers.
  ///
  /// The decoder does not say which it is, so the values are put over the defaults one after another until it fails.
  private static func unreadable<Settings: ExperimentSettings>(
    in values: JSONValue, as type: Settings.Type, _ error: DecodingError
  ) -> String? {
    func isNameless(_ error: any Error) -> Bool {
      if case DecodingError.dataCorrupted(let context) = error { context.codingPath.isEmpty } else { false }
    }
    guard isNameless(error), var trial = try? SettingsTree(Settings()).root else { return nil }
    for path in values.leafPaths() {
      let keys = path.split(separator: ".").map(String.init)
      guard let value = values.value(at: keys) else { continue }
      trial = trial.replacing(value, at: keys[...])
      do {
        _ = try JSONDecoder().decode(Settings.self, from: Data(trial.json.utf8))
      } catch {
        if isNameless(error) { return path }
      }
    }
    return nil
  }

  /// Reads layers as the experiment's settings and as seeds and threads; gives the settings back in their own form.
  ///
  /// - Parameter source: what an error names where a default does not fit to what was set.
  private static func checked<E: RecipeFamily>(
    _ experiment: E, _ layers: RecipeLayers, source: String
  ) throws(UserError) -> (seeds: [Int], threads: Int?, settings: JSONValue) {
    func origin(_ path: String) -> RecipeOrigin {
      var keys = path.split(separator: ".")
      while !keys.isEmpty {
        if let origin = layers.origins[keys.joined(separator: ".")] { return origin }
        keys.removeLast()
      }
      return .standard
    }
    func refused(_ path: String, _ what: String, mend: String? = nil) -> UserError {
      let place = origin(path) == .standard ? source : origin(path).place
      return UserError(origin(path).errorKind, what, at: place, mend: mend)
    }
    var seeds: [Int] = []
    if case .list(let values)? = layers.values["seeds"] {
      for value in values {
        guard case .integer(let seed) = value, seed >= 0 else {
          throw refused("seeds", "`seeds` must be whole numbers from 0, not `\(value.yaml)`")
        }
        guard !seeds.contains(seed) else { throw refused("seeds", "seed \(seed) stands twice in `seeds`") }
        seeds.append(seed)
      }
    }
    guard !seeds.isEmpty else { throw refused("seeds", "`seeds` is empty", mend: "for example [0, 1, 2]") }
    var threads: Int?
    switch layers.values["threads"] {
    case .integer(let count)? where (1...1024).contains(count): threads = count
    case .null?, nil: break
    case let value?:
      throw refused("threads", "`threads` must be a whole number from 1 to 1024, not `\(value.yaml)`")
    }
    let own = layers.values.members.filter { $0.key != "seeds" && $0.key != "threads" }
    let values = JSONValue.object(own)
    let decoded: E.Settings
    do {
      decoded = try JSONDecoder().decode(E.Settings.self, from: Data(values.json.utf8))
    } catch let error as DecodingError {
      if let path = unreadable(in: values, as: E.Settings.self, error) {
        let shown = values.value(at: path.split(separator: ".").map(String.init))?.yaml ?? ""
        throw refused(path, "`\(path)` cannot be `\(shown)`")
      }
      throw SettingsFault(error, in: values).error(origin: origin)
    } catch {
      throw UserError(.data, "\(error)")
    }
    let settled: JSONValue
    do {
      settled = try SettingsTree(decoded).root
    } catch {
      throw UserError(.data, "the settings cannot be written again: \(error)")
    }
    for path in values.leafPaths() where settled.value(at: path.split(separator: ".").map(String.init)) == nil {
      let keys = path.split(separator: ".").map(String.init)
      let siblings = settled.value(at: keys.dropLast())?.members.map(\.key) ?? []
      throw refused(
        path, "unknown key `\(path)`",
        mend: nearestName(to: keys.last ?? "", among: siblings).map { "did you mean `\($0)`?" })
    }
    do {
      try experiment.validate(decoded)
    } catch {
      guard let path = error.place else { throw error }
      throw refused(path, "`\(path)` \(error.what)", mend: error.mend)
    }
    return (seeds, threads, settled)
  }
}

extension JSONValue {
  /// The tree with another value at a path of keys.
  fileprivate func replacing(_ value: JSONValue, at path: ArraySlice<String>) -> JSONValue {
    guard let key = path.first else { return value }
    var result = self
    result[key] = (self[key] ?? .object([])).replacing(value, at: path.dropFirst())
    return result
  }
}
