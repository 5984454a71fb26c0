import Claims
import Comparison
import Diagnostics
import Foundation
import Methods
import Options
import Recipes
import Runs
import StrictYAML

/// The catalogue of methods as `concord list --methods` shows it.
struct MethodListing {
  private struct Entry {
    let key: String
    let summary: String
    let source: String
    let file: String?
    let suites: [String]
    let best: (recipe: String, score: ScoreSummary)?
  }

  /// The scores that a method is shown by, the first that it has: methods of pictures alone retrieve nothing.
  private static let shown = [
    (evaluator: "retrieval", subject: "image → caption-en", metric: "R@1"),
    (evaluator: "linear probe", subject: "image", metric: "subgroup"),
  ]

  private let entries: [Entry]

  /// Looks up suites and committed results.
  ///
  /// - Parameter results: the folder of results; nil where there is none.
  init(results: URL?) throws {
    let committed = try results.map { try CommittedResults(in: $0).entries } ?? []
    let known = Set(try catalogue.names())
    let recipes = Set(committed.map(\.result.recipe)).intersection(known).sorted()
    var methods: [String: String] = [:]
    for (name, found) in zip(recipes, catalogue.recipes(recipes.map { ($0, nil, []) })) {
      methods[name] = try Self.method(found.get())
    }
    var suites: [String: [String]] = [:]
    for name in SuiteCatalogue.names {
      let rows = try SuiteCatalogue.suite(name).rows.map { ($0.recipe, $0.profile, $0.settings.map(\.override)) }
      let named = try catalogue.recipes(rows).compactMap { try Self.method($0.get()) }
      for method in Set(named) { suites[method, default: []].append(name) }
    }
    entries = MethodCatalogue.all.compactMap { $0 as? any MethodOptions.Type }.map { type in
      let own = committed.filter { methods[$0.result.recipe] == type.key }.map(\.result)
      return Entry(
        key: type.key, summary: type.summary, source: type.source, file: type.file.map { "Sources/\($0)" },
        suites: suites[type.key] ?? [], best: Self.best(of: own))
    }
  }

  /// The nearest `Results` upwards that has `Papers` beside it.
  static func nearestResults() -> URL? {
    var folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    while true {
      let names = ["Results", "Papers"].map { folder.appending(path: $0).path }
      if names.allSatisfy(FileManager.default.fileExists(atPath:)) { return folder.appending(path: "Results") }
      guard folder.path != "/" else { return nil }
      folder.deleteLastPathComponent()
    }
  }

  private static func method(_ recipe: Recipe) -> String? {
    guard case .text(let name)? = recipe.settings["method"]?["name"] else { return nil }
    return name
  }

  private static func best(of results: [RunResult]) -> (recipe: String, score: ScoreSummary)? {
    for wanted in shown {
      let found = results.compactMap { result in
        result.scores.first {
          $0.evaluator == wanted.evaluator && $0.subject == wanted.subject && $0.metric == wanted.metric
        }.map { (recipe: result.recipe, score: $0) }
      }
      if let best = found.max(by: { $0.score.mean < $1.score.mean }) { return best }
    }
    return nil
  }

  /// A few lines for each method.
  var text: String {
    let width = (entries.map(\.key.count).max() ?? 0) + 2
    let margin = String(repeating: " ", count: width)
    return entries.map { entry in
      var lines = [
        entry.key.padding(toLength: width, withPad: " ", startingAt: 0) + entry.summary, margin + entry.source,
      ]
      let suites = entry.suites.isEmpty ? [] : ["suites \(entry.suites.joined(separator: ", "))"]
      let place = [entry.file].compactMap { $0 } + suites
      if !place.isEmpty { lines.append(margin + place.joined(separator: "; ")) }
      if let (recipe, score) = entry.best {
        let half = score.halfWidth.map { String(format: " ± %.1f", 100 * $0) } ?? ""
        lines.append(
          margin + "best committed: \(score.evaluator) \(score.metric) of \(score.subject) "
            + String(format: "%.1f", 100 * score.mean) + "\(half) % (\(recipe))")
      }
      return lines.joined(separator: "\n")
    }.joined(separator: "\n") + "\n"
  }

  /// The same for a machine; a score is in its own unit, a fraction.
  var json: JSONValue {
    .list(
      entries.map { entry in
        .object([
          .init("name", .text(entry.key)), .init("summary", .text(entry.summary)),
          .init("source", .text(entry.source)), .init("file", entry.file.map(JSONValue.text) ?? .null),
          .init("suites", .list(entry.suites.map(JSONValue.text))),
          .init(
            "best",
            entry.best.map { best in
              .object([
                .init("recipe", .text(best.recipe)), .init("evaluator", .text(best.score.evaluator)),
                .init("subject", .text(best.score.subject)), .init("metric", .text(best.score.metric)),
                .init("mean", .number(best.score.mean)),
                .init("halfWidth", best.score.halfWidth.map(JSONValue.number) ?? .null),
              ])
            } ?? .null),
        ])
      })
  }
}
