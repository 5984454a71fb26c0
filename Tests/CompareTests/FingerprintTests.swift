import AlignmentExperiments
import ComparisonRecipes
import Datasets
import Diagnostics
import Foundation
import Kernels
import Options
import Recipes
import Runs
import Testing
import Training

/// The bits by which two programs are told apart, on small networks.
@Suite(.serialized) struct FingerprintTests {
  private let album: Album

  init() throws { album = try Album() }

  private func fingerprint(_ name: String, _ overrides: [String] = []) throws -> Fingerprint {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    let url = album.folder.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let recipe = try Album.catalogue.recipe("compare/\(name)", overrides: Album.overrides + overrides)
    return try CompareExperiment().fingerprint(
      settings: try recipe.settings(as: AlignmentSettings.self), dataset: Album.pictures,
      context: SeedContext(folder: url, events: NullSink(), cacheFolder: album.folder, threads: 1))
  }

  @Test(arguments: ["clip", "mct", "moco", "fdt", "gmc", "vicreg", "gradient-blending", "clip-noise"])
  func theSameProgramHasTheSame(recipe: String) throws {
    let first = try fingerprint(recipe)
    #expect(try fingerprint(recipe) == first)
    // However long the training is, it is two steps of it.
    #expect(Set([first.losses, first.parameters, first.scores]).count == 3)
  }

  @Test func itChangesWithWhatIsComputed() throws {
    let first = try fingerprint("clip")
    let temperature = try fingerprint("clip", ["method.clip.temperature=0.08"])
    #expect(temperature.change(since: first) == "the losses of its first steps are computed otherwise")
    let decay = try fingerprint("clip", ["training.epochs=1", "training.batchSize=23"])
    #expect(decay.losses != first.losses)
    let evaluation = try fingerprint("clip", ["evaluation.linearProbe.penalties=[0.5]"])
    #expect(evaluation.losses == first.losses && evaluation.parameters == first.parameters)
    #expect(evaluation.change(since: first) == "its evaluation is computed otherwise")
  }
}
