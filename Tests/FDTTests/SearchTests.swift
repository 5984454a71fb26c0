import AlignmentExperiments
import Datasets
import Diagnostics
import FDTPaper
import Foundation
import Interchange
import Kernels
import Methods
import Recipes
import Runs
import SampleTensors
import Search
import Testing
import Training

/// Trained networks opened again for search.
@Suite(.serialized) struct SearchTests {
  private let runs: SmallRuns

  init() throws { runs = try SmallRuns() }

  private func embedder(
    _ run: RunFolder, _ overrides: [String], _ name: String = "fdt/nlvr", root: URL
  ) throws -> any Embedder {
    let recipe = try SmallRuns.catalogue.recipe(name, overrides: SmallRuns.overrides + overrides)
    let context = SeedContext(
      folder: run.seed(0), events: NullSink(), dataRoot: root, cacheFolder: runs.folder, threads: 1)
    return try FDTExperiment().embedder(
      seed: 0, settings: try recipe.settings(as: AlignmentSettings.self),
      checkpoint: run.seed(0).appending(path: Checkpoint.fileName), context: context, observations: true)
  }

  /// Representations are those that the run itself has written down, also where the temperature has run.
  @Test(arguments: [
    [
      "method.fdt.codeTemperature.course=exponential", "method.fdt.codeTemperature.interval=1",
      "method.fdt.codeTemperature.start=10",
    ],
    ["method.name=clip"],
  ]) func theNetworksAreTheRuns(own: [String]) throws {
    let root = try runs.writeBoxes()
    let overrides = ["training.batchSize=50"] + own
    let run = try runs.run("fdt/nlvr", overrides: overrides, dataRoot: root)
    let embedder = try embedder(run.folder, overrides, root: root)
    let written = try NumpyArchive(readingFrom: run.folder.seed(0).appending(path: EmbeddingsFile.name)).arrays
    let side = embedder.data.side
    let rows = (0..<10).map { $0 * side.count / 10 }
    guard case .numbers(let pixels) = side.items(of: "image", at: rows) else {
      Issue.record("no pictures")
      return
    }
    let images = try embedder.embed(pictures: pixels, count: rows.count)
    #expect(distance(images.values, written["image"]?.floats ?? []) < 1e-4)
    let texts = try embedder.embed(texts: rows.map { side.texts["caption"]?[$0] ?? "" }, caption: "caption")
    #expect(distance(texts.values, written["caption"]?.floats ?? []) < 1e-4)
    #expect(embedder.scale.value > 14 && embedder.scale.value < 101)
    #expect(embedder.data.form.width == 20 && embedder.data.form.height == 5)
    // The prompts of NLVR name the scenes.
    let classes = try #require(try embedder.embeddings(ofClasses: "scene", caption: nil))
    #expect(classes.rows == 2 && classes.columns == 8)
  }

  @Test func aCheckpointThatDoesNotFitIsNamed() throws {
    let root = try runs.writeBoxes()
    let run = try runs.run("fdt/nlvr", overrides: ["training.batchSize=50"], dataRoot: root)
    let other = #expect(throws: UserError.self) {
      try embedder(run.folder, ["training.batchSize=50", "method.fdt.codes=32"], root: root)
    }
    #expect(other?.what == "method.tokens.codebook has shape [16, 8], the model's is [32, 8]")
    let manifest = """
      {"recipe": "fdt/nlvr", "recipeHash": "0123abcd", "overrides": [], "isComparable": true, "seeds": [0], "jobs": 1,
       "threads": 1, "versions": {}, "processor": "one", "memory": 1, "datasetChecksums": {"nlvr": "other"},
       "start": "2026-01-01T00:00:00Z", "ending": "finished"}
      """
    try Data(manifest.utf8).write(to: run.folder.manifest)
    func open(seed: Int?) throws -> TrainedRun {
      try TrainedRun(
        run.folder, seed: seed, catalogue: SmallRuns.catalogue, dataRoot: root, cacheFolder: runs.folder)
    }
    let opened = try open(seed: nil)
    #expect(opened.name == "fdt/nlvr 0123abcd, seed 0")
    #expect(opened.notes.isEmpty)
    let form = run.folder.seed(0).appending(path: RunFolder.dataForm)
    let text = try String(contentsOf: form, encoding: .utf8)
    let checksum = opened.embedder.data.checksum
    try Data(text.replacing(checksum, with: String(checksum.reversed())).utf8).write(to: form)
    #expect(try open(seed: nil).notes.first?.hasPrefix("the data set nlvr has changed since the run was made") == true)
    #expect(#expect(throws: UserError.self) { try open(seed: 7) }?.what == "seed 7 is not one of the run's")
    try FileManager.default.removeItem(at: run.folder.seed(0).appending(path: Checkpoint.fileName))
    #expect(#expect(throws: UserError.self) { try open(seed: 0) }?.what == "seed 0 has no checkpoint")
  }
}
