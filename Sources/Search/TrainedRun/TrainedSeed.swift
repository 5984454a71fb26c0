import Diagnostics
import Foundation
import Kernels
import Recipes
import Runs
import Training

/// A seed of a run that has trained to its end, with what its networks are opened by.
struct TrainedSeed {
  let manifest: Manifest
  let recipe: Recipe
  let experiment: any SearchableExperiment
  let seed: Int
  let checkpoint: URL
  let context: SeedContext

  /// Finds the checkpoint of a seed, the first where none is named.
  ///
  /// - Throws: `UserError` where the seed has no checkpoint, or the experiment cannot be searched.
  init(
    _ folder: RunFolder, seed: Int?, catalogue: RecipeCatalogue, dataRoot: URL?, cacheFolder: URL
  ) throws {
    manifest = try folder.readManifest()
    recipe = try catalogue.recipe(folder.recipe.path)
    let searchable = catalogue.experiments.filter { $0 is any SearchableExperiment }.map(\.name)
    guard let experiment = catalogue.experiment(named: recipe.experiment) as? any SearchableExperiment else {
      throw UserError(
        .data, "runs of the experiment `\(recipe.experiment)` cannot be searched", at: folder.url.path,
        mend: searchable.isEmpty ? nil : "name a run of \(searchable.joined(separator: ", "))")
    }
    self.experiment = experiment
    guard let chosen = seed ?? recipe.seeds.first, recipe.seeds.contains(chosen) else {
      throw UserError(
        .usage, "seed \(seed.map(String.init) ?? "") is not one of the run's", at: folder.url.path,
        mend: "choose of \(recipe.seeds.map(String.init).joined(separator: ", "))")
    }
    self.seed = chosen
    checkpoint = folder.seed(chosen).appendingPathComponent(Checkpoint.fileName)
    guard FileManager.default.fileExists(atPath: checkpoint.path) else {
      throw UserError(
        .inputOutput, "seed \(chosen) has no checkpoint", at: checkpoint.path, mend: "let it train to its end")
    }
    context = SeedContext(
      folder: folder.seed(chosen), events: NullSink(),
      dataRoot: dataRoot ?? manifest.dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) },
      cacheFolder: cacheFolder, threads: Parallel.threads)
  }
}
