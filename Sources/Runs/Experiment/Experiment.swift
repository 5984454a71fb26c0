import Diagnostics
import Recipes
import Training

/// A paper's experiment: the networks, data and protocol that turn settings and a seed into scores.
///
/// An experiment is a value without state; a ``Run`` makes one run folder, starts one process a seed, and calls
/// ``run(seed:settings:context:)`` in each.
public protocol Experiment: RecipeFamily {
  /// Trains and evaluates once.
  ///
  /// Files of the seed go into `context.folder`: `data.json`, `checkpoint.safetensors`, `embeddings.npz` and `class-names.json` (see
  /// ``EmbeddingsFile``). `metrics.jsonl` and `scores.json` are the run's own.
  ///
  /// - Throws: ``Interruption`` where `context.shouldStop()` said so, `UserError` for what the user can mend.
  func run(seed: Int, settings: Settings, context: SeedContext) throws -> SeedResult

  /// What the data are now, which decides whether a run that has begun is of them; nil where that is not known.
  ///
  /// - Throws: `UserError` where they cannot be read.
  func dataIdentity(settings: Settings, context: SeedContext) throws(UserError) -> DataIdentity?

  /// What the program computes for some settings, by the bits of a short training; nil where that is not known.
  ///
  /// Files may go into `context.folder`.
  ///
  /// - Throws: what ``run(seed:settings:context:)`` throws.
  func fingerprint(settings: Settings, context: SeedContext) throws -> Fingerprint?

  /// The scores of a run of a few steps on a few observations, which has the names of those of a whole run; nil where
  /// that is not known.
  ///
  /// - Throws: what ``run(seed:settings:context:)`` throws.
  func rehearsal(settings: Settings, context: SeedContext) throws -> [Score]?

  /// Refuses what several processes cannot train together; see ``SeedContext/team``.
  ///
  /// - Throws: an error that names the key, or the experiment where it is not for several processes.
  func check(ranks: Int, settings: Settings) throws(UserError)
}

extension Experiment {
  /// It is not known.
  public func dataIdentity(settings: Settings, context: SeedContext) throws(UserError) -> DataIdentity? { nil }

  /// It is not known.
  public func fingerprint(settings: Settings, context: SeedContext) throws -> Fingerprint? { nil }

  /// It is not known.
  public func rehearsal(settings: Settings, context: SeedContext) throws -> [Score]? { nil }

  /// It trains in one process.
  public func check(ranks: Int, settings: Settings) throws(UserError) {
    throw UserError(.usage, "the experiment \(name) trains in one process", at: "--ranks", mend: "leave it out")
  }

  /// The same for a recipe.
  fileprivate func check(ranks: Int, recipe: Recipe) throws(UserError) {
    try check(ranks: ranks, settings: try recipe.settings(as: Settings.self))
  }
}

extension RecipeCatalogue {
  /// Refuses a recipe that several processes cannot train together.
  public func check(ranks: Int, of recipe: Recipe) throws(UserError) {
    guard ranks > 1, let experiment = experiment(named: recipe.experiment) as? any Experiment else { return }
    try experiment.check(ranks: ranks, recipe: recipe)
  }
}
