import Foundation
import Kernels
import Recipes
import Runs
import SampleFolders
import Training

/// A small run on pictures of coloured shapes: a vision transformer of one layer, two epochs, one seed.
enum ShapeRun {
  /// Trains it on `own/` in a folder, as `run/` in the same; both are made.
  static func train(
    _ name: String, of catalogue: RecipeCatalogue, in folder: TemporaryFolder, _ overrides: [String]
  ) throws {
    let own = folder.url.appending(path: "own")
    try SampleFolder.writeShapes(to: own, count: 60)
    let recipe = try catalogue.recipe(
      name,
      overrides: [
        "seeds=[0]", "training.epochs=2", "training.batchSize=20", "model.imageDimensions=8", "model.imageLayers=1",
        "model.imageHeads=2", "model.patchSize=4", "evaluation.shownObservations=10",
        "data.folder.path=\"\(own.path)\"",
      ] + overrides)
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let run = RunFolder(folder.url.appending(path: "run", directoryHint: .isDirectory))
    try FileManager.default.createDirectory(at: run.seed(0), withIntermediateDirectories: true)
    try Data(recipe.yamlWithOrigins.utf8).write(to: run.recipe)
    let machine = Machine(commit: nil, processor: "one", memory: 1)
    try run.write(
      Manifest(recipe: recipe, jobs: 1, threads: 1, dataRoot: nil, machine: machine, versions: [:], start: Date()))
    let runner = SeedRunner(
      folder: run, seed: 0, catalogue: catalogue, dataRoot: nil, cacheFolder: folder.url.appending(path: "cache"),
      threads: 1)
    try runner.run(progress: NullSink()) { false }
  }
}
