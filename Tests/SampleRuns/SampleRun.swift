import Foundation
import Interchange
import Recipes
import Runs
import Training

/// Finished runs made without a process.
package final class SampleRun {
  package let folder: TemporaryFolder
  package let recipes: TemporaryFolder

  /// A recipe with published values.
  package static let recipe = """
    title: A small run
    experiment: sample
    expected:
      - { evaluator: accuracy, subject: image, metric: accuracy, value: 95, tolerance: 1, source: "Table 1" }
      - { evaluator: accuracy, subject: all, metric: accuracy, value: 95, tolerance: 1, source: "Table 2" }
    """

  package init(recipe: String = SampleRun.recipe) throws {
    folder = try TemporaryFolder()
    recipes = try TemporaryFolder()
    try recipes.write(recipe, to: "small.yaml")
  }

  package static func seed(_ shift: Double) -> SeedResult {
    SeedResult(
      scores: [
        Score(evaluator: "accuracy", subject: "image", metric: "accuracy", value: 0.95 + shift),
        Score(evaluator: "accuracy", subject: "all", metric: "accuracy", value: 0.99),
        Score(evaluator: "retrieval", subject: "image → sound", metric: "R@1", value: 0.5 + shift),
        Score(evaluator: "retrieval", subject: "image → sound", metric: "median rank", value: 2),
        Score(evaluator: "retrieval", subject: "sound → image", metric: "R@1", value: 0.25),
      ], notes: ["The classifier is trained on complete representations."], datasetChecksums: ["digits": "abc123"],
      parameterCount: 1234, wallSeconds: 2.5)
  }

  /// A run of one seed per shift; of three seeds where none is given.
  package func finished(
    overrides: [String] = [], results: [SeedResult] = [seed(0), seed(0.01), seed(-0.01)],
    commit: String = "c0ffee", start: Double = 0
  ) throws -> RunFolder {
    let recipe = try recipes.catalogue.recipe("sample/small", overrides: overrides)
    let start = Date(timeIntervalSince1970: start)
    let run = try RunFolder.create(in: folder.url, recipe: recipe, start: start)
    let machine = Machine(
      commit: Manifest.Commit(hash: commit, isClean: false), processor: "Abacus", memory: 1 << 31)
    var manifest = Manifest(
      recipe: recipe, jobs: 1, threads: 2, dataRoot: "my data", machine: machine,
      versions: ["Swift": "6.3", "OpenBLAS": "0.3"], start: start)
    manifest.end = start.addingTimeInterval(60)
    manifest.ending = .finished
    manifest.datasetChecksums = ["digits": "abc123"]
    try run.write(manifest)
    try Data(recipe.yamlWithOrigins.utf8).write(to: run.recipe)
    try run.write(
      try RunResult(recipe: recipe, name: recipe.name, isComparable: recipe.isComparable, seeds: results))
    return run
  }

  /// Puts a figure with its caption into a run's folder, as `concord plot` leaves it.
  package func addFigure(to run: RunFolder) throws {
    try FileManager.default.createDirectory(at: run.figures, withIntermediateDirectories: true)
    try Data(Self.svg.utf8).write(to: run.figures.appendingPathComponent("loss.svg"))
    try Data("%PDF-1.4\n".utf8).write(to: run.figures.appendingPathComponent("loss.pdf"))
    let entry = FigureEntry(name: "loss", title: "Loss", caption: "It falls & falls.", kind: .training)
    try JSONEncoder().encode([entry]).write(to: run.figures.appendingPathComponent("index.json"))
  }

  /// A drawing as gnuplot makes them.
  package static let svg = """
    <?xml version="1.0" encoding="utf-8"  standalone="no"?>
    <svg width="12" height="8" viewBox="0 0 12 8" xmlns="http://www.w3.org/2000/svg" \
    xmlns:xlink="http://www.w3.org/1999/xlink">
    <title>Gnuplot</title>
    <defs><circle id='gpDot' r='0.5'/><filter id='box'><feFlood flood-color='#FFFFFF'/></filter></defs>
    <use xlink:href='#gpDot' fill="url(#box)"/><text>a &lt; b</text>
    </svg>
    """

  /// Representations with labels and names, as an experiment leaves them.
  package func addEmbeddings(to run: RunFolder, seed: Int = 0) throws {
    try NumpyArchive(arrays: [
      "image": NumericArray([0.5, -1, 2, 3.25] as [Float], shape: [2, 2]),
      "labels": NumericArray([1, 0] as [Int32], shape: [2]),
    ]).write(to: run.seed(seed).appendingPathComponent(EmbeddingsFile.name))
    try Data(#"["cat","dog \"Rex\""]"#.utf8).write(
      to: run.seed(seed).appendingPathComponent(EmbeddingsFile.classNames))
  }
}
