import Diagnostics
import Foundation
import Recipes
import StrictYAML

/// Seeds that an earlier run of the same settings has computed, so that another seed does not train the others again.
extension Run {
  /// The seeds of the recipe that an earlier run of the same settings has, whatever other seeds that one has.
  ///
  /// A run that is not sure to be valid gives none.
  func seedsToTakeOver(
    of earlier: [(folder: RunFolder, manifest: Manifest)], data: DataIdentity?, catalogue: RecipeCatalogue,
    judge: ValidityJudge
  ) -> [(seed: Int, run: RunFolder, manifest: Manifest)] {
    var found: [(seed: Int, run: RunFolder, manifest: Manifest)] = []
    let configuration = Computation.configuration(of: recipe)
    for (folder, manifest) in earlier {
      let wanted = recipe.seeds.filter { seed in
        manifest.seeds.contains(seed) && !found.contains { $0.seed == seed }
          && (try? folder.readSeedResult(seed)) != nil
      }
      guard !wanted.isEmpty, manifest.threads == threads, manifest.dataRoot == dataRoot, data != nil,
        manifest.computation?.configuration == configuration,
        let other = try? catalogue.recipe(folder.recipe.path), other.experiment == recipe.experiment,
        other.settings.canonicalJSON == recipe.settings.canonicalJSON,
        judge.validity(of: folder, manifest, recipe: recipe, data: data, dataRoot: dataRoot) == .valid
      else { continue }
      found += wanted.map { ($0, folder, manifest) }
    }
    return found
  }
}

extension RunFolder {
  /// Links the files of a seed of another run; false where the file system cannot, and the seed is computed again.
  func link(_ seed: Int, of other: RunFolder) -> Bool {
    let own = self.seed(seed)
    // The folder of a seed that has not begun is empty.
    guard rmdir(own.path) == 0 else { return false }
    if Self.linkFiles(of: other.seed(seed), to: own) { return true }
    try? FileManager.default.removeItem(at: own)
    _ = mkdir(own.path, 0o777)
    return false
  }

  /// Links the files of a folder into a new one, hidden ones left out; false where the file system cannot.
  package static func linkFiles(of source: URL, to target: URL) -> Bool {
    place(filesOf: source, in: target) { Glibc.link($0.path, $1.path) == 0 }
  }

  /// Copies the files of a folder into a new one, hidden ones left out; false where that fails.
  package static func copyFiles(of source: URL, to target: URL) -> Bool {
    place(filesOf: source, in: target) { (try? FileManager.default.copyItem(at: $0, to: $1)) != nil }
  }

  private static func place(filesOf source: URL, in target: URL, by placing: (URL, URL) -> Bool) -> Bool {
    guard mkdir(target.path, 0o777) == 0,
      let names = try? FileManager.default.contentsOfDirectory(atPath: source.path)
    else { return false }
    for name in names where !name.hasPrefix(".") {
      let (from, to) = (source.appendingPathComponent(name), target.appendingPathComponent(name))
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: from.path, isDirectory: &isFolder) else { return false }
      guard isFolder.boolValue ? place(filesOf: from, in: to, by: placing) : placing(from, to) else { return false }
    }
    return true
  }
}
