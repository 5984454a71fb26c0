import Diagnostics
import Evaluation
import Foundation
import Reports
import Runs
import StrictYAML
import Training

/// A run made again, held against the committed results of its recipe: each score's mean against the prediction interval
/// of as many more runs.
///
/// One of twenty scores lies outside its 95 % interval by chance, so a run is refused only where some score does after
/// Holm's correction for all of them.
public struct Rerun {
  /// One score.
  struct Finding {
    let committed: ScoreSummary
    let own: ScoreSummary
    /// `nil` where fewer than two committed seeds leave no interval.
    let interval: PredictionInterval?
    /// After Holm's correction.
    let adjusted: Double?

    var isInside: Bool? { interval.map { $0.contains(own.mean) } }
    /// A mean that is no number, where the committed one is, is never by chance.
    var isRefused: Bool { committed.mean.isFinite && !own.mean.isFinite || adjusted.map { $0 < 0.05 } ?? false }
  }

  /// The run's folder.
  private let folder: RunFolder
  private let entry: CommittedResults.Entry
  private let seeds: [Int]
  private let findings: [Finding]
  private let missing: [ScoreSummary]
  /// The settings that are not as committed.
  private let otherSettings: [String]
  private let hasOtherData: Bool
  /// Whether the fingerprints of all seeds can be held against each other: each is known, on one kind of processor.
  private let hasFingerprints: Bool
  /// What the run's program computes otherwise than that of a committed seed, by these fingerprints; nil where nothing is known.
  private let otherComputation: String?

  /// Holds a run against committed results.
  ///
  /// - Throws: a `UserError` where the run has no result, no results of its recipe are committed, or none of its scores is.
  public init(_ folder: RunFolder, results: CommittedResults) throws(UserError) {
    let own = try folder.readResult()
    let ownRecipe = try? RecordedRecipe(of: folder)
    guard let entry = Self.nearest(to: own, ownRecipe, among: results.entries) else {
      let known = results.entries.map(\.result.recipe)
      throw UserError(
        .data, "no results of `\(own.recipe)` are committed", at: folder.url.path,
        mend: nearestName(to: own.recipe, among: known).map { "the nearest are those of `\($0)`" }
          ?? "there are results of \(known.joined(separator: ", "))")
    }
    func key(_ score: ScoreSummary) -> [String] { [score.evaluator, score.subject, score.metric] }
    let committed = Dictionary(entry.result.scores.map { (key($0), $0) }, uniquingKeysWith: { first, _ in first })
    let pairs = own.scores.compactMap { score in committed[key(score)].map { ($0, score) } }
    guard !pairs.isEmpty else {
      throw UserError(
        .data, "the run has none of the committed scores", at: folder.url.path,
        mend: "run `\(own.recipe)` with the evaluation that it sets")
    }
    let intervals = pairs.map { committed, _ in
      PredictionInterval(from: committed.values, further: own.seeds.count)
    }
    let tested = pairs.indices.filter { intervals[$0] != nil && pairs[$0].1.mean.isFinite }
    let adjusted = HolmCorrection.adjusted(
      tested.compactMap { intervals[$0]?.probability(of: pairs[$0].1.mean) })
    let byIndex = Dictionary(uniqueKeysWithValues: zip(tested, adjusted))
    findings = pairs.enumerated().map { index, pair in
      Finding(committed: pair.0, own: pair.1, interval: intervals[index], adjusted: byIndex[index])
    }
    let known = Set(own.scores.map(key))
    missing = entry.result.scores.filter { !known.contains(key($0)) }
    let recipes = [entry.recipe, ownRecipe].compactMap { $0 }
    otherSettings =
      recipes.count == 2
      ? RecordedRecipe.differingPaths(among: recipes).filter { $0 != "seeds" && $0 != "threads" } : []
    hasOtherData = own.datasetChecksums != entry.result.datasetChecksums
    let (now, then) = (
      Self.computations(of: folder, own.seeds), Self.computations(of: entry.folder, entry.result.seeds)
    )
    hasFingerprints =
      (now + then).allSatisfy { $0?.fingerprint != nil } && Set((now + then).map { $0?.kind }).count == 1
    otherComputation =
      hasFingerprints
      ? now.lazy.compactMap { $0?.fingerprint }.flatMap { own in
        then.lazy.compactMap { $0?.fingerprint }.compactMap { own.change(since: $0) }
      }.first : nil
    (self.folder, self.entry, seeds) = (folder, entry, own.seeds)
  }

  /// The results of a run's recipe; of those of several suites the ones of its data, and of the most like settings.
  private static func nearest(
    to own: RunResult, _ recipe: RecordedRecipe?, among entries: [CommittedResults.Entry]
  ) -> CommittedResults.Entry? {
    func distance(_ entry: CommittedResults.Entry) -> (Int, Int) {
      let recipes = [entry.recipe, recipe].compactMap { $0 }
      return (
        Set(entry.result.datasetChecksums.keys) == Set(own.datasetChecksums.keys) ? 0 : 1,
        recipes.count == 2 ? RecordedRecipe.differingPaths(among: recipes).count : 0
      )
    }
    return entries.filter { $0.result.recipe == own.recipe }.min { distance($0) < distance($1) }
  }

  /// What each seed of a result was computed with; nil where its manifest does not say.
  private static func computations(of folder: RunFolder, _ seeds: [Int]) -> [Computation?] {
    let manifest = try? folder.readManifest()
    return seeds.map { manifest?.origin(ofSeed: $0, in: folder).computation }
  }

  /// How many folds a committed seed is the mean of: all where a fold is named, since a suite then trained each.
  private var folds: Int {
    guard case .integer(let count)? = entry.recipe?[path: "data.folds"]?.value,
      case .integer? = entry.recipe?[path: "data.fold"]?.value
    else { return 1 }
    return count
  }

  /// The scores that lie outside their intervals after the correction.
  public var refused: [String] {
    findings.filter(\.isRefused).map { "\($0.own.evaluator), \($0.own.subject), \($0.own.metric)" }
  }

  /// What to look at where a score lies outside.
  public var advice: String {
    guard hasFingerprints, otherComputation == nil, otherSettings.isEmpty, !hasOtherData else {
      return "look at what is not as committed: settings, data, the commit of the manifest"
    }
    return "the first steps are computed as they were for the committed seeds; run one of these again: if it comes out "
      + "the same, they lie nearer to each other than seeds do, and more of them should be committed"
  }

  /// How many half widths of its interval the first of some scores must lie off to be refused.
  private static func widening(of count: Int, seeds: Int) -> Double? {
    guard count > 0 else { return nil }
    let t = StudentT(degreesOfFreedom: Double(seeds - 1))
    return t.quantile(1 - 0.025 / Double(count)) / t.quantile(0.975)
  }

  /// A row for each score, then what it comes to.
  public var plain: String {
    let rows = findings.map { finding -> [ScoreTable.Cell] in
      let metric = finding.own.typedMetric
      let verdict =
        finding.isInside.map { $0 ? "inside" : finding.isRefused ? "outside" : "outside, as one in twenty is" }
        ?? "no interval"
      return [
        .init("\(finding.own.evaluator), \(finding.own.subject), \(finding.own.metric)"),
        .init(
          finding.interval.map { metric.text($0.mean, halfWidth: $0.halfWidth) }
            ?? metric.text(finding.committed.mean)),
        .init(metric.text(finding.own.mean)), .init(verdict),
      ]
    }
    let table = ScoreTable(
      title: "rerun", heads: ["score", "committed ± prediction", "this run", ""], rows: rows, isNumeric: false)
    let tested = findings.filter { $0.interval != nil }
    let weakest = entry.result.seeds.count > 1 ? Self.widening(of: tested.count, seeds: entry.result.seeds.count) : nil
    let inside = tested.filter { $0.isInside == true }.count
    var lines = [
      "\(entry.name), \(entry.result.seeds.count) seeds, against \(folder.url.path), "
        + "\(seeds.count) \(seeds.count == 1 ? "seed" : "seeds"): \(inside) of \(tested.count) scores lie inside the 95 % "
        + "prediction interval of the mean of as many more seeds"
    ]
    if !refused.isEmpty {
      lines.append(
        "\(refused.count) \(refused.count == 1 ? "lies" : "lie") outside beyond chance, after Holm's correction")
    }
    if let weakest {
      lines.append(
        String(
          format: "of %d scores and %d committed seeds, one is refused from %.1f times its interval's half width on",
          tested.count, entry.result.seeds.count, weakest))
    }
    if tested.isEmpty { lines.append("one committed seed leaves no interval") }
    if !otherSettings.isEmpty {
      lines.append("settings that are not as committed: \(otherSettings.joined(separator: ", "))")
    }
    if folds > 1 {
      lines.append(
        "the committed seeds are means over \(folds) folds, this run is of one: it scatters more than they do, and more of "
          + "its scores lie outside")
    }
    if let otherComputation {
      lines.append("the program is not as it was for the committed seeds: \(otherComputation)")
    }
    if hasOtherData { lines.append("the data are not as committed: their checksums differ") }
    if !missing.isEmpty { lines.append("\(missing.count) committed scores are not in this run") }
    return table.plain + "\n" + lines.map { $0 + "\n" }.joined()
  }
}
