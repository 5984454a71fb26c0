import Diagnostics
import Foundation
import Recipes
import Runs
import StrictYAML
import Training

/// The runs in a folder, the newest first, and those of them that a query chooses.
public struct RunListing: Sendable {
  /// The runs.
  public private(set) var runs: [ListedRun]
  /// All runs of the folder, whose keys are known.
  private let all: [ListedRun]

  /// Finds all runs in a folder, those of comparisons among them; damaged and unfinished ones are listed too.
  ///
  /// - Throws: where there is no such folder.
  public init(in folder: URL) throws(UserError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw UserError(.inputOutput, "there is no such folder", at: folder.path, mend: "name the folder with --runs")
    }
    all = Self.folders(in: folder, depth: 0).map(ListedRun.init).sorted { first, second in
      let times = (first.start ?? .distantPast, second.start ?? .distantPast)
      if times.0 != times.1 { return times.0 > times.1 }
      return first.folder.url.path.compare(second.folder.url.path, options: .numeric) == .orderedDescending
    }
    runs = all
  }

  /// How far below the folder runs are looked for: a cell of a comparison stands four folders deep.
  private static let deepest = 6

  private static func folders(in parent: URL, depth: Int) -> [RunFolder] {
    func exists(_ name: String, in folder: URL) -> Bool {
      FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }
    guard depth <= deepest else { return [] }
    if time(inName: parent.lastPathComponent) != nil || exists("manifest.json", in: parent) {
      return [RunFolder(parent)]
    }
    // The rows of a comparison are its cells put together, and would be counted twice.
    let isComparison = exists("plan.json", in: parent)
    let names = isComparison ? ["cells"] : (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().flatMap { name -> [RunFolder] in
      let child = parent.appendingPathComponent(name, isDirectory: true)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: child.path, isDirectory: &isFolder), isFolder.boolValue else {
        return []
      }
      return folders(in: child, depth: depth + 1)
    }
  }

  /// The time that the name of a run's folder begins with: `20261121T031844Z-1a2b3c4d`.
  static func time(inName name: String) -> Date? {
    let parts = name.split(separator: "-", maxSplits: 1)
    guard parts.count == 2, parts[0].count == 16 else { return nil }
    let style = Date.ISO8601FormatStyle().year().month().day().dateSeparator(.omitted)
      .time(includingFractionalSeconds: false).timeSeparator(.omitted)
    return try? style.parse(String(parts[0].dropLast()))
  }

  /// Keeps the runs that meet a condition.
  ///
  /// - Throws: where no run has one of its keys.
  public mutating func keep(_ query: RunQuery) throws(UserError) {
    for key in query.keys { try check(key.name, column: key.column) }
    runs = runs.filter { run in query.matches(run.value(of:)) }
  }

  /// Orders the runs by a key, the greatest value first unless `ascending`; those without a value come last.
  ///
  /// - Throws: where no run has the key.
  public mutating func sort(by key: String, ascending: Bool = false) throws(UserError) {
    try check(key, column: nil)
    let values = runs.map { $0.value(of: key) ?? .null }
    // Numbers stand before texts, which have no order with them, and both before what has none.
    let kinds = values.map { value in
      guard RunQuery.order(value, value) != nil else { return 2 }
      return if case .text = value { 1 } else { 0 }
    }
    let kept = runs
    runs = runs.indices.sorted { first, second in
      guard kinds[first] == kinds[second] else { return kinds[first] < kinds[second] }
      return switch RunQuery.order(values[first], values[second]) {
      case .orderedAscending?: ascending
      case .orderedDescending?: !ascending
      default: first < second
      }
    }.map { kept[$0] }
  }

  /// Puts the runs in the opposite order.
  public mutating func reverse() { runs.reverse() }

  /// Keeps the first runs.
  public mutating func limit(to count: Int) { runs = Array(runs.prefix(count)) }

  /// Refuses a key that no run of the folder has.
  private func check(_ key: String, column: Int?) throws(UserError) {
    guard !all.isEmpty, !all.contains(where: { $0.value(of: key) != nil }),
      ListedRun.Field(rawValue: key) == nil
    else { return }
    let known = ScoreTable.unique(all.flatMap(\.keys))
    let near = nearestName(to: key, among: known).map { $0.contains(" ") ? "'\($0)'" : $0 }
    let what = "no run has `\(key)`"
    let mend = near.map { "did you mean \($0)?" } ?? "see recipe.yaml and the report of a run for its keys"
    guard let column else { throw UserError(.usage, what, at: "--sort", mend: mend) }
    throw RunQuery.fault(what, column: column, mend: mend)
  }

  /// The runs as a table for a terminal.
  ///
  /// - Parameter key: a key that gets a column of its own, unless it has one anyway.
  public func text(showing key: String? = nil) -> String {
    let key = key.flatMap { ["start", "recipe", "hash", "seed", "seeds", "ending"].contains($0) ? nil : $0 }
    let rows = runs.map { run -> [ScoreTable.Cell] in
      let seeds = (run.seeds ?? []).map(String.init).joined(separator: ",")
      let score =
        run.mainScore?.text ?? run.faults.first
        ?? (run.doneSeeds > 0 ? "\(run.doneSeeds) of \(run.manifest?.seeds.count ?? 0) seeds done" : "–")
      let value = key.map { [Self.cell(run.value(of: $0))] } ?? []
      let recipe = run.recipeName + (run.manifest?.profile.map { " (\($0))" } ?? "")
      let cells: [ScoreTable.Cell] = [
        .init(run.start?.formatted(.iso8601) ?? "–"), .init(recipe), .init(run.hash ?? "–"),
        .init(seeds.isEmpty ? "–" : seeds), .init(run.ending),
      ]
      return cells + value + [.init(score.onOneLine(limit: 120))]
    }
    let heads = ["started", "recipe", "hash", "seeds", "ended"] + (key.map { [$0] } ?? []) + ["main score"]
    return ScoreTable(title: "started", heads: heads, rows: rows, isNumeric: false).plain
  }

  private static func cell(_ value: JSONValue?) -> ScoreTable.Cell {
    switch value {
    case nil, .null?: .missing
    case .number(let number)?: .init(number.isFinite ? String(format: "%.6g", number) : "\(number)")
    case .text(let text)?: .init(text.onOneLine(limit: 60))
    case let value?: .init(value.yaml.onOneLine(limit: 60))
    }
  }

  /// The runs for a machine; scores in the metric's own unit, as `results.json` has them.
  ///
  /// - Parameter key: a key whose value is given too, as a query reads it.
  public func json(showing key: String? = nil) -> JSONValue {
    func text(_ value: String?) -> JSONValue { value.map(JSONValue.text) ?? .null }
    return .list(
      runs.map { run in
        let score = run.mainScore.map { main in
          JSONValue.object([
            .init("evaluator", .text(main.score.evaluator)), .init("subject", .text(main.score.subject)),
            .init("metric", .text(main.score.metric)), .init("mean", Self.finite(main.score.mean)),
            .init("halfWidth", main.score.halfWidth.map(Self.finite) ?? .null),
          ])
        }
        var members: [JSONValue.Member] = [
          .init("folder", .text(run.folder.url.path)), .init("start", text(run.start?.formatted(.iso8601))),
          .init("recipe", .text(run.recipeName)), .init("profile", text(run.manifest?.profile)),
          .init("hash", text(run.hash)), .init("seeds", run.seeds.map { .list($0.map(JSONValue.integer)) } ?? .null),
          .init("ending", .text(run.ending)), .init("mainScore", score ?? .null),
          .init("faults", .list(run.faults.map(JSONValue.text))),
        ]
        if let key { members.append(.init(key, run.value(of: key) ?? .null)) }
        return .object(members)
      })
  }

  /// A number that JSON can hold.
  private static func finite(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }
}
