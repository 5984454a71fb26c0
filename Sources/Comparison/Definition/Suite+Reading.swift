import Diagnostics
import Foundation
import Recipes
import StrictYAML
import Training

extension Suite {
  private static let keys = [
    "title", "seeds", "folds", "isApart", "shared", "rows", "search", "columns", "against", "figures", "profiles",
  ]
  private static let rowKeys = ["name", "kind", "recipe", "profile", "settings", "search", "yields"]
  private static let scoreKeys = ["evaluator", "subject", "metric", "better"]

  /// Reads a suite; see the built-in `emoji.yaml` for an example of every key.
  ///
  /// - Parameters:
  ///   - argument: the name or path by which it was asked for; the source where it is nil.
  ///   - folder: what goes before the relative paths of recipes.
  ///   - profile: the profile to apply; it may choose seeds and rows, set shared settings and leave the search out.
  ///   - overrides: `key=value` each: `seeds`, `folds`, or a shared setting.
  /// - Throws: a `UserError` with line and column for whatever is not as it must be.
  package init(
    text: String, name: String, source: String, argument: String? = nil, folder: String = "", profile: String? = nil,
    overrides: [String] = []
  ) throws(UserError) {
    let file = try StrictSection(LocatedValue.parse(text, source: source), keys: Self.keys, source: source)
    self.name = name
    self.source = source
    self.argument = argument ?? source
    self.text = text
    self.profile = profile
    self.overrides = overrides
    title = try file.text("title") ?? name
    var seeds = try Self.seeds(file) ?? [0, 1, 2]
    var folds = try file.integer("folds", Self.foldCounts) ?? 1
    var shared = try Self.settings(file, "shared")
    var rows = try Self.rows(file, folder: folder)
    let allNames = rows.map(\.name)
    let columns = try Self.columns(file)
    var search = try Self.search(file, columns: columns)
    if search == nil, let row = rows.first(where: { !$0.search.isEmpty }) {
      throw UserError(
        .data, "row `\(row.name)` has `search`, but the suite does not say how to choose", at: row.place,
        mend: "add `search:` with `seed`, `on` and `by`")
    }
    if let chosen = try Self.profile(profile, of: file, rows: rows) {
      seeds = chosen.seeds ?? seeds
      folds = chosen.folds ?? folds
      shared = Self.put(chosen.shared, over: shared)
      if let names = chosen.rows { rows = rows.filter { names.contains($0.name) } }
      if !chosen.hasSearch { search = nil }
    }
    for override in overrides {
      let change = try RecipeOverride(override)
      let settings = Self.flat([change.member], under: "", source: "`\(override)`", isLocated: false)
      if change.member.key == "seeds" {
        seeds = try Self.seeds(of: change.member.value, place: "`\(override)`", kind: .usage)
      } else if change.member.key == "folds" {
        guard case .integer(let count) = change.member.value.plain, Self.foldCounts.contains(count) else {
          throw UserError(
            .usage, "must be a whole number from 1 to 100", at: "`\(override)`", mend: "for example folds=5")
        }
        folds = count
      } else {
        shared = Self.put(settings, over: shared)
      }
    }
    let settings =
      shared
      + rows.flatMap { row in
        row.settings + row.search.map { Setting(path: $0.path, value: .null, place: $0.place) }
      }
    if let setting = settings.first(where: { folds > 1 && ["data.folds", "data.fold"].contains($0.path) }) {
      throw UserError(
        .data, "`\(setting.path)` is what the suite's `folds` sets", at: setting.place,
        mend: "take it out of one of the two")
    }
    isApart = try file.boolean("isApart") ?? false
    self.seeds = seeds
    self.folds = folds
    self.shared = shared
    self.rows = rows
    self.search = search
    self.columns = columns
    let names = rows.map(\.name)
    let against = try file.text("against", loosely: true)
    if let against, !rows.contains(where: { $0.name == against }) {
      guard allNames.contains(against) else {
        throw file.refused("against", "names no row", mend: Self.nearest(against, allNames))
      }
    }
    self.against = names.contains(against ?? "") ? against : nil
    figures = try FigureChoice(file, columns: columns)
  }

  static func nearest(_ name: String, _ names: [String]) -> String {
    nearestName(to: name, among: names).map { "did you mean `\($0)`?" } ?? "choose of \(names.joined(separator: ", "))"
  }

  /// Settings over others; one that stands in both is the latter's.
  static func put(_ upper: [Setting], over lower: [Setting]) -> [Setting] {
    lower.filter { setting in !upper.contains { $0.path == setting.path } } + upper
  }

  private static let foldCounts = 1...100

  private static func seeds(_ section: StrictSection) throws(UserError) -> [Int]? {
    guard let member = section["seeds"] else { return nil }
    return try seeds(of: member.value, place: section.place(of: "seeds"), kind: .data)
  }

  private static func seeds(of value: LocatedValue, place: String, kind: UserError.Kind) throws(UserError) -> [Int] {
    var seeds: [Int] = []
    if case .list(let values) = value.plain {
      for value in values {
        guard case .integer(let seed) = value, seed >= 0, !seeds.contains(seed) else {
          throw UserError(kind, "`seeds` must be different whole numbers from 0, not `\(value.yaml)`", at: place)
        }
        seeds.append(seed)
      }
    }
    guard !seeds.isEmpty else {
      throw UserError(kind, "`seeds` must be a list of whole numbers", at: place, mend: "for example [0, 1, 2]")
    }
    return seeds
  }

  /// The settings in a section, by dotted path; sections may stand in each other or be written with dots.
  private static func settings(_ section: StrictSection, _ key: String) throws(UserError) -> [Setting] {
    guard let member = section[key] else { return [] }
    let own = try StrictSection(member.value, path: section.path(of: key), keys: nil, source: section.source)
    let settings = flat(own.members, under: "", source: section.source, isLocated: true)
    for (index, setting) in settings.enumerated() where settings[..<index].contains(where: { $0.path == setting.path })
    {
      throw UserError(.data, "`\(setting.path)` stands there twice", at: setting.place, mend: "keep one")
    }
    if let setting = settings.first(where: { ["seeds", "threads"].contains($0.path) }) {
      throw UserError(
        .data, "`\(setting.path)` is not a setting of a method", at: setting.place,
        mend: setting.path == "seeds" ? "write `seeds:` at the outermost level" : "use --threads")
    }
    return settings
  }

  private static func flat(
    _ members: [LocatedValue.Member], under prefix: String, source: String, isLocated: Bool
  ) -> [Setting] {
    members.flatMap { member -> [Setting] in
      let path = prefix + member.key
      if case .section(let inner) = member.value.content, !inner.isEmpty {
        return flat(inner, under: path + ".", source: source, isLocated: isLocated)
      }
      let place = isLocated ? "\(source):\(member.place.line):\(member.place.column)" : source
      return [Setting(path: path, value: member.value.plain, place: place)]
    }
  }

  /// The sections of a list.
  private static func sections(
    _ file: StrictSection, _ key: String, keys: [String]
  ) throws(UserError) -> [StrictSection] {
    guard let member = file[key] else { return [] }
    guard case .list(let values) = member.value.content else { throw file.refused(key, "must be a list of sections") }
    var sections: [StrictSection] = []
    for value in values { sections.append(try StrictSection(value, path: key, keys: keys, source: file.source)) }
    return sections
  }

  /// A text that must be there.
  static func needed(_ section: StrictSection, _ key: String) throws(UserError) -> String {
    guard let text = try section.text(key, loosely: true), !text.isEmpty else {
      throw UserError(.data, "`\(section.path(of: key))` is missing", at: section.place(of: section.place))
    }
    return text
  }

  private static func rows(_ file: StrictSection, folder: String) throws(UserError) -> [Row] {
    var rows: [Row] = []
    for section in try sections(file, "rows", keys: rowKeys) {
      let name = try needed(section, "name")
      if rows.contains(where: { $0.name == name }) {
        throw section.refused("name", "`\(name)` stands there twice", mend: "give each row a name of its own")
      }
      let recipe = try needed(section, "recipe")
      let isOwn = (recipe.hasSuffix(".yaml") || recipe.hasSuffix(".yml")) && !recipe.hasPrefix("/")
      rows.append(
        Row(
          name: name, kind: try section.text("kind", loosely: true) ?? "", recipe: isOwn ? folder + recipe : recipe,
          profile: try section.text("profile"), settings: try settings(section, "settings"),
          search: try axes(section, "search"), yields: try section.texts("yields").map(\.text),
          place: section.place(of: section.place)))
    }
    guard !rows.isEmpty else {
      throw UserError(.data, "the suite has no rows", at: file.source, mend: "add `rows:` with `name` and `recipe`")
    }
    return rows
  }

  private static func axes(_ section: StrictSection, _ key: String) throws(UserError) -> [Axis] {
    var axes: [Axis] = []
    for setting in try settings(section, key) {
      guard case .list(let values) = setting.value, !values.isEmpty else {
        throw UserError(
          .data, "`\(setting.path)` must be a list of values to choose from", at: setting.place,
          mend: "for example [0.05, 0.1]")
      }
      axes.append(Axis(path: setting.path, values: values, place: setting.place))
    }
    return axes
  }

  private static func columns(_ file: StrictSection) throws(UserError) -> [Column] {
    var columns: [Column] = []
    for section in try sections(file, "columns", keys: ["title", "group", "chance", "ceiling"] + scoreKeys) {
      let title = try needed(section, "title")
      if (columns + Column.costs).contains(where: { $0.title == title }) {
        throw section.refused("title", "`\(title)` stands there twice", mend: "give each column a title of its own")
      }
      let group = try section.text("group", loosely: true) ?? "Scores"
      guard group != Column.costGroup else {
        throw section.refused("group", "cannot be `\(group)`", mend: "costs have columns of their own")
      }
      columns.append(try column(section, title: title, group: group))
    }
    guard !columns.isEmpty else {
      throw UserError(
        .data, "the suite has no columns", at: file.source,
        mend: "add `columns:` with `title`, `evaluator`, `subject` and `metric`")
    }
    return columns
  }

  /// A score in the keys of a section.
  static func column(_ section: StrictSection, title: String? = nil, group: String = "") throws(UserError) -> Column {
    let metric = try needed(section, "metric")
    return Column(
      title: title ?? metric, group: group, evaluator: try needed(section, "evaluator"),
      subject: try needed(section, "subject"), metric: metric,
      better: try section.choice("better", of: Column.Direction.self), scale: try scale(section))
  }

  /// The scale of a column, where it has one.
  private static func scale(_ section: StrictSection) throws(UserError) -> ScoreScale? {
    let chance = try section.number("chance", -1e9..<1e9)
    let ceiling = try section.number("ceiling", -1e9..<1e9)
    guard let chance else {
      guard ceiling == nil else {
        throw section.refused("ceiling", "does not go without `chance`", mend: "say what chance gives, too")
      }
      return nil
    }
    let scale = ScoreScale(chance: chance, ceiling: ceiling ?? 1)
    guard scale.isUsable else { throw section.refused("chance", "is the ceiling", mend: "give unlike ends") }
    return scale
  }

  private static func search(_ file: StrictSection, columns: [Column]) throws(UserError) -> Search? {
    guard let member = file["search"] else { return nil }
    let section = try StrictSection(
      member.value, path: "search", keys: ["seed", "on", "by", "settings", "shared", "trials"], source: file.source)
    let on = try settings(section, "on")
    guard !on.isEmpty else {
      throw UserError(
        .data, "`search.on` is missing", at: section.place(of: section.place),
        mend: "name the setting that evaluates on the validation side")
    }
    guard let by = section["by"] else {
      throw UserError(.data, "`search.by` is missing", at: section.place(of: section.place), mend: "name a score")
    }
    let score = try column(StrictSection(by.value, path: "search.by", keys: scoreKeys, source: file.source))
    guard score.better != .neither else {
      throw section.refused("by", "names a score of which neither direction is better", mend: "add `better`")
    }
    return Search(
      seed: try section.integer("seed", 0...Int.max) ?? 0, on: on, settings: try settings(section, "settings"),
      axes: try axes(section, "shared"), trials: try section.integer("trials", 2...10_000), score: score)
  }

  private typealias Profile = (
    seeds: [Int]?, folds: Int?, shared: [Setting], rows: [String]?, hasSearch: Bool
  )

  private static func profile(
    _ name: String?, of file: StrictSection, rows: [Row]
  ) throws(UserError) -> Profile? {
    var profiles: [String: Profile] = [:]
    var order: [String] = []
    if let member = file["profiles"] {
      for profile in try StrictSection(member.value, path: "profiles", keys: nil, source: file.source).members {
        let section = try StrictSection(
          profile.value, path: "profiles.\(profile.key)", keys: ["seeds", "folds", "shared", "rows", "search"],
          source: file.source)
        let chosen = try section.texts("rows")
        for row in chosen where !rows.contains(where: { $0.name == row.text }) {
          throw UserError(
            .data, "there is no row `\(row.text)`", at: row.place, mend: nearest(row.text, rows.map(\.name)))
        }
        order.append(profile.key)
        profiles[profile.key] = (
          try seeds(section), try section.integer("folds", foldCounts), try settings(section, "shared"),
          chosen.isEmpty ? nil : chosen.map(\.text),
          try section.boolean("search") ?? true
        )
      }
    }
    guard let name else { return nil }
    guard let profile = profiles[name] else {
      throw UserError(
        .usage, "the suite has no profile `\(name)`",
        mend: order.isEmpty ? "it has none at all" : nearest(name, order))
    }
    return profile
  }
}
