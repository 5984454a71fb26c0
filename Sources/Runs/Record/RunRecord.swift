import Diagnostics
import Foundation
import Training

/// All that a report reads of a finished run.
public struct RunRecord: Sendable {
  /// The run's folder.
  public let folder: RunFolder
  /// The scores.
  public let result: RunResult
  /// What the run was.
  public let manifest: Manifest
  /// The resolved recipe with its origins.
  public let recipe: RecordedRecipe
  /// Where the time of all seeds, of figures and of the report went; nil where the record does not say.
  public let timings: Timings?
  /// The figures that were drawn.
  public private(set) var figures: [FigureEntry]

  /// The same run without figures that may not be passed on.
  package var publishable: RunRecord {
    var record = self
    record.figures.removeAll { $0.mayBePublished == false }
    return record
  }

  /// Reads a run's files.
  ///
  /// - Throws: a `UserError` where the run has not finished or a file is missing or damaged.
  public init(of folder: RunFolder) throws(UserError) {
    self.folder = folder
    manifest = try folder.readManifest()
    result = try folder.readResult()
    recipe = try RecordedRecipe(of: folder)
    timings = folder.allTimings(of: result.seeds)
    figures = try Self.figures(in: folder)
    let seeds = result.seeds.count
    guard seeds > 0, result.hash == manifest.recipeHash, result.scores.allSatisfy({ $0.values.count == seeds }) else {
      throw UserError(
        .data, "the scores do not fit the run's seeds and manifest", at: folder.results.path, mend: "run again")
    }
  }

  /// The figures as the run's list has them; those of a run without the list bear their file's name.
  private static func figures(in folder: RunFolder) throws(UserError) -> [FigureEntry] {
    func exists(_ name: String) -> Bool {
      ["svg", "png", "pdf"].contains {
        FileManager.default.fileExists(atPath: folder.figures.appendingPathComponent("\(name).\($0)").path)
      }
    }
    let listed = try FigureList.read(in: folder)
    if let wrong = listed.first(where: { $0.name.isEmpty || $0.name.contains("/") || $0.name.hasPrefix(".") }) {
      throw UserError(
        .data, "`\(wrong.name)` is no name of a figure", at: folder.figures.appendingPathComponent("index.json").path,
        mend: "draw the figures again with 'concord plot'")
    }
    guard listed.isEmpty else { return listed.filter { exists($0.name) } }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.figures.path)) ?? []
    return files.filter { $0.hasSuffix(".svg") }.map { String($0.dropLast(4)) }.sorted().map { name in
      FigureEntry(name: name, title: name.replacing("-", with: " "), caption: "", kind: .scores)
    }
  }

  /// The recipe with its profile: `gmc/emoji (profile quick)`.
  public var name: String { result.recipe + (manifest.profile.map { " (profile \($0))" } ?? "") }

  /// The commit in short; `+` marks changes that were not committed.
  public var shortCommit: String {
    manifest.commit.map { String($0.hash.prefix(7)) + ($0.isClean ? "" : "+") } ?? "unknown"
  }

  /// The commit in full, as `git describe --dirty` marks one with changes.
  public var fullCommit: String { manifest.commit.map { $0.hash + ($0.isClean ? "" : "-dirty") } ?? "" }

  /// The seeds: `seed 0` or `seeds 0, 1, 2`.
  public var seeds: String {
    (result.seeds.count == 1 ? "seed " : "seeds ") + result.seeds.map(String.init).joined(separator: ", ")
  }

  /// What a number of the run must be quoted with: `gmc/emoji 82091f91, commit f22e6ec, seeds 0, 1, 2`.
  public var provenance: String { "\(name) \(result.hash), commit \(shortCommit), \(seeds)" }

  /// The names of several runs that tell them apart: a letter with the recipe, or with the hash or the folder where
  /// the recipe is the same.
  package static func labels(of records: [RunRecord]) -> [String] {
    let choices = [records.map(\.name), records.map(\.result.hash), records.map(\.folder.url.lastPathComponent)]
    let names = choices.first { Set($0).count == records.count } ?? choices[2]
    return zip(letters(records.count), names).map { "\($0) \($1)" }
  }

  /// The short names of several runs: A, B, C, …
  package static func letters(_ count: Int) -> [String] {
    (0..<count).map { index in
      guard index < 26 else { return "R\(index + 1)" }
      return String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index)))
    }
  }
}
