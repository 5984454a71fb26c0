import Foundation
import Recipes
import Reports
import Runs
import Training

/// `Results/INDEX.md`: one row for each recipe with committed results, in a table for each paper.
public struct ResultsIndex {
  /// The name of the file in the folder of results.
  public static let fileName = "INDEX.md"

  /// The file's text.
  public let text: String

  /// Writes the index of results; those that claims wait for are named.
  public init(_ results: CommittedResults, files: [ClaimsFile]) {
    var papers = files.map(\.paper)
    for entry in results.entries where !papers.contains(Self.paper(of: entry)) { papers.append(Self.paper(of: entry)) }
    let sections = papers.sorted().map { paper in
      Self.section(
        paper, file: files.first { $0.paper == paper },
        entries: results.entries.filter { Self.paper(of: $0) == paper }, results: results)
    }
    text = ([Self.head] + sections).joined(separator: "\n")
  }

  private static let head = """
    # Results

    Written by `concord verify --write-index` from the committed results; what is shown of a paper is set in its
    `Papers/<Paper>.claims.yaml`. Values are the mean ± half of the 95 % interval of the mean over the seeds (Student's
    t), fractions in percent, on the test side unless a recipe's notes say otherwise. Each folder has `results.json`
    (every score of every seed), `manifest.json`, the resolved `recipe.yaml`, `table.md` and figures; the last two of a
    row of a comparison are in the report beside it. Wall times in the tables were taken with other work on the machine
    and say nothing of speed; for that see
    [Performance](../Papers/Performance.md). Which claims the results bear out is printed by `concord verify`.

    """

  private static func paper(of entry: CommittedResults.Entry) -> String {
    String(entry.name.prefix { $0 != "/" })
  }

  private static func folder(of entry: CommittedResults.Entry) -> String {
    String(entry.name.drop { $0 != "/" }.dropFirst())
  }

  /// The suite whose row the results are; nil where they are a recipe's own.
  private static func suite(of entry: CommittedResults.Entry) -> String? {
    let words = folder(of: entry).split(separator: "/")
    return words.count > 1 ? String(words[0]) : nil
  }

  private static func section(
    _ paper: String, file: ClaimsFile?, entries: [CommittedResults.Entry], results: CommittedResults
  ) -> String {
    let layout = file?.index
    var blocks = ["## \(paper)\n"]
    if !entries.isEmpty {
      if let file, !file.deviations.isEmpty { blocks.append(deviations(of: file)) }
      if let note = layout?.note { blocks.append(note.trimmingCharacters(in: .whitespacesAndNewlines) + "\n") }
      let order = layout?.recipes ?? []
      func place(_ entry: CommittedResults.Entry) -> Int {
        order.firstIndex(of: folder(of: entry)) ?? order.firstIndex { folder(of: entry).hasSuffix("/\($0)") }
          ?? order.count
      }
      let sorted = entries.enumerated().sorted {
        (place($0.element), $0.offset) < (place($1.element), $1.offset)
      }.map(\.element)
      for suite in ScoreTable.unique(sorted.map { suite(of: $0) ?? "" }) {
        let own = sorted.filter { Self.suite(of: $0) ?? "" == suite }
        guard !suite.isEmpty else {
          blocks.append(table(of: own, columns: layout?.columns ?? []))
          continue
        }
        blocks.append("### [\(suite)](\(paper)/\(suite)/report.md)\n")
        // What is shown of one data set another need not have.
        let columns = (layout?.columns ?? []).filter { column in own.contains { cell(column, of: $0) != "–" } }
        blocks.append(table(of: own, columns: columns))
      }
    }
    let awaited = Set((file?.claims ?? []).flatMap(\.names).map(\.results)).filter { results[$0] == nil }
    if !awaited.isEmpty {
      let names = awaited.sorted().map { "`\($0.prefix { $0 != "/" }.lowercased())\($0.drop { $0 != "/" })`" }
      blocks.append("Claims wait for the results of \(names.joined(separator: ", ")).\n")
    }
    return blocks.joined(separator: "\n")
  }

  /// How many deviations there are, and the grave ones by name.
  private static func deviations(of file: ClaimsFile) -> String {
    let major = file.deviations.filter { $0.gravity == .major }.map { "`\($0.identifier)`" }
    let (name, count) = ("\(file.paper)\(ClaimsFile.suffix)", file.deviations.count)
    return "\(count) \(count == 1 ? "deviation" : "deviations") from the source in [\(name)](../Papers/\(name))"
      + (major.isEmpty ? "" : ", of them major: \(major.joined(separator: ", "))") + ".\n"
  }

  private static func table(of entries: [CommittedResults.Entry], columns: [IndexLayout.Column]) -> String {
    let hasExpected = entries.contains { !$0.result.expected.isEmpty }
    let heads =
      ["recipe"] + columns.map(\.title) + (hasExpected ? ["published, with ours"] : [])
      + ["parameters", "seeds", "commit"]
    let rules = heads.map { ["parameters", "seeds"].contains($0) ? "--:" : "---" }
    var lines = [heads, rules]
    for entry in entries {
      lines.append(
        [name(of: entry)] + columns.map { cell($0, of: entry) } + (hasExpected ? [expected(of: entry)] : [])
          + [
            entry.result.parameterCount.map(grouped) ?? "–", "\(entry.result.seeds.count)", commit(of: entry),
          ])
    }
    return lines.map { cells in
      "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }.joined()
  }

  /// The recipe, with a link to its table where there is one.
  private static func name(of entry: CommittedResults.Entry) -> String {
    let table = entry.folder.url.appendingPathComponent("table.md").path
    let name = "`\(entry.result.recipe)`"
    return FileManager.default.fileExists(atPath: table) ? "[\(name)](\(entry.name)/table.md)" : name
  }

  private static func cell(_ column: IndexLayout.Column, of entry: CommittedResults.Entry) -> String {
    let own = CommittedResults([entry])
    for pattern in column.patterns {
      let names = pattern.names.map {
        ScoreName(results: entry.name, evaluator: $0.evaluator, subject: $0.subject, metric: $0.metric)
      }
      let terms = column.isList ? names.map { ScoreTerm([$0]) } : [ScoreTerm(names)]
      let values = terms.compactMap { try? own.value(of: $0) }
      guard values.count == terms.count else { continue }
      return values.map { value in
        let text = value.summary.typedMetric.text(value.summary.mean, halfWidth: value.summary.halfWidth)
        return column.isList ? "\(value.summary.subject) \(text)" : text
      }.joined(separator: ", ")
    }
    return "–"
  }

  /// Published values, each with whether ours is within its tolerance.
  private static func expected(of entry: CommittedResults.Entry) -> String {
    let texts = entry.result.expected.map { expected in
      let ours = entry.result.score(for: expected).map {
        "ours \($0.typedMetric.text($0.mean, halfWidth: $0.halfWidth))"
      }
      let verdict =
        entry.result.verdict(on: expected).map { $0 ? "met" : "not met" }
        ?? (entry.result.score(for: expected) == nil ? "not measured" : "one seed cannot tell")
      return "\(expected.subject), \(expected.metric): \(entry.result.text(of: expected)) (\(expected.source)), "
        + [ours, verdict].compactMap { $0 }.joined(separator: ", ")
    }
    return texts.isEmpty ? "–" : texts.joined(separator: "; ")
  }

  private static func grouped(_ number: Int) -> String {
    var digits = String(number)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }

  /// The commit, `+` where there were changes that were not committed; those of seeds that were taken over behind it.
  private static func commit(of entry: CommittedResults.Entry) -> String {
    guard let manifest = try? entry.folder.readManifest(), let commit = manifest.commit else { return "–" }
    let all = [commit] + (manifest.takenOver ?? []).compactMap(\.commit)
    return ScoreTable.unique(all.map { "`\($0.hash.prefix(9))`" + ($0.isClean ? "" : "+") }).joined(separator: ", ")
  }
}
