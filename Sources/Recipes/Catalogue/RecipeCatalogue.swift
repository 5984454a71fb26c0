import Diagnostics
import Foundation
import Synchronization

/// The recipes of the registered experiments, and the way from a name or path to a ``Recipe``.
public struct RecipeCatalogue: Sendable {
  /// What a list of recipes shows of one.
  public struct Entry: Codable, Equatable, Sendable {
    /// The name, such as `gmc/emoji`.
    public let name: String
    /// One line that says what the recipe is.
    public let title: String
    /// The profiles it can be run with.
    public let profiles: [String]
  }

  /// The registered experiments.
  public let experiments: [any RecipeFamily]
  let defaults = SettingsDefaults()

  /// Creates a catalogue.
  public init(_ experiments: [any RecipeFamily]) {
    self.experiments = experiments
  }

  /// The names of all recipes, in alphabetical order.
  public func names() throws(UserError) -> [String] {
    var names: [String] = []
    for experiment in experiments {
      let files: [String]
      do {
        files = try FileManager.default.contentsOfDirectory(atPath: experiment.recipeFolder.path)
      } catch {
        throw UserError(
          .inputOutput, "the recipes of \(experiment.name) cannot be read", at: experiment.recipeFolder.path,
          mend: "build or install Concord again")
      }
      names += files.filter { $0.hasSuffix(".yaml") }.map { "\(experiment.name)/\($0.dropLast(5))" }
    }
    return names.sorted()
  }

  /// All recipes with their titles and profiles.
  public func entries() throws(UserError) -> [Entry] {
    var entries: [Entry] = []
    for name in try names() {
      let chain = try chain(from: name)
      entries.append(Entry(name: name, title: Self.title(of: chain), profiles: Self.profiles(of: chain)))
    }
    return entries
  }

  /// The experiment of a name.
  public func experiment(named name: String) -> (any RecipeFamily)? {
    experiments.first { $0.name == name }
  }

  /// Puts a recipe together: defaults, parents, file, profile, overrides.
  ///
  /// - Parameters:
  ///   - name: a name of the catalogue, or the path of a user's own `.yaml` file.
  ///   - profile: the profile to apply.
  ///   - overrides: `key=value` each, the value in YAML.
  public func recipe(
    _ name: String, profile: String? = nil, overrides: [String] = []
  ) throws(UserError) -> Recipe {
    try prepared(name, profile: profile).recipe(overrides: overrides)
  }

  /// What ``recipe(_:profile:overrides:)`` gives for each of many, in their order; threads share the work.
  package func recipes(
    _ wanted: [(name: String, profile: String?, overrides: [String])]
  ) -> [Result<Recipe, UserError>] {
    let found = Mutex([Result<Recipe, UserError>?](repeating: nil, count: wanted.count))
    DispatchQueue.concurrentPerform(iterations: wanted.count) { index in
      let one = wanted[index]
      let result = Result { () throws(UserError) in
        try recipe(one.name, profile: one.profile, overrides: one.overrides)
      }
      found.withLock { $0[index] = result }
    }
    return found.withLock { $0.compactMap(\.self) }
  }

  /// Puts together what a recipe's files and its profile say, for overrides to be put over it as often as is needed.
  ///
  /// Profiles that were not asked for are checked too, so that a mistake in one is found before it is needed.
  ///
  /// - Parameters:
  ///   - name: a name of the catalogue, or the path of a user's own `.yaml` file.
  ///   - profile: the profile to apply.
  package func prepared(_ name: String, profile: String? = nil) throws(UserError) -> PreparedRecipe {
    let chain = try chain(from: name)
    return try PreparedRecipe(chain, of: try experiment(of: chain), profile: profile, defaults: defaults)
  }

  /// Puts together a recipe whose file another process has sent.
  public func recipe(text: String, source: String) throws(UserError) -> Recipe {
    let file = try RecipeFile(text: text, name: source, source: source, folder: nil)
    return try PreparedRecipe([file], of: try experiment(of: [file]), profile: nil, defaults: defaults).recipe()
  }

  /// The files from the eldest parent to the recipe itself.
  private func chain(from name: String) throws(UserError) -> [RecipeFile] {
    var chain = [try file(named: name, from: nil)]
    while let file = chain.first, let parent = file.extends {
      let next = try self.file(named: parent.name, from: file)
      guard chain.count < 32 else {
        throw UserError(.data, "the recipe has over 32 parents", at: parent.place, mend: "join some of them")
      }
      guard !chain.contains(where: { $0.source == next.source }) else {
        let circle = (chain.reversed() + [next]).map(\.name).joined(separator: " → ")
        throw UserError(.data, "the recipe extends itself: \(circle)", at: parent.place, mend: "remove one `extends`")
      }
      chain.insert(next, at: 0)
    }
    return chain
  }

  /// Reads the file of a name; a child gives its place for errors and its folder for relative paths.
  private func file(named name: String, from child: RecipeFile?) throws(UserError) -> RecipeFile {
    let place = child?.extends?.place
    let kind: UserError.Kind = child == nil ? .usage : .data
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      let url = URL(fileURLWithPath: name, relativeTo: child?.folder).standardizedFileURL
      let source = child == nil ? name : url.path
      return try RecipeFile(
        text: Self.text(of: url, place: place ?? source), name: name, source: source,
        folder: url.deletingLastPathComponent())
    }
    guard let url = ownFile(named: name) else {
      let names = try names()
      throw UserError(
        kind, "there is no recipe `\(name)`", at: place,
        mend: nearestName(to: name, among: names).map { "did you mean `\($0)`?" }
          ?? (FileManager.default.fileExists(atPath: name)
            ? "the name of a file of your own ends with .yaml" : "`concord list` shows all recipes"))
    }
    let source = "\(name).yaml"
    return try RecipeFile(text: Self.text(of: url, place: source), name: name, source: source, folder: nil)
  }

  /// The file of a recipe of the catalogue; nil where there is none.
  private func ownFile(named name: String) -> URL? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].hasPrefix("."), let experiment = experiment(named: String(parts[0])) else {
      return nil
    }
    let url = experiment.recipeFolder.appendingPathComponent("\(parts[1]).yaml")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }

  private static func text(of url: URL, place: String) throws(UserError) -> String {
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw UserError(
        .inputOutput, "there is no file `\(url.path)`", at: place == url.path ? nil : place, mend: "see the path")
    }
    let data = try RegularFile.contents(of: url, limit: 1 << 20)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UserError(.data, "the recipe is not UTF-8 text", at: place, mend: "save it as UTF-8")
    }
    return text
  }

  private func experiment(of chain: [RecipeFile]) throws(UserError) -> any RecipeFamily {
    let named = chain.compactMap(\.experiment)
    guard let first = named.first else {
      throw UserError(
        .data, "`experiment` is missing", at: chain.last?.source,
        mend: "write `experiment:` with one of \(experiments.map(\.name).joined(separator: ", "))")
    }
    if let other = named.first(where: { $0.name != first.name }) {
      throw UserError(
        .data, "`experiment: \(other.name)` differs from its parent's `\(first.name)`", at: other.place,
        mend: "a recipe extends one of its own experiment")
    }
    guard let experiment = experiment(named: first.name) else {
      throw UserError(
        .data, "there is no experiment `\(first.name)`", at: first.place,
        mend: nearestName(to: first.name, among: experiments.map(\.name)).map { "did you mean `\($0)`?" }
          ?? "choose one of \(experiments.map(\.name).joined(separator: ", "))")
    }
    return experiment
  }

  static func title(of chain: [RecipeFile]) -> String {
    chain.last { $0.title != nil }?.title ?? chain.last?.name ?? ""
  }

  static func profiles(of chain: [RecipeFile]) -> [String] {
    var names: [String] = []
    for name in chain.flatMap({ $0.profiles.map(\.name) }) where !names.contains(name) { names.append(name) }
    return names
  }
}
