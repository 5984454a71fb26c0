import Diagnostics
import Foundation
import StrictYAML

/// The claims of a paper's note as data, `Papers/<Paper>.claims.yaml`, in strict YAML.
///
///     within: emoji                         # optional, the folder under `Results/<Paper>` of results without a slash
///     claims:
///       - id: 3-digits
///         statement: Single modalities lie where complete observations lie
///         source: Papers/GMC.md, claim 3
///         verdict: undecided                # holds, does not hold, in part, equivalent, undecided: what is written down
///         smallestDifference: 5             # the smallest difference that matters, see below
///         pairing: paired                   # optional, paired or independent; else the recipes say it
///         provided: [<test>, …]             # optional, see ``Claim``
///         tests: [<test>, …]
///         inPart: [<test>, …]               # optional
///     deviations:                           # optional
///       - id: epochs
///         what: 8 epochs, where the official code has 100
///         why: Minutes on a CPU
///         gravity: moderate                 # minor, moderate or major, see ``Deviation``
///         claims: [3-digits]                # those that it touches, `all` of them or none, []
///     index: …                              # optional, see ``IndexLayout``
///
/// A test names scores and one relation. The scores:
///
///     score: { results: digits, evaluator: accuracy, subject: image, metric: digit }
///     score: { results: digits, evaluator: accuracy, subject: [image, sound], metric: digit, take: highest }
///     every: { … }        each combination of the names must meet the relation
///     some:  { … }        at least one must
///     all:   [<test>, …]  any: [<test>, …]
///
/// `results` is a folder under `Results/<Paper>`, or `<Paper>/<folder>`, or `<Paper>/<suite>/<folder>` of a suite's row. Several names under a key make all
/// combinations, and a list `[{ … }, { … }]` the scores of each; of these `take` makes one value, the `mean` unless it
/// says `highest` or `lowest`. The relation, where d is the difference with its 95 % interval:
///
///     greater: <other>   by: 2         d lies above 0, or above `by`
///     less: <other>      by: 2         d lies below 0, or below −`by`
///     within: 5          of: <other>   the interval lies inside ± 5
///     atLeast: 0.75      of: <other>   value − 0.75 · other lies at or above 0; without `of` value − 0.75
///     atMost: 0.25       of: <other>   likewise at or below
///
/// `<other>` is a number, in percent for fractions, or `{ … }` with the keys that differ from those of the first.
/// `smallestDifference` and `pairing` may stand in a test, too, and go before the claim's there; the tolerance of
/// `within` is its smallest difference. An interval within ± the smallest difference makes a test equivalent; one that
/// decides nothing leaves it open, and so does a missing score. Of `some` and `any` a test is true only where it is
/// after Holm's correction for their number.
///
/// **To add a claim**: write it into the note, append an entry here with `verdict: undecided`, commit the results, and
/// write down the verdict that `concord verify` prints once its figures have been looked at. A rule is best fixed before
/// the figures are known.
public struct ClaimsFile: Equatable, Sendable {
  /// The end of the files' names.
  public static let suffix = ".claims.yaml"

  /// The name of the paper's note, such as `GMC`.
  public let paper: String
  /// The claims, in order.
  public let claims: [Claim]
  /// Where the experiments are not as their source, in order.
  public let deviations: [Deviation]
  /// How the index shows the paper's results.
  public let index: IndexLayout?

  /// Reads a text.
  ///
  /// - Parameter source: the name of the file in errors.
  /// - Throws: a `UserError` of kind `data` with line and column.
  public init(_ text: String, paper: String, source: String) throws(UserError) {
    self.paper = paper
    let file = try StrictSection(
      try LocatedValue.parse(text, source: source), keys: ["within", "claims", "deviations", "index"], source: source)
    let within = try file.text("within")
    if let within, within.contains("/") || within.hasPrefix(".") {
      throw file.refused("within", "must be the name of a folder", mend: "name one under Results/\(paper)")
    }
    guard let member = file["claims"], case .list(let values) = member.value.content else {
      throw file.refused("claims", "must be a list of claims", mend: "begin each with `- id:`")
    }
    var claims: [Claim] = []
    for (index, value) in values.enumerated() {
      let section = try StrictSection(
        value, path: "claims[\(index)]",
        keys: ["id", "statement", "source", "verdict", "provided", "tests", "inPart"] + ClaimTest.Surroundings.keys,
        source: source)
      func text(_ key: String) throws(UserError) -> String {
        guard let text = try section.text(key, loosely: true), !text.isEmpty else {
          throw section.refused(key, "is missing", mend: "write it")
        }
        return text
      }
      let identifier = try text("id")
      guard !claims.contains(where: { $0.identifier == identifier }) else {
        throw section.refused("id", "`\(identifier)` stands there twice", mend: "give each claim its own")
      }
      guard let committed = try section.choice("verdict", of: Verdict.self) else {
        throw section.refused("verdict", "is missing", mend: "write `verdict: undecided` first")
      }
      let surroundings = try ClaimTest.Surroundings(paper: within.map { "\(paper)/\($0)" } ?? paper).inside(section)
      let tests = try ClaimTest.list("tests", of: section, in: surroundings)
      guard !tests.isEmpty else { throw section.refused("tests", "is missing", mend: "add a test that decides it") }
      claims.append(
        Claim(
          identifier: identifier, statement: try text("statement"), source: try text("source"), committed: committed,
          provided: try ClaimTest.list("provided", of: section, in: surroundings), tests: tests,
          inPart: try ClaimTest.list("inPart", of: section, in: surroundings)))
    }
    self.claims = claims
    deviations = try Deviation.list(of: file, claims: claims.map(\.identifier))
    index = try file["index"].map { member throws(UserError) in try IndexLayout(member.value, source: source) }
  }

  /// Reads a file; the paper is the first part of its name.
  public init(at url: URL) throws(UserError) {
    let data = try RegularFile.contents(of: url, limit: 1 << 20)
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UserError(.data, "the file is not UTF-8 text", at: url.path, mend: "save it as UTF-8")
    }
    try self.init(
      text, paper: String(url.lastPathComponent.dropLast(Self.suffix.count)), source: url.path)
  }

  /// The papers whose claims a folder has; none where it is not there.
  public static func papers(in folder: URL) -> [String] {
    papers(among: (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
  }

  private static func papers(among names: [String]) -> [String] {
    names.sorted().filter { $0.hasSuffix(suffix) && $0.count > suffix.count }.map { String($0.dropLast(suffix.count)) }
  }

  /// Reads every claims file of a folder, in alphabetical order.
  ///
  /// - Throws: a `UserError` of kind `inputOutput` where the folder cannot be read, `data` where a file is wrong.
  public static func all(in folder: URL) throws(UserError) -> [ClaimsFile] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    } catch {
      throw UserError(
        .inputOutput, "the folder cannot be read", at: folder.path, mend: "name the folder of papers with --papers")
    }
    var files: [ClaimsFile] = []
    for paper in papers(among: names) {
      files.append(try ClaimsFile(at: folder.appendingPathComponent(paper + suffix)))
    }
    return files
  }
}
