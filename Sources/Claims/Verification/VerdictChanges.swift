import Recipes
import Reports
import Runs

/// What replaced results have changed: the verdicts before and now, claim by claim, with the figures of those that are others
/// and what is not as it was about the trainings behind them.
public struct VerdictChanges {
  private let before: Verification
  private let now: Verification
  private let oldResults: CommittedResults
  private let newResults: CommittedResults

  /// Holds verdicts against each other; claims are the same where paper and name are.
  public init(
    from before: Verification, of oldResults: CommittedResults, to now: Verification, of newResults: CommittedResults
  ) {
    (self.before, self.now, self.oldResults, self.newResults) = (before, now, oldResults, newResults)
  }

  /// The claims whose verdict is another one, of those that there were before.
  public var changed: [(name: String, before: Verdict, now: Verdict)] {
    now.findings.compactMap { finding in
      earlier(finding).flatMap { old in
        old.verdict == finding.verdict ? nil : (finding.name, old.verdict, finding.verdict)
      }
    }
  }

  private func earlier(_ finding: Verification.Finding) -> Verification.Finding? {
    before.findings.first { $0.name == finding.name }
  }

  /// A row for each claim; below a changed one its tests as they were and are.
  public var plain: String {
    var rows: [[ScoreTable.Cell]] = []
    for finding in now.findings {
      let old = earlier(finding)
      let isChanged = old.map { $0.verdict != finding.verdict } ?? false
      rows.append([
        .init(finding.name), .init(old?.verdict.rawValue ?? "new claim"),
        .init(finding.verdict.rawValue + (isChanged ? "*" : "")), .init(finding.claim.statement),
      ])
      guard isChanged, let old else { continue }
      for (word, outcomes) in [("  before", old.tests), ("  now", finding.tests)] {
        for outcome in outcomes {
          let text = outcome.isUnmeasured ? outcome.missing.first ?? "" : outcome.text
          rows.append([.init(word), .init(outcome.decision.rawValue), "", .init("  \(outcome.label): \(text)")])
        }
      }
      for line in differences(behind: finding) { rows.append(["  trainings", "", "", .init("  \(line)")]) }
    }
    let gone = before.findings.filter { old in !now.findings.contains { $0.name == old.name } }
    for finding in gone {
      rows.append([.init(finding.name), .init(finding.verdict.rawValue), "gone", .init(finding.claim.statement)])
    }
    let table = ScoreTable(title: "claim", heads: ["", "before", "now", ""], rows: rows, isNumeric: false)
    let count = now.findings.count { earlier($0) != nil }
    return table.plain + "\n* \(changed.count) of \(count) verdicts are not as before; "
      + "\(now.findings.count - count) claims are new, \(gone.count) are gone\n"
  }

  /// What is not as it was about the results that a claim names.
  private func differences(behind finding: Verification.Finding) -> [String] {
    ScoreTable.unique(finding.claim.names.map(\.results)).compactMap { name in
      guard let new = newResults[name] else { return nil }
      guard let old = oldResults[name] ?? oldResults.entries.first(where: { $0.result.recipe == new.result.recipe })
      else { return "\(name): not there before" }
      var words: [String] = []
      if old.result.seeds != new.result.seeds {
        words.append("\(old.result.seeds.count) seeds before, \(new.result.seeds.count) now")
      }
      if old.result.datasetChecksums != new.result.datasetChecksums { words.append("other data, or another split") }
      let recipes = [old.recipe, new.recipe].compactMap { $0 }
      if recipes.count == 2 {
        let paths = RecordedRecipe.differingPaths(among: recipes).filter { !["seeds", "threads"].contains($0) }
        if !paths.isEmpty {
          let rest = paths.count > 6 ? " and \(paths.count - 6) more" : ""
          words.append("settings \(paths.prefix(6).joined(separator: ", "))\(rest)")
        }
      }
      let commits = [old, new].map { (try? $0.folder.readManifest())?.commit?.hash.prefix(9) ?? "unknown" }
      if commits[0] != commits[1] { words.append("commit \(commits[0]) before, \(commits[1]) now") }
      return words.isEmpty ? nil : "\(name): \(words.joined(separator: "; "))"
    }
  }
}
