import AlignmentExperiments
import Autograd
import ComparisonRecipes
import Datasets
import Diagnostics
import Foundation
import Kernels
import Methods
import Recipes
import Runs
import SampleFolders
import Search
import Testing
import Training

/// Runs of the comparison can be searched as those of the papers can.
@Suite(.serialized) struct SearchTests {
  private let album: Album
  private let data: [String]

  init() throws {
    album = try Album()
    let folder = album.folder.appending(path: "own")
    try SampleFolder.writeShapes(to: folder, count: 60)
    data = ["data.set=folder", "data.folder.path=\"\(folder.path)\""]
  }

  private func embedder(_ name: String) throws -> any Embedder {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let recipe = try Album.catalogue.recipe("compare/\(name)", overrides: Album.overrides + data)
    let settings = try recipe.settings(as: AlignmentSettings.self)
    let folder = album.folder.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let context = SeedContext(folder: folder, events: NullSink(), cacheFolder: album.folder, threads: 1)
    _ = try CompareExperiment().run(seed: 0, settings: settings, context: context)
    return try CompareExperiment().embedder(
      seed: 0, settings: settings, checkpoint: folder.appending(path: Checkpoint.fileName), context: context,
      observations: true)
  }

  private func pictures(_ embedder: any Embedder, _ rows: [Int]) throws -> Matrix {
    guard case .numbers(let pixels) = embedder.data.side.items(of: "picture", at: rows) else {
      Issue.record("no pictures")
      return Matrix(rows: 0, columns: 0)
    }
    return try embedder.embed(pictures: pixels, count: rows.count)
  }

  private func hasUnitRows(_ matrix: Matrix) -> Bool {
    matrix.rowLengths().allSatisfy { abs($0 - 1) < 1e-4 }
  }

  @Test(arguments: ["clip", "fdt"]) func integersComeNearToFloats(recipe: String) throws {
    let embedder = try embedder(recipe)
    #expect(embedder.agreement == nil)
    let folder = album.folder.appending(path: recipe)
    let settings = try Album.catalogue.recipe("compare/\(recipe)", overrides: Album.overrides + data)
      .settings(as: AlignmentSettings.self)
    let int8 = try CompareExperiment().embedder(
      seed: 0, settings: settings, checkpoint: folder.appending(path: Checkpoint.fileName),
      context: SeedContext(folder: folder, events: NullSink(), cacheFolder: album.folder, threads: 1),
      observations: true, precision: .int8)
    #expect(int8.agreement == "int8: nothing was computed anew, so nothing was compared with float32")
    let (exact, found) = (try pictures(embedder, [0, 1, 2]), try pictures(int8, [0, 1, 2]))
    let texts = try int8.embed(texts: ["a red disc"], caption: "caption")
    #expect(exact != found && hasUnitRows(texts))
    let cosines = (0..<3).map { (row: Int) -> Float in
      zip(exact[row: row], found[row: row]).reduce(0) { (sum: Float, pair: (Float, Float)) in sum + pair.0 * pair.1 }
    }
    #expect(cosines.allSatisfy { $0 > 0.98 }, "\(cosines)")
    #expect(int8.agreement?.hasPrefix("int8: the cosine to float32 of 4 representations is 0.9") == true)
  }

  @Test func aMethodThatScoresPairsAloneSaysThatItHasNoVectors() {
    let error = #expect(throws: UserError.self) { try embedder("vilbert") }
    #expect(
      error?.description.hasPrefix("method.name: names one that has no vectors of pictures by themselves") == true,
      "\(String(describing: error))")
  }

  @Test func anEvaluationInIntegersSaysHowNearItCame() throws {
    let run = try album.run("clip", overrides: ["evaluation.int8=true"])
    #expect(run.result.notes.contains { $0.hasPrefix("int8: the cosine to float32 of ") })
    #expect(run.result.scores.allSatisfy { $0.value.isFinite })
  }

  @Test(arguments: ["clip", "fdt", "mct"]) func picturesAndTextsAreOfOneSpace(recipe: String) throws {
    let embedder = try embedder(recipe)
    #expect(embedder.data.captions.map(\.name) == ["caption"])
    let images = try pictures(embedder, [0, 1, 2])
    let texts = try embedder.embed(texts: ["a red disc", "a blue stripe"], caption: "caption")
    #expect(images.rows == 3 && texts.rows == 2)
    #expect(images.columns == 6 && texts.columns == 6)
    #expect(hasUnitRows(images) && hasUnitRows(texts))
    #expect(embedder.scale.value > 1)
    let classes = embedder.data.labellings.first { $0.name == "shape" }?.classes ?? []
    #expect(classes.count > 1)
  }

  @Test func aMethodOfPicturesAloneKnowsNoTexts() throws {
    let embedder = try embedder("simclr")
    #expect(embedder.data.captions.isEmpty)
    let images = try pictures(embedder, [0, 1])
    #expect(images.rows == 2 && images.columns > 0 && hasUnitRows(images))
    // Without a temperature between modalities cosines stay as they are.
    #expect(embedder.scale.value == 1)
  }

  /// Where a method represents a modality by a vector of any length, search makes it one of length 1.
  @Test(arguments: ["gmc", "vicreg", "late-fusion"]) func everyMethodThatKnowsTextsEmbedsThem(recipe: String) throws {
    let embedder = try embedder(recipe)
    #expect(embedder.data.captions.map(\.name) == ["caption"])
    let images = try pictures(embedder, [0, 1])
    let texts = try embedder.embed(texts: ["a red disc", "a blue stripe", "a green square"], caption: "caption")
    #expect(images.columns == texts.columns && texts.rows == 3)
    #expect((images.values + texts.values).allSatisfy { $0.isFinite })
  }
}
