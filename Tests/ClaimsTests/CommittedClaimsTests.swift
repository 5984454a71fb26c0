import Claims
import Foundation
import Runs
import Testing

/// The claims files of the repository against its recipes and committed results.
@Suite struct CommittedClaimsTests {
  let root: URL
  let files: [ClaimsFile]
  let results: CommittedResults

  init() throws {
    root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    files = try ClaimsFile.all(in: root.appendingPathComponent("Papers"))
    results = try CommittedResults(in: root.appendingPathComponent("Results"))
  }

  @Test func everyPaperWithClaimsIsRead() {
    #expect(
      files.map(\.paper) == [
        "BLIP", "Caption", "Compare", "Distil", "FDT", "GMC", "MCT", "Prefix", "Tune", "ViLBERT",
      ])
    for file in files { #expect(!file.claims.isEmpty && file.index != nil, "\(file.paper)") }
  }

  @Test func everyClaimNamesRecipesThatThereAre() throws {
    for file in files {
      for name in Set(file.claims.flatMap(\.names).map(\.results)) {
        let parts = name.split(separator: "/")
        if parts.count == 3 {
          let rows = try suite(of: String(parts[1])).lowercased().replacing(" ", with: "-")
          let isRow = rows.contains("-recipe:-compare/\(parts[2])") || rows.contains("name:-\(parts[2]),")
          #expect(isRow, "\(file.paper): \(name) is no row")
          continue
        }
        let recipe = name.replacing("/", with: "/Recipes/")
        let path = root.appendingPathComponent("Experiments/\(recipe).yaml").path
        #expect(FileManager.default.fileExists(atPath: path), "\(file.paper): \(name) is no recipe")
      }
    }
  }

  /// The text of a suite, whose comparison is named after it, or after it and one of its profiles.
  private func suite(of comparison: String) throws -> String {
    let folder = root.appendingPathComponent("Sources/Comparison/Suites")
    func text(_ name: String) -> String? {
      try? String(contentsOf: folder.appendingPathComponent("\(name).yaml"), encoding: .utf8)
    }
    if let whole = text(comparison) { return whole }
    let dash = try #require(comparison.lastIndex(of: "-"), "\(comparison) is no suite")
    let suite = try #require(text(String(comparison[..<dash])), "\(comparison) is no suite")
    let profile = comparison[dash...].dropFirst()
    #expect(suite.contains("\n  \(profile):"), "\(comparison) is no profile")
    return suite
  }

  // Results may be older than an evaluation that claims name, so a table that they do not have at all is left alone;
  // what a decided claim lacks changes its verdict.
  @Test func everyClaimNamesScoresThatItsResultsHave() {
    for file in files {
      for name in Set(file.claims.flatMap(\.names)) {
        guard let scores = results[name.results]?.result.scores,
          scores.contains(where: { $0.evaluator == name.evaluator })
        else { continue }
        #expect(results.fault(of: name) == nil, "\(file.paper)")
      }
    }
  }

  @Test func everyVerdictIsTheCommittedOne() {
    for finding in Verification(files, results: results).findings {
      #expect(!finding.differs, "\(finding.name): \(finding.verdict.rawValue)")
    }
  }

  @Test func theRuleOfTheNoteIsThatOfTheDelaunayClaim() throws {
    let claim = try #require(files.first { $0.paper == "GMC" }?.claims.first { $0.identifier == "3-digits" })
    let modalities = ["image", "sound", "trajectory"]
    // Precision and recall of every modality of each run are 0.9, or 0.1, where complete – complete has 0.95.
    func results(gmc: Double, fusion: Double, dropout: Double, complete: Double = 0.95) throws -> CommittedResults {
      func rows(_ value: Double) -> String {
        let subjects = modalities.map { ("complete – \($0)", value) } + [("complete – complete", complete)]
        return subjects.flatMap { subject, value in
          ["precision", "recall"].map { metric in
            // Scattered in proportion, so that shares are exact and differences have an interval.
            let values = [0.99 * value, value, 1.01 * value]
            let summary = ScoreSummary(
              evaluator: "Delaunay components", subject: subject, metric: metric, values: values)
            return """
              {"evaluator": "Delaunay components", "subject": "\(subject)", "metric": "\(metric)", \
              "values": \(values), "mean": \(summary.mean), "halfWidth": \(summary.halfWidth ?? 0)}
              """
          }
        }.joined(separator: ",")
      }
      return CommittedResults(
        try [("digits-no-label", gmc), ("digits-fusion", fusion), ("digits-fusion-dropout", dropout)].map {
          name, value in
          let text = """
            {"recipe": "gmc/\(name)", "title": "", "hash": "", "seeds": [0, 1, 2], "scores": [\(rows(value))], \
            "expected": [], "notes": [], "wallSeconds": [1, 1, 1], "datasetChecksums": {}}
            """
          return CommittedResults.Entry(
            name: "GMC/\(name)", folder: RunFolder(root),
            result: try JSONDecoder().decode(RunResult.self, from: Data(text.utf8)))
        })
    }
    func verdict(_ results: CommittedResults) throws -> Verdict {
      let file = try #require(files.first { $0.paper == "GMC" })
      return try #require(
        Verification([file], results: results).findings.first { $0.claim.identifier == claim.identifier }
      ).verdict
    }
    #expect(try verdict(results(gmc: 0.9, fusion: 0.1, dropout: 0.2)) == .holds)
    // 0.75 · 0.95 = 0.7125 and 0.25 · 0.95 = 0.2375 are the borders.
    #expect(try verdict(results(gmc: 0.9, fusion: 0.1, dropout: 0.3)) == .inPart)
    #expect(try verdict(results(gmc: 0.7, fusion: 0.1, dropout: 0.2)) == .inPart)
    #expect(try verdict(results(gmc: 0.9, fusion: 0.1, dropout: 0.95)) == .doesNotHold)
    #expect(try verdict(results(gmc: 0.7, fusion: 0.5, dropout: 0.5)) == .doesNotHold)
    #expect(try verdict(results(gmc: 0.9, fusion: 0.1, dropout: 0.2, complete: 0.45)) == .undecided)
  }
}
