import Diagnostics
import Foundation
import Recipes
import StrictYAML
import Training

/// What the data of recipes are now, each data set looked at once.
public final class DataIdentities {
  private let cacheFolder: URL
  private var known: [String: Result<DataIdentity?, UserError>] = [:]

  /// Looks at nothing yet.
  ///
  /// - Parameter cacheFolder: the folder for data built once.
  public init(cacheFolder: URL = SeedRunner.standardCacheFolder()) { self.cacheFolder = cacheFolder }

  /// What the data of a recipe are now; nil where its experiment does not say.
  ///
  /// - Parameter dataRoot: the folder of downloaded data that the user named.
  /// - Throws: `UserError` where the data cannot be read.
  public func identity(
    of recipe: Recipe, catalogue: RecipeCatalogue, dataRoot: String?
  ) throws(UserError) -> DataIdentity? {
    guard let experiment = catalogue.experiment(named: recipe.experiment) as? any Experiment else { return nil }
    let sections = ["data", "init"].map { recipe.settings[$0]?.canonicalJSON ?? "" }
    let key = ([recipe.experiment, dataRoot ?? ""] + sections).joined(separator: "\n")
    if let result = known[key] { return try result.get() }
    let result: Result<DataIdentity?, UserError>
    do throws(UserError) {
      result = .success(try look(experiment, recipe, dataRoot: dataRoot))
    } catch {
      result = .failure(error)
    }
    known[key] = result
    return try result.get()
  }

  private func look<E: Experiment>(
    _ experiment: E, _ recipe: Recipe, dataRoot: String?
  ) throws(UserError) -> DataIdentity? {
    let context = SeedContext(
      folder: cacheFolder, events: NullSink(), dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) },
      cacheFolder: cacheFolder, threads: Run.availableCores)
    return try experiment.dataIdentity(settings: try recipe.settings(as: E.Settings.self), context: context)
  }
}
