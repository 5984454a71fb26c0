import AlignmentExperiments
import ComparisonRecipes
import Foundation
import Kernels
import Recipes
import Runs
import SampleFolders
import Testing
import Training

/// CLIP on a small set in the form of COCO.
@Suite(.serialized) struct CaptionedSetTests {
  @Test(arguments: ["coco-small", "coco"]) func anEpochOfEveryPair(recipe: String) throws {
    let album = try Album()
    let root = album.folder.appending(path: "data")
    try SampleCaptionedSet.writeCOCO(to: root, splits: (0..<16).map { $0 < 8 ? "train" : $0 < 12 ? "val" : "test" })
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let resolved = try Album.catalogue.recipe(
      "compare/\(recipe)",
      overrides: Album.overrides + [
        "data.modalities=[image, caption]", "data.coco.imageSize=16", "data.coco.minimumPieceCount=1",
        "data.coco.trainingCaptions=each", "model.patchSize=8", "training.epochs=1",
      ])
    let settings = try resolved.settings(as: AlignmentSettings.self)
    let context = SeedContext(
      folder: album.folder.appending(path: "run"), events: NullSink(), dataRoot: root, cacheFolder: album.folder,
      threads: 1)
    try FileManager.default.createDirectory(at: context.folder, withIntermediateDirectories: true)
    let result = try CompareExperiment().run(seed: 0, settings: settings, context: context)
    #expect(result.notes.contains { $0.contains("training has 40.") })
    #expect(
      result.scores.first { $0.evaluator == "retrieval" && $0.subject == "caption → image" && $0.metric == "R@5" }?
        .value
        == 1)
  }
}
