import AlignmentExperiments
import Datasets
import Foundation
import Interchange
import Kernels
import MCTPaper
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

  private func embedder(_ run: RunFolder, _ name: String) throws -> any Embedder {
    let recipe = try SmallRuns.catalogue.recipe(name, overrides: SmallRuns.overrides(of: name, seed: 0))
    let context = SeedContext(
      folder: run.seed(0), events: NullSink(), dataRoot: runs.folder, cacheFolder: runs.folder, threads: 1)
    return try MCTExperiment().embedder(
      seed: 0, settings: try recipe.settings(as: AlignmentSettings.self),
      checkpoint: run.seed(0).appending(path: Checkpoint.fileName), context: context, observations: true)
  }

  private func written(_ run: RunFolder, _ name: String) throws -> [Float] {
    try NumpyArchive(readingFrom: run.seed(0).appending(path: EmbeddingsFile.name)).arrays[name]?.floats ?? []
  }

  private func pixels(_ data: SearchableData, _ rows: [Int]) -> [Float] {
    guard case .numbers(let pixels) = data.side.items(of: data.imageName, at: rows) else { return [] }
    return pixels
  }

  @Test(.enabled(if: SmallRuns.hasEmoji, "the Debian packages with the emoji are not installed"))
  func imagesAndCaptionsShareTheRunsSpace() throws {
    let run = try runs.run("mct/emoji").folder
    let embedder = try embedder(run, "mct/emoji")
    let data = embedder.data
    #expect(data.captions.map(\.name) == ["caption-en", "caption-ko"])
    let rows = (0..<10).map { $0 * data.side.count / 10 }
    let images = try embedder.embed(pictures: pixels(data, rows), count: 10)
    #expect(distance(images.values, try written(run, "image")) < 1e-4)
    let captions = try embedder.embed(
      texts: rows.map { data.side.texts["caption-en"]?[$0] ?? "" }, caption: "caption-en")
    #expect(distance(captions.values, try written(run, "caption-en")) < 1e-4)
    // Korean words follow the English ones in the vocabulary.
    let korean = try embedder.embed(texts: ["빨간 사과"], caption: "caption-ko")
    #expect(korean.columns == 8 && korean.values.allSatisfy(\.isFinite))
    #expect(abs(embedder.scale.value * 0.07 - 1) < 1e-6)
  }

  @Test func photographsAloneAreSearchedByTheirFeatures() throws {
    try runs.writePhotographs()
    let run = try runs.run("mct/cifar-moco").folder
    let embedder = try embedder(run, "mct/cifar-moco")
    #expect(embedder.data.captions.isEmpty)
    let images = try embedder.embed(pictures: pixels(embedder.data, [0, 2, 4]), count: 3)
    let all = try written(run, "image")
    #expect(distance(images.values, [0, 1, 2].flatMap { Array(all[$0 * 4..<($0 + 1) * 4]) }) < 1e-4)
  }
}
