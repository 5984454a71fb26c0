import Evaluation
import Foundation
import Reports
import Runs
import Training

/// The seeds and hours that each claim needs to be decided at 80 % power.
///
/// Of a test that is decided it is the seeds at hand; of an open one as many as how its seeds scatter asks for, see
/// `RunsNeeded`. A spread of few seeds is known by its order of magnitude only, and so is what comes of it.
public struct PowerTable {
  private let verification: Verification
  private let results: CommittedResults

  /// Plans for claims that were tried on results.
  public init(_ verification: Verification, results: CommittedResults) {
    self.verification = verification
    self.results = results
  }

  /// What one test asks for.
  private struct Demand {
    let spread: String
    let smallest: String
    let atHand: Int
    /// `nil` where it cannot be told.
    let seeds: Int?
    /// If the difference is as large as it was seen.
    let asSeen: Int?
    /// The families of test items that would decide with ten seeds.
    let families: Int?
    /// The results' folders.
    let names: Set<String>
  }

  private func demand(of outcome: TestOutcome) -> Demand? {
    let relations = outcome.relations
    let names = Set(relations.compactMap(\.relation).flatMap(\.names).map(\.results))
    // What decides a composed test last is the relation that asks for most.
    func seeds(_ outcome: TestOutcome) -> Int {
      guard outcome.decision == .open else { return outcome.figures?.difference?.count ?? 0 }
      return outcome.figures?.seedsNeeded ?? .max
    }
    let relevant = outcome.decision == .open ? relations.filter { $0.decision == .open } : relations
    guard let hardest = relevant.max(by: { seeds($0) < seeds($1) }), let relation = hardest.relation else { return nil }
    let most = seeds(hardest)
    return Demand(
      spread: hardest.figures?.difference?.spread.map { relation.term.metric.text($0) } ?? "–",
      smallest: ScoreRelation.number(relation.smallestDifference), atHand: hardest.figures?.difference?.count ?? 0,
      seeds: most == .max || hardest.figures == nil ? nil : most,
      asSeen: outcome.decision == .open ? hardest.figures?.seedsAsSeen : nil,
      families: outcome.decision == .open ? hardest.figures?.familiesNeeded : nil, names: names)
  }

  /// The mean wall time of a seed of some results together; `nil` where one is missing.
  private func seconds(of names: Set<String>) -> Double? {
    let times = names.compactMap { name -> Double? in
      guard let seconds = results[name]?.result.wallSeconds, !seconds.isEmpty else { return nil }
      return seconds.reduce(0, +) / Double(seconds.count)
    }
    return times.count == names.count ? times.reduce(0, +) : nil
  }

  /// A row for each test, and the hours of all recipes together.
  public var plain: String {
    var rows: [[ScoreTable.Cell]] = []
    var seeds: [String: Int] = [:]
    var unknown: Set<String> = []
    var unplanned: [String] = []
    for finding in verification.findings {
      for (index, outcome) in finding.tests.enumerated() {
        guard let demand = demand(of: outcome) else { continue }
        if demand.seeds == nil { unplanned.append("\(finding.name) test \(index + 1)") }
        let time = seconds(of: demand.names)
        let hours = demand.seeds.flatMap { count in time.map { Double(count) * $0 / 3600 } }
        for name in demand.names {
          if let count = demand.seeds { seeds[name] = max(seeds[name] ?? 0, count) } else { unknown.insert(name) }
        }
        rows.append([
          .init(index == 0 ? finding.name : ""), .init(outcome.isNamed ? outcome.label : "test \(index + 1)"),
          .init(outcome.decision.rawValue), .init(demand.spread), .init(demand.smallest),
          .init(demand.atHand > 0 ? "\(demand.atHand)" : "–"), .init(demand.seeds.map { "\($0)" } ?? "–"),
          .init(demand.asSeen.map { "\($0)" } ?? "–"), .init(demand.families.map { "\($0)" } ?? "–"),
          .init(time.map { String(format: "%.0f", $0) } ?? "–"), .init(hours.map { String(format: "%.1f", $0) } ?? "–"),
        ])
      }
    }
    let table = ScoreTable(
      title: "claim",
      heads: [
        "", "test", "decision", "spread", "smallest", "seeds", "needed", "as seen", "families", "s a seed", "hours",
      ],
      rows: rows)
    return table.plain + "\n" + Self.legend + "\n" + totals(seeds, unknown: unknown)
      + (unplanned.isEmpty
        ? "" : "not in these hours, since no number of seeds can be told: \(unplanned.joined(separator: ", "))\n")
  }

  /// The hours of all recipes, each with the most seeds that one of its tests needs.
  private func totals(_ seeds: [String: Int], unknown: Set<String>) -> String {
    func hours(_ count: (Int) -> Int) -> Double {
      seeds.reduce(0) { sum, entry in sum + Double(count(entry.value)) * (seconds(of: [entry.key]) ?? 0) / 3600 }
    }
    let missing = unknown.union(seeds.keys).filter { results[$0] == nil }
    var lines = [
      String(
        format:
          "%d recipes, each with the seeds of its most demanding test: %.1f hours of one process; with 10 at most: "
          + "%.1f hours", seeds.count, hours { $0 }, hours { min($0, 10) })
    ]
    if !missing.isEmpty { lines.append("without results: \(missing.sorted().joined(separator: ", "))") }
    return lines.map { $0 + "\n" }.joined()
  }

  private static let legend =
    "spread: the standard deviation of what one seed of each side adds; smallest: the smallest difference that matters; "
    + "needed: the seeds that decide at 80 % power, for a decided test those at hand; as seen: those that "
    + "do if the difference is as large as it was seen, which may be chance; families: of test items, that decide "
    + "with 10 seeds, where items are a sample, too; s a seed: of all its recipes\n"
}
