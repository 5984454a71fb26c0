import Diagnostics
import Evaluation
import Foundation
import Runs
import Training

/// A score that committed results do not have, or that cannot be made of them.
struct MissingScore: Error {
  let text: String
}

/// The results under `Results/<Paper>/<recipe>/`, and those of suites under `Results/<Paper>/<suite>/<recipe>/`.
public struct CommittedResults: Sendable {
  /// The results of one recipe.
  public struct Entry: Sendable {
    /// The folder's name under `Results`, such as `GMC/digits` or `Compare/emoji/clip`.
    public let name: String
    /// The folder.
    public let folder: RunFolder
    /// The scores.
    public let result: RunResult
    /// The recipe as it was run; `nil` where there is none.
    public let recipe: RecordedRecipe?
    /// What the test items came to, by seed; `nil` where the results do not keep it.
    public let items: [Int: ItemTable]?

    /// Names results.
    public init(
      name: String, folder: RunFolder, result: RunResult, recipe: RecordedRecipe? = nil, items: [Int: ItemTable]? = nil
    ) {
      self.items = items
      self.name = name
      self.folder = folder
      self.result = result
      self.recipe = recipe
    }
  }

  /// A value of each seed.
  struct Value {
    let summary: ScoreSummary
    let seeds: [Int]
    /// The same by test items, in the order of the seeds; `nil` where they are not known.
    let items: [ItemScore]?
  }

  /// The results, in alphabetical order.
  public let entries: [Entry]

  /// Takes results.
  public init(_ entries: [Entry]) {
    self.entries = entries.sorted { $0.name < $1.name }
  }

  /// Reads every `results.json` two folders down, and three where the second has none.
  ///
  /// - Throws: a `UserError` of kind `inputOutput` where the folder cannot be read, `data` where a result is damaged.
  public init(in folder: URL) throws(UserError) {
    var entries: [Entry] = []
    for paper in try Self.folders(in: folder) {
      for recipe in try Self.folders(in: paper) {
        let name = "\(paper.lastPathComponent)/\(recipe.lastPathComponent)"
        if let entry = try Self.entry(name, in: recipe) {
          entries.append(entry)
          continue
        }
        for row in try Self.folders(in: recipe) {
          if let entry = try Self.entry("\(name)/\(row.lastPathComponent)", in: row) { entries.append(entry) }
        }
      }
    }
    self.init(entries)
  }

  /// The results in a folder; nil where it has none.
  private static func entry(_ name: String, in folder: URL) throws(UserError) -> Entry? {
    let run = RunFolder(folder)
    guard FileManager.default.fileExists(atPath: run.results.path) else { return nil }
    return Entry(
      name: name, folder: run, result: try run.readResult(), recipe: try? RecordedRecipe(of: run),
      items: try ItemsFile.read(from: run.items))
  }

  private static func folders(in parent: URL) throws(UserError) -> [URL] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: parent.path)
    } catch {
      throw UserError(
        .inputOutput, "the folder cannot be read", at: parent.path, mend: "name the folder of results with --results")
    }
    return names.filter { !$0.hasPrefix(".") }.sorted().map { parent.appendingPathComponent($0, isDirectory: true) }
      .filter { url in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
      }
  }

  /// The results of a name.
  public subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// What keeps a score from being found; `nil` where it is there.
  public func fault(of name: ScoreName) -> String? {
    do throws(MissingScore) {
      _ = try score(name)
      return nil
    } catch {
      return error.text
    }
  }

  private func score(_ name: ScoreName) throws(MissingScore) -> Value {
    guard let entry = self[name.results] else { throw MissingScore(text: "results missing: \(name.results)") }
    let result = entry.result
    let own = result.scores.filter { $0.evaluator == name.evaluator }
    if let score = own.first(where: { $0.subject == name.subject && $0.metric == name.metric }) {
      // Claims are read before there are results, by names alone.
      guard score.typedMetric.isFraction == Metric(named: name.metric).isFraction else {
        throw MissingScore(text: "unit unknown: \(name) is recorded in another unit than its name stands for")
      }
      let items = result.seeds.compactMap { seed in
        entry.items?[seed].flatMap {
          ItemScore(evaluator: name.evaluator, subject: name.subject, metric: name.metric, of: $0)
        }
      }
      return Value(
        summary: score, seeds: result.seeds, items: items.count == result.seeds.count ? items : nil)
    }
    let (wrong, known) =
      if own.isEmpty {
        (name.evaluator, result.scores.map(\.evaluator))
      } else if own.contains(where: { $0.subject == name.subject }) {
        (name.metric, own.map(\.metric))
      } else {
        (name.subject, own.map(\.subject))
      }
    let mend = nearestName(to: wrong, among: Set(known)).map { "; did you mean `\($0)`?" } ?? ""
    throw MissingScore(text: "score missing: \(name)\(mend)")
  }

  /// The mean of several values' items, seed by seed; `nil` where one has none.
  private static func meanItems(_ values: [Value], seeds: [Int]) -> [ItemScore]? {
    let known = values.compactMap { value in
      value.items.map { Dictionary(zip(value.seeds, $0), uniquingKeysWith: { first, _ in first }) }
    }
    guard known.count == values.count else { return nil }
    return seeds.map { seed in
      ItemScore.sum(known.compactMap { $0[seed] }.map { (weight: 1 / Double(values.count), score: $0) })
    }
  }

  /// The value of a term.
  func value(of term: ScoreTerm) throws(MissingScore) -> Value {
    var values: [Value] = []
    for name in term.names { values.append(try score(name)) }
    guard values.count > 1 else { return values[0] }
    func choose(_ isBetter: (Double, Double) -> Bool) -> Value {
      values.dropFirst().reduce(values[0]) { isBetter($1.summary.mean, $0.summary.mean) ? $1 : $0 }
    }
    switch term.choice {
    case .highest: return choose(>)
    case .lowest: return choose(<)
    case .mean: break
    }
    let seeds = values[0].seeds
    guard values.allSatisfy({ Set($0.seeds) == Set(seeds) }) else {
      throw MissingScore(text: "seeds differ, so there is no mean: \(term)")
    }
    let sums = seeds.map { seed in
      values.reduce(0) { sum, value in
        sum + (value.seeds.firstIndex(of: seed).map { value.summary.values[$0] } ?? .nan)
      }
    }
    let first = values[0].summary
    return Value(
      summary: ScoreSummary(
        evaluator: first.evaluator, subject: first.subject, metric: first.metric,
        values: sums.map { $0 / Double(values.count) }), seeds: seeds, items: Self.meanItems(values, seeds: seeds))
  }
}
