import Comparison
import Diagnostics
import Foundation
import Recipes
import Runs
import StrictYAML
import Synchronization
import Training

/// A made-up experiment; a shell script stands in for its trainings.
struct SampleExperiment: Experiment {
  struct Settings: ExperimentSettings {
    struct Method: Codable, Equatable, Sendable {
      var name = "low"
      var temperature = 0.1
      var size = 1
    }
    struct Training: Codable, Equatable, Sendable { var epochs = 10 }
    struct Evaluation: Codable, Equatable, Sendable {
      enum Side: String, Codable, CaseIterable { case test, validation }
      var side = Side.test
    }
    struct Data: Codable, Equatable, Sendable {
      var folds = 1
      var fold = 0
    }
    var data = Data()
    var method = Method()
    var training = Training()
    var evaluation = Evaluation()
  }

  let recipeFolder: URL
  var name: String { "sample" }
  var summary: String { "A made-up experiment" }

  /// The text of the file `data` beside the folder of recipes, where there is one.
  func dataIdentity(settings: Settings, context: SeedContext) throws(UserError) -> DataIdentity? {
    let file = recipeFolder.deletingLastPathComponent().appendingPathComponent("data")
    return (try? String(contentsOf: file, encoding: .utf8)).map { DataIdentity(name: "sample", checksum: $0) }
  }

  func run(seed: Int, settings: Settings, context: SeedContext) throws -> SeedResult {
    SeedResult(scores: [], wallSeconds: 0)
  }
}

/// Stands in for short trainings: what a program computes, by the name of the method.
final class SampleFingerprints: FingerprintSource {
  private let state = Mutex((losses: [String: String](), asked: 0))
  /// The names of every row's scores; nil where nobody knows.
  let names: [ScoreName]?

  init(names: [ScoreName]? = nil) { self.names = names }

  func scoreNames(of recipe: Recipe, threads: Int, dataRoot: String?) -> [ScoreName]? { names }

  var losses: [String: String] {
    get { state.withLock { $0.losses } }
    set { state.withLock { $0.losses = newValue } }
  }
  /// How many fingerprints were computed.
  var asked: Int { state.withLock { $0.asked } }

  func fingerprint(of recipe: Recipe, threads: Int, dataRoot: String?) -> Fingerprint? {
    guard case .text(let name)? = recipe.settings.value(at: ["method", "name"]) else { return nil }
    return state.withLock { state in
      state.asked += 1
      return Fingerprint(losses: state.losses[name] ?? "as ever", parameters: "p", scores: "s")
    }
  }
}

/// A folder with recipes, a suite of them and runs, removed with its owner.
final class SampleSuite {
  let url: URL
  let catalogue: RecipeCatalogue
  /// The program and the machine of the next comparison.
  var (commit, kind) = ("c0ffee00", "old")
  /// What the program computes; without it nobody knows.
  var fingerprints: SampleFingerprints?

  static let text = """
    title: Made-up methods
    seeds: [0, 1, 2]
    shared: { training: { epochs: 2 } }
    rows:
      - { name: Low, recipe: sample/low }
      - { name: High, kind: hot, recipe: sample/high }
      - { name: Searched, kind: hot, recipe: sample/low, search: { method.temperature: [0.2, 0.4, 0.3] } }
      - { name: Alone, recipe: sample/alone }
    search:
      on: { evaluation.side: validation }
      by: { evaluator: retrieval, subject: a, metric: "R@1" }
      settings: { training.epochs: 1 }
    columns:
      - { title: first, group: Retrieval, evaluator: retrieval, subject: a, metric: "R@1", chance: 0 }
      - { title: other, group: Retrieval, evaluator: retrieval, subject: b, metric: "R@1", chance: 0 }
      - { title: gap, group: Geometry, evaluator: geometry, subject: a, metric: modality gap }
    figures:
      ranks: [gap]
      heatMap: { title: by subject, evaluator: retrieval, metric: "R@1", subjects: [a, b] }
      tradeOff: first
      sweep: { setting: method.temperature, evaluator: geometry, subject: a, metric: modality gap }
    profiles:
      quick: { seeds: [4], shared: { training.epochs: 1 }, rows: [High, Low], search: false }

    """

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("concord-\(UUID().uuidString)")
    let recipes = url.appendingPathComponent("recipes")
    try FileManager.default.createDirectory(at: recipes, withIntermediateDirectories: true)
    catalogue = RecipeCatalogue([SampleExperiment(recipeFolder: recipes)])
    for (name, text) in [
      ("base", "experiment: sample\ntraining: { epochs: 7 }\n"),
      ("low", "extends: sample/base\nmethod: { temperature: 0.1 }\n"),
      ("high", "extends: sample/base\nmethod: { name: high, temperature: 0.5 }\n"),
      ("alone", "extends: sample/base\nmethod: { name: '</script>', temperature: 0.7 }\n"),
      ("long", "extends: sample/base\ntraining:\n  epochs: 9\n"),
    ] { try Data(text.utf8).write(to: recipes.appendingPathComponent("\(name).yaml")) }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func suite(_ text: String = text, profile: String? = nil, overrides: [String] = []) throws(UserError) -> Suite {
    try Suite(text: text, name: "made", source: "made.yaml", profile: profile, overrides: overrides)
  }

  func plan(_ text: String = text, profile: String? = nil, overrides: [String] = []) throws(UserError) -> ComparisonPlan
  {
    try ComparisonPlan(suite(text, profile: profile, overrides: overrides), catalogue: catalogue)
  }

  /// Scores a cell by its temperature t and seed s: 0.t plus hundredths of 3·t·s mod 7; notes it in the file `count`.
  /// Where there is a file `broken-t-s` or, for fold f, `broken-t-s-f` the cell fails; f is a further digit of its
  /// score. The temperature 0.7 has no score of `b`. Where there is a file `waits-t-s` it waited half of the time, else hardly ever.
  /// The score of `tiny` is 0.001 less 0.000t, on a scale up to 0.001.
  private static let script = """
    t=$(sed -n 's/^ *temperature: 0.\\([0-9]*\\).*/\\1/p' $1/recipe.yaml)
    side=$(sed -n 's/^ *side: \\([a-z]*\\).*/\\1/p' $1/recipe.yaml)
    fold=$(sed -n 's/^ *fold: \\([0-9]*\\).*/\\1/p' $1/recipe.yaml)
    if [ -e $4/broken-$t-$2 ] || [ -e $4/broken-$t-$2-$fold ]; then echo 'concord: disk is full' >&2; exit 74; fi
    echo "$t $2 $side $3" >> $4/count
    v=0.$t$(( 3 * t * $2 % 7 ))$fold
    b=', {"evaluator": "retrieval", "subject": "b", "metric": "R@1", "value": '$v'}'
    if [ $t = 7 ]; then b=; fi
    echo '{"scores": [{"evaluator": "retrieval", "subject": "a", "metric": "R@1", "value": '$v'}'"$b"',
      {"evaluator": "geometry", "subject": "a", "metric": "modality gap", "value": 0.'$(( 10 - t ))'},
      {"evaluator": "retrieval", "subject": "tiny", "metric": "R@1", "value": 0.000'$(( 10 - t ))',
      "scale": {"chance": 0, "ceiling": 0.001}}],
      "notes": ["Made up."], "datasetChecksums": {"sample": "'$(cat $4/data 2>/dev/null || echo abc)'"}, "parameterCount": 12, "wallSeconds": '$t',
      "waiting": 0.'$([ -e $4/waits-$t-$2 ] && echo 5 || echo 01)', "peakMemory": 2097152}' > $1/seed-$2/scores.json
    """

  var conditions: ComparisonRun.Conditions {
    let path = url.path
    let launch = Run.Launch(program: URL(fileURLWithPath: "/bin/sh")) { folder, seed, threads in
      ["-c", Self.script, "sh", folder.url.path, "\(seed)", "\(threads)", path]
    }
    return ComparisonRun.Conditions(
      runs: url.appendingPathComponent("runs"), jobs: 2, threads: 1, launch: launch,
      machine: Machine(
        commit: Manifest.Commit(hash: commit, isClean: true), processor: "Abacus", memory: 1, kind: kind),
      versions: ["Swift": "6"], fingerprints: fingerprints)
  }

  func open(_ plan: ComparisonPlan, isFresh: Bool = false) throws(UserError) -> ComparisonRun {
    try ComparisonRun(plan, conditions: conditions, catalogue: catalogue, isFresh: isFresh)
  }

  /// Runs a comparison to its end; gives its folder, what failed and what was said.
  func run(
    _ plan: ComparisonPlan, isFresh: Bool = false
  ) throws -> (folder: ComparisonFolder, failures: [CellQueue.Failure], said: String) {
    var said = ""
    let display = ComparisonDisplay(isTerminal: false) { said += $0 }
    let comparison = try open(plan, isFresh: isFresh)
    let failures = try comparison.execute(display: display)
    return (comparison.folder, failures, said)
  }

  func write(_ name: String, _ text: String = "") throws {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(at: url.appendingPathComponent(name)) }

  /// The cells that were computed, each as `temperature seed side threads`.
  var computed: [String] {
    let text = (try? String(contentsOf: url.appendingPathComponent("count"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }
}
