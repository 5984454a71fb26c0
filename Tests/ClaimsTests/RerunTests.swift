import Claims
import Diagnostics
import Foundation
import Runs
import Testing

/// A run made again, held against committed results.
@Suite struct RerunTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")

  /// Writes a run of the recipe `p/a` with the scores x and y.
  private func run(x: [Double], y: [Double], recipe: String = "p/a") throws -> RunFolder {
    let entry = try SampleResults.entry(
      recipe, seeds: Array(10..<10 + x.count), [("x", "share", x), ("y", "share", y)])
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let run = RunFolder(folder)
    try run.write(entry.result)
    return run
  }

  private func committed() throws -> CommittedResults {
    CommittedResults([
      try SampleResults.entry("P/a", [("x", "share", [0.5, 0.6, 0.7]), ("y", "share", [0.50, 0.51, 0.52])])
    ])
  }

  // 60 ± 4.303 · 10 · √(4 / 3) = 60 ± 49.7 of x, 51 ± 5.0 of y; over two seeds 39.3 and 3.9.
  @Test func aRunInsideIsTakenAsTheSame() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let rerun = try Rerun(run(x: [0.9], y: [0.55]), results: committed())
    #expect(rerun.refused.isEmpty)
    #expect(rerun.plain.contains("60.0 ± 49.7") && rerun.plain.contains("51.0 ± 5.0"), "\(rerun.plain)")
    #expect(rerun.plain.contains("1 seed: 2 of 2 scores lie inside the 95 % prediction interval"))
    let two = try Rerun(run(x: [0.9, 0.9], y: [0.55, 0.54]), results: committed())
    #expect(two.plain.contains("60.0 ± 39.3") && two.plain.contains("51.0 ± 3.9"))
  }

  @Test func oneOfTwentyMayLieOutside() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    // 5.5 points beside 5.0: p = 0.041, of two scores 0.083.
    let rerun = try Rerun(run(x: [0.6], y: [0.565]), results: committed())
    #expect(rerun.refused.isEmpty)
    #expect(rerun.plain.contains("outside, as one in twenty is\n") && rerun.plain.contains("1 of 2 scores lie inside"))
    let far = try Rerun(run(x: [0.6], y: [0.7]), results: committed())
    #expect(far.refused == ["accuracy, y, share"])
    #expect(far.plain.contains("1 lies outside beyond chance, after Holm's correction\n"))
  }

  @Test func fingerprintsSayWhetherTheProgramIsToBlame() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let place = folder.appendingPathComponent("committed", isDirectory: true)
    func write(_ losses: String, kind: String = "k", to folder: URL) throws {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let text = """
        {"recipe": "p/a", "recipeHash": "h", "overrides": [], "isComparable": true, "seeds": [0], "jobs": 1, "threads": 1,
        "versions": {}, "processor": "p", "memory": 1, "datasetChecksums": {}, "start": "2026-01-01T00:00:00Z",
        "ending": "finished", "computation": {"configuration": "c", "kind": "\(kind)", "libraries": {},
        "fingerprint": {"losses": "\(losses)", "parameters": "b", "scores": "c"}}}
        """
      try Data(text.utf8).write(to: RunFolder(folder).manifest)
    }
    let entry = try #require(committed().entries.first)
    let results = CommittedResults([.init(name: entry.name, folder: RunFolder(place), result: entry.result)])
    try write("a", to: place)
    let other = "not as it was for the committed seeds: the losses of its first steps are computed otherwise\n"
    let run = try run(x: [0.6], y: [0.7])
    for (losses, kind, says, blames) in [("a", "k", false, false), ("z", "k", true, true), ("z", "l", false, true)] {
      try write(losses, kind: kind, to: folder)
      let rerun = try Rerun(run, results: results)
      #expect(rerun.plain.contains(other) == says, "\(losses) \(kind)")
      #expect(rerun.advice.hasPrefix("look at what is not as committed") == blames, "\(losses) \(kind)")
    }
  }

  @Test func whatIsNoNumberIsRefused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let rerun = try Rerun(run(x: [.nan], y: [0.51]), results: committed())
    #expect(rerun.refused == ["accuracy, x, share"])
    // 0.0125 and 0.025 of Student's t with 2 degrees of freedom: 6.205 and 4.303.
    #expect(rerun.plain.contains("of 2 scores and 3 committed seeds, one is refused from 1.4 times"), "\(rerun.plain)")
  }

  @Test func aRunWithoutCommittedResultsIsRefused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let error = #expect(throws: UserError.self) {
      try Rerun(run(x: [0.6], y: [0.5], recipe: "p/ab"), results: committed())
    }
    #expect(error?.description.contains("no results of `p/ab` are committed; the nearest are those of `p/a`") == true)
  }
}
