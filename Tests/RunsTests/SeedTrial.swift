import Diagnostics
import Foundation
import Recipes
import Runs
import SampleRuns
import StrictYAML
import Training

/// Runs of a small recipe by programs of several commits and machines, of which a line is kept for every seed computed.
struct SeedTrial {
  private struct Program: FingerprintSource {
    let losses: String
    func fingerprint(of recipe: Recipe, threads: Int, dataRoot: String?) -> Fingerprint? {
      Fingerprint(losses: losses, parameters: "p", scores: "s")
    }
  }

  /// How a run began and what it came to; its session would hold the lock.
  struct Outcome {
    let (folder, manifest): (RunFolder, Manifest)
    let beginning: RunSession.Beginning
    let remarks: [String]
    var values: [Double] = []

    init(_ session: RunSession) {
      (folder, manifest) = (session.folder, session.manifest)
      (beginning, remarks) = (session.beginning, session.remarks)
    }
  }

  /// The folder that folders of runs are in.
  let folder: TemporaryFolder
  /// The folder of recipes and data.
  let recipes: TemporaryFolder

  init() throws {
    (folder, recipes) = (try TemporaryFolder(), try TemporaryFolder())
    try recipes.write("experiment: sample\nseeds: [0, 1]\ntraining: { epochs: 2 }\n", to: "small.yaml")
    try recipes.write("birds", to: "data")
  }

  private static let script = """
    echo run >> $1/../count-$2
    printf '{"scores":[{"evaluator":"accuracy","subject":"image","metric":"accuracy","value":0.9%s}],' $2 \\
      > $1/seed-$2/scores.json
    echo '"notes":[],"datasetChecksums":{},"wallSeconds":1.5}' >> $1/seed-$2/scores.json
    """

  /// Runs a recipe by the program of a commit.
  ///
  /// - Parameters:
  ///   - runs: the name of the folder of runs.
  ///   - places: where seeds are collected from.
  func run(
    _ overrides: [String] = [], in runs: String = "runs", collecting places: [URL] = [], commit: String = "c0ffee",
    losses: String = "as ever", openBLAS: String = "0.3", kind: String = "wooden", isStrict: Bool = false
  ) throws -> Outcome {
    let launch = Run.Launch(program: URL(fileURLWithPath: "/bin/sh")) { folder, seed, _ in
      ["-c", Self.script, "sh", folder.url.path, "\(seed)"]
    }
    let run = Run(
      recipe: try recipes.catalogue.recipe("sample/small", overrides: overrides), runs: url(runs), cores: 1,
      launch: launch,
      machine: Machine(
        commit: Manifest.Commit(hash: commit, isClean: true), processor: "Abacus", memory: 1, kind: kind),
      versions: ["Swift": "6", "OpenBLAS": openBLAS])
    let identities = DataIdentities()
    let judge = ValidityJudge(
      machine: run.machine, versions: run.versions, catalogue: recipes.catalogue, identities: identities,
      runs: run.runs, source: Program(losses: losses), isStrict: isStrict)
    var session = try run.open(catalogue: recipes.catalogue, judge: judge)
    if !places.isEmpty {
      session = try run.collect(
        from: places, into: session, catalogue: recipes.catalogue, identities: identities, judge: judge)
    }
    var outcome = Outcome(session)
    guard session.beginning != .finished else { return outcome }
    let display = ProgressDisplay(isTerminal: false, hasColour: false) { _ in }
    outcome.values = try run.execute(session, display: display).scores[0].values
    return outcome
  }

  /// A folder of runs.
  func url(_ runs: String) -> URL { folder.url.appendingPathComponent(runs, isDirectory: true) }

  /// How often a seed was computed in a folder of runs.
  func times(_ seed: Int, in runs: String = "runs") -> Int {
    let file = url(runs).appendingPathComponent("sample-small/count-\(seed)")
    return ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").count
  }
}
