import Diagnostics
import Foundation

/// The report of a run in Markdown, from `results.json`, `manifest.json` and the names of the figures alone.
public struct Report {
  private let result: RunResult
  private let manifest: Manifest
  private let figures: [String]

  /// A report of what was read.
  ///
  /// - Parameter figures: paths of pictures, relative to the report.
  public init(result: RunResult, manifest: Manifest, figures: [String] = []) {
    self.result = result
    self.manifest = manifest
    self.figures = figures
  }

  /// Reads a run's files.
  public init(of folder: RunFolder) throws(UserError) {
    let pictures = ((try? FileManager.default.contentsOfDirectory(atPath: folder.figures.path)) ?? [])
      .filter { $0.hasSuffix(".svg") }.sorted().map { "figures/\($0)" }
    self.init(result: try folder.readResult(), manifest: try folder.readManifest(), figures: pictures)
  }

  /// Writes the report into the run's folder, in place of an earlier one.
  @discardableResult public static func write(for folder: RunFolder) throws(UserError) -> Report {
    let report = try Report(of: folder)
    try AtomicFile.write(Data(report.markdown.utf8), to: folder.report)
    return report
  }

  /// The tables of scores, aligned for a terminal, and the verdicts on published values.
  public var plain: String {
    (ScoreTable.tables(of: result.scores) + (comparison.map { [$0] } ?? [])).map(\.plain).joined(separator: "\n")
  }

  /// The report.
  public var markdown: String {
    var parts = ["# \(result.title)\n", runSection]
    for table in ScoreTable.tables(of: result.scores) {
      parts.append("## \(capitalised(table.title))\n\n\(table.markdown)")
    }
    if let comparison { parts.append("## Against published values\n\n\(comparison.markdown)") }
    if !result.notes.isEmpty { parts.append("## Protocol\n\n" + result.notes.map { "- \($0)\n" }.joined()) }
    if !figures.isEmpty {
      parts.append("## Figures\n\n" + figures.map { "![\(Self.caption(of: $0))](\($0))\n" }.joined(separator: "\n"))
    }
    parts.append("## Versions\n\n" + versions.map { "- \($0)\n" }.joined())
    parts.append("## Run again\n\n```sh\n\(manifest.command)\n```\n")
    return parts.joined(separator: "\n")
  }

  private var runSection: String {
    let count = result.seeds.count
    var lines = [
      "recipe: `\(result.recipe)`" + (manifest.profile.map { ", profile `\($0)`" } ?? "") + ", hash `\(result.hash)`",
      "seeds: " + result.seeds.map(String.init).joined(separator: ", "),
      count > 1
        ? "values: mean ± half of the 95 % interval of the mean over \(count) seeds (Student's t)"
        : "values: one seed, without an interval",
    ]
    if !manifest.overrides.isEmpty {
      lines.append("overrides: " + manifest.overrides.map { "`\($0)`" }.joined(separator: " "))
    }
    if let commit = manifest.commit {
      lines.append("commit: `\(commit.hash)`" + (commit.isClean ? "" : ", with changes that are not committed"))
    }
    if let parameters = result.parameterCount { lines.append("parameters: \(parameters)") }
    let seconds = result.wallSeconds.map { String(format: "%.1f", $0) }.joined(separator: ", ")
    lines.append("seconds by seed: \(seconds)")
    for (name, checksum) in result.datasetChecksums.sorted(by: { $0.key < $1.key }) {
      lines.append("dataset: \(name), checksum `\(checksum)`")
    }
    lines.append("started: \(manifest.start.formatted(.iso8601)); ended: \(manifest.end?.formatted(.iso8601) ?? "–")")
    return lines.map { "- \($0)\n" }.joined()
  }

  private var versions: [String] {
    manifest.versions.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" } + [
      "processor: \(manifest.processor), \(manifest.threads) \(manifest.threads == 1 ? "thread" : "threads") a seed, "
        + "\(manifest.jobs) \(manifest.jobs == 1 ? "seed" : "seeds") at a time",
      String(format: "memory: %.1f GiB", Double(manifest.memory) / Double(1 << 30)),
    ]
  }

  /// The published values beside ours; `nil` where there are none.
  private var comparison: ScoreTable? {
    guard !result.expected.isEmpty else { return nil }
    let rows = result.expected.map { expected in
      let metric = Metric(named: expected.metric)
      let score = result.score(for: expected)
      let verdict =
        switch result.verdict(on: expected) {
        case true?: "within"
        case false?: "outside"
        case nil: "not measured"
        }
      return [
        "\(expected.evaluator), \(expected.subject), \(metric.heading)", "\(expected.value) ± \(expected.tolerance)",
        score.map { metric.text($0.mean, halfWidth: $0.halfWidth) } ?? "–", verdict, expected.source,
      ]
    }
    return ScoreTable(
      title: "published", heads: ["score", "published ± tolerance", "ours", "verdict", "source"], rows: rows)
  }

  private func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private static func caption(of path: String) -> String {
    URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent.replacing("-", with: " ")
  }
}
