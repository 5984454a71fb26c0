import ArgumentParser
import Claims
import Diagnostics
import Foundation
import Runs
import StrictYAML

/// `concord verify`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Holds the claims of the papers against the committed results.",
    discussion: """
      Example:  concord verify --paper GMC

      Papers/<Paper>.claims.yaml has the claims; each names the scores of Results/<Paper>/<recipe>/results.json and the \
      tests that decide it, and the verdict that is written down. The exit code is 1 where the results say another one.

      Verdict: holds where all tests are true; equivalent where all differences are smaller than what matters; does not \
      hold where all tests are false or equivalent; in part where some are true and others not (with `inPart` tests only \
      where these are true, else it does not hold); undecided where a test of `provided` is not true, and else.

      A claim:
        - id: 3-digits
          statement: Single modalities lie where complete observations lie
          source: Papers/GMC.md, claim 3
          verdict: undecided
          smallestDifference: 5        the smallest that matters, in the metric's unit, percent for fractions
          pairing: paired              optional: paired or independent; else the recipes say it
          provided: [<test>, ...]      optional
          tests: [<test>, ...]
          inPart: [<test>, ...]        optional
      A deviation:
        - id: epochs
          what: 8 epochs, where the official code has 100
          why: Minutes on a CPU
          gravity: moderate            minor, moderate or major
          claims: [3-digits]           or all, or []

      A test has scores and one relation, and may have a name, a smallestDifference and a pairing. Scores:
        score: {results: digits, evaluator: accuracy, subject: image, metric: digit}
        score: {..., subject: [image, sound], take: highest}   lowest; else the mean
        score: [{...}, {...}]                   the mean of them all
        every: {..., subject: [image, sound]}   each of them must
        some: {..., subject: [image, sound]}    at least one must, after Holm's correction
        all: [<test>, ...]                      every test must
        any: [<test>, ...]                      at least one must, after Holm's correction

      Relations; d is the difference with its 95 % interval:
        greater: <other>  by: 2        true where d lies above 2, false where below
        less: <other>     by: 2        true where d lies below -2, false where above
        within: 5         of: <other>  true where d lies in -5...5, false where not
        atLeast: 0.75     of: <other>  d = value - 0.75 of the other; true where it lies at or above 0, false where below
        atMost: 0.25      of: <other>  likewise at or below 0

      <other> is a number (percent for fractions) or {...} with the keys that differ from the first score's. `by` is 0 \
      unless given; without `of` atLeast and atMost take a number. A test is equivalent where the interval lies within \
      the smallest difference around its border (0, `by`), whichever side; `within` has its tolerance for that. It is open \
      where the interval decides nothing, as with one seed, and where a score is missing.

      Differences are paired by seed where both are the same trainings, or where the recipes agree in data, training and \
      method, so that runs of a seed see the same batches under the same loss; else they are Welch's.

      Below an open test of an undecided claim stands how many seeds would decide it at 80 % power; --power shows them \
      for all claims, with the hours that they take.

      Deviations stand beside the claims, each with what is otherwise, why, how grave it is (minor, moderate, major) and \
      the claims that it touches; a claim shows the grave ones by name, and --paper the list.

      A run made again: concord verify --run runs/compare-clip holds every score against the committed seeds' 95 % \
      prediction interval of the mean of as many more seeds, t s sqrt(1/m + 1/n). The exit code is 1 where a score lies \
      outside after Holm's correction for all of them.

      To add a claim: append it with `verdict: undecided`, commit the results, and write down the verdict once you have \
      looked at its figures.
      """)

  @Option(help: "Only this paper's claims, such as GMC.")
  var paper: String?

  @Option(help: "The folder of results; else the nearest Results upwards that has Papers beside it.")
  var results: String?

  @Option(help: "The folder of claims files; else the nearest Papers upwards that has Results beside it.")
  var papers: String?

  @Option(
    name: .customLong("run"),
    help: "Hold this run against the committed results of its recipe instead: the folder of a run.")
  var againstRun: String?

  @Option(
    help:
      "Show which verdicts are not those of an earlier checkout: a folder with Results and Papers, as git worktree makes."
  )
  var before: String?

  @Flag(help: "Show the seeds and hours that each claim needs instead of its figures.")
  var power = false

  @Flag(help: "Write INDEX.md in the folder of results anew.")
  var writeIndex = false

  @Flag(help: "Write JSON for a machine to read; numbers are in the metric's own unit.")
  var json = false

  func run() throws {
    let folders = try folders()
    let files = try ClaimsFile.all(in: folders.papers)
    let committed = try CommittedResults(in: folders.results)
    if let againstRun {
      try hold(againstRun, against: committed)
      return
    }
    if let before {
      let folder = URL(fileURLWithPath: before, isDirectory: true)
      let earlier = try CommittedResults(in: folder.appendingPathComponent("Results", isDirectory: true))
      let claims = try ClaimsFile.all(in: folder.appendingPathComponent("Papers", isDirectory: true))
      let changes = VerdictChanges(
        from: Verification(claims.filter { paper == nil || $0.paper == paper }, results: earlier), of: earlier,
        to: Verification(try chosen(of: files), results: committed), of: committed)
      return say(changes.plain, terminator: "")
    }
    if writeIndex || !json {
      let index = ResultsIndex(committed, files: files).text
      let url = folders.results.appendingPathComponent(ResultsIndex.fileName)
      if writeIndex {
        try AtomicFile.write(index, to: url)
      } else if (try? String(contentsOf: url, encoding: .utf8)) != index {
        StandardStream.error.write("concord: \(url.path) is not what the results say; `--write-index` writes it anew\n")
      }
    }
    let verification = Verification(try chosen(of: files), results: committed)
    if json {
      say(verification.json.json)
    } else {
      say(power ? PowerTable(verification, results: committed).plain : verification.plain, terminator: "")
      if paper != nil, !power { say("\n" + verification.deviations, terminator: "") }
    }
    let differing = verification.differing
    guard differing.isEmpty else {
      throw UserError(
        .outsideTolerance,
        "\(differing.count) of \(verification.findings.count) verdicts \(differing.count == 1 ? "is" : "are") not the "
          + "committed \(differing.count == 1 ? "one" : "ones")",
        at: differing.map { "\($0.name) (\($0.verdict.rawValue))" }.joined(separator: ", "),
        mend: "look at the figures, then correct the verdict in the claims file and in the paper's note")
    }
  }

  /// Holds a run against the committed results of its recipe.
  private func hold(_ run: String, against committed: CommittedResults) throws {
    let folder = try RunFolder.find(run)
    let rerun = try Rerun(folder, results: committed)
    say(rerun.plain, terminator: "")
    guard let first = rerun.refused.first else { return }
    let count = rerun.refused.count
    throw UserError(
      .outsideTolerance,
      count == 1
        ? "a score lies outside its prediction interval, `\(first)`"
        : "\(count) scores lie outside their prediction intervals, the first is `\(first)`",
      at: folder.url.path, mend: rerun.advice)
  }

  /// The files of `--paper`, or all.
  private func chosen(of files: [ClaimsFile]) throws -> [ClaimsFile] {
    guard files.contains(where: { !$0.claims.isEmpty }) else {
      throw UserError(.data, "there are no claims", mend: "name the folder of claims files with --papers")
    }
    guard let paper else { return files }
    let chosen = files.filter { $0.paper == paper }
    guard chosen.isEmpty else { return chosen }
    let names = files.map(\.paper)
    let known = names.isEmpty ? "there is none" : "there are \(names.joined(separator: ", "))"
    throw UserError(
      .usage, "there are no claims of `\(paper)`",
      mend: nearestName(to: paper, among: names).map { "did you mean `\($0)`?" } ?? known)
  }

  /// The folders as they were named, or found upwards from the current one.
  private func folders() throws -> (results: URL, papers: URL) {
    func isFolder(_ url: URL) -> Bool {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }
    let named = (
      results.map { URL(fileURLWithPath: $0, isDirectory: true) },
      papers.map { URL(fileURLWithPath: $0, isDirectory: true) }
    )
    if case (let results?, let papers?) = named { return (results, papers) }
    let start = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    var folder = start
    while true {
      let found = (folder.appendingPathComponent("Results"), folder.appendingPathComponent("Papers"))
      if isFolder(found.0), isFolder(found.1) { return (named.0 ?? found.0, named.1 ?? found.1) }
      guard folder.path != "/" else { break }
      folder.deleteLastPathComponent()
    }
    throw UserError(
      .inputOutput, "no folder from here upwards has Results and Papers", at: start.path,
      mend: "go into the checkout, or name them with --results and --papers")
  }
}
