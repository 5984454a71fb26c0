import AlignmentExperiments
import Datasets
import Diagnostics
import Foundation
import GMCPaper
import Interchange
import Kernels
import Methods
import Recipes
import Runs
import SampleFolders
import Search
import Testing
import Training

/// Trained networks opened again for search.
@Suite(.serialized) struct SearchTests {
  private let runs: SmallRuns

  init() throws { runs = try SmallRuns() }

  private func embedder(_ run: RunFolder, _ name: String, _ overrides: [String] = []) throws -> any Embedder {
    let recipe = try SmallRuns.catalogue.recipe(name, overrides: SmallRuns.overrides(of: name, seed: 0) + overrides)
    let context = SeedContext(
      folder: run.seed(0), events: NullSink(), cacheFolder: run.url.deletingLastPathComponent(), threads: 1)
    return try GMCExperiment().embedder(
      seed: 0, settings: try recipe.settings(as: AlignmentSettings.self),
      checkpoint: run.seed(0).appending(path: Checkpoint.fileName), context: context, observations: true)
  }

  /// Compares with what the run itself has written of ten evenly spread observations, scaled to length 1: the
  /// representations of fusion are not.
  private func expectTheRuns(_ embedder: any Embedder, _ run: RunFolder, caption: String?) throws {
    let data = embedder.data
    let arrays = try NumpyArchive(readingFrom: run.seed(0).appending(path: EmbeddingsFile.name)).arrays
    let rows = (0..<10).map { $0 * data.side.count / 10 }
    guard case .numbers(let pixels) = data.side.items(of: data.imageName, at: rows) else {
      Issue.record("no pictures")
      return
    }
    func expectEqual(_ first: Matrix, _ second: [Float]) {
      guard second.count == first.values.count else {
        Issue.record("\(second.count) numbers instead of \(first.values.count)")
        return
      }
      let units = Matrix(rows: first.rows, columns: first.columns, values: second).normalisingRows()
      #expect(zip(first.values, units.values).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    expectEqual(try embedder.embed(pictures: pixels, count: 10), arrays[data.imageName]?.floats ?? [])
    guard let caption else { return }
    expectEqual(
      try embedder.embed(texts: rows.map { data.side.texts[caption]?[$0] ?? "" }, caption: caption),
      arrays[caption]?.floats ?? [])
  }

  @Test(arguments: ["gmc/digits", "gmc/digits-fusion"]) func digitsAreFoundByPictures(name: String) throws {
    let run = try runs.run(name).folder
    let embedder = try embedder(run, name)
    try expectTheRuns(embedder, run, caption: nil)
    #expect(embedder.data.captions.isEmpty && embedder.data.form.channels == 1)
    // Where the label is a modality, classes have representations of their own.
    let classes = try embedder.embeddings(ofClasses: "digit", caption: nil)
    if name == "gmc/digits" {
      #expect(classes?.rows == 10 && classes?.columns == 8 && Set(classes?.values ?? []).count > 8)
    } else {
      #expect(classes == nil)
    }
  }

  @Test(arguments: [[], ["method.name=fusion"]]) func picturesAndCaptionsOfAFolder(own: [String]) throws {
    let folder = runs.subfolder("own")
    try SampleFolder.writePictures(to: folder, count: 100)
    try Data(
      """
      table: captions.csv
      modalities:
        file: { kind: image, size: 16, fit: pad }
        caption: { kind: text, length: 8 }
      labels: [shape]
      """.utf8
    ).write(to: folder.appending(path: "dataset.yaml"))
    let overrides = ["data.folder.path=\"\(folder.path)\""] + own
    let run = try runs.run("gmc/folder", overrides: overrides).folder
    let embedder = try embedder(run, "gmc/folder", overrides)
    try expectTheRuns(embedder, run, caption: "caption")
    #expect(embedder.data.form == PictureForm(ImageResize(side: 16, fit: .pad)))
    // The temperature is a Float; fusion has none.
    #expect(abs(embedder.scale.value - (own.isEmpty ? 10 : 1)) < 1e-6)
    #expect(try embedder.embeddings(ofClasses: "shape", caption: nil) == nil)
  }

  @Test func aRunWithoutPicturesIsRefused() throws {
    let overrides = ["data.modalities=[sound, trajectory]"]
    let run = try runs.run("gmc/digits", overrides: overrides).folder
    let error = #expect(throws: UserError.self) { try embedder(run, "gmc/digits", overrides) }
    #expect(
      error?.description
        == "digits: the run has no modality of pictures, only sound, trajectory; only runs with pictures can be searched"
    )
  }
}
