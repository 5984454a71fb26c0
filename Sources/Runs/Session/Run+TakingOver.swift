import Diagnostics
import Evaluation
import Foundation
import Recipes
import StrictYAML

/// A seed that another run has computed, and what there is of it.
struct FinishedSeed {
  /// What there is of a seed.
  enum Files {
    /// All its files, in the folder of the seed.
    case folder
    /// Its scores and the outcomes of its test items, as a published result has them.
    case record(SeedResult, ItemTable?)
  }

  /// The run that has it.
  let run: RunFolder
  /// The seed, and what computed it.
  let origin: Manifest.TakenOver
  let files: Files

  var seed: Int { origin.seed }
}

/// Seeds that an earlier run of the same settings has computed, so that another seed does not train the others again.
extension Run {
  /// The seeds of the recipe that an earlier run of the same settings has, whatever other seeds that one has.
  ///
  /// A run that is not sure to be valid gives none.
  func seedsToTakeOver(
    of earlier: [(folder: RunFolder, manifest: Manifest)], data: DataIdentity?, catalogue: RecipeCatalogue,
    judge: ValidityJudge
  ) -> [FinishedSeed] {
    var found: [FinishedSeed] = []
    let configuration = Computation.configuration(of: recipe)
    for (folder, manifest) in earlier {
      let wanted = recipe.seeds.filter { seed in
        manifest.seeds.contains(seed) && !found.contains { $0.seed == seed }
          && (try? folder.readSeedResult(seed)) != nil
      }
      guard !wanted.isEmpty, manifest.threads == threads, manifest.dataRoot == dataRoot, data != nil,
        manifest.computation?.configuration == configuration,
        let other = try? catalogue.recipe(folder.recipe.path), other.experiment == recipe.experiment,
        other.settings.canonicalJSON == recipe.settings.canonicalJSON
      else { continue }
      for origin in wanted.map({ manifest.origin(ofSeed: $0, in: folder) })
      where judge.validity(of: folder, manifest.asOf(origin), recipe: recipe, data: data, dataRoot: dataRoot) == .valid
      {
        found.append(FinishedSeed(run: folder, origin: origin, files: .folder))
      }
    }
    return found
  }
}

extension RunFolder {
  /// Takes the files of a seed of another run, which has not begun here; false where they can be neither linked nor copied, and it is
  /// computed.
  ///
  /// - Throws: where a file cannot be written.
  func take(_ finished: FinishedSeed) throws(UserError) -> Bool {
    let own = seed(finished.seed)
    // The folder of a seed that has not begun is empty.
    guard rmdir(own.path) == 0 else { return false }
    switch finished.files {
    case .folder:
      let source = finished.run.seed(finished.seed)
      if Self.linkFiles(of: source, to: own) { return true }
      try? FileManager.default.removeItem(at: own)
      if Self.copyFiles(of: source, to: own) { return true }
      try? FileManager.default.removeItem(at: own)
      _ = mkdir(own.path, 0o777)
      return false
    case .record(let result, let items):
      try Self.createFolder(own)
      if let items { try ItemsFile.write([finished.seed: items], to: self.items(ofSeed: finished.seed)) }
      // A seed with scores is done, so they come last.
      try write(result, seed: finished.seed)
      return true
    }
  }

  /// Whether there is nothing of a seed yet but its empty folder.
  func hasNotBegun(_ seed: Int) -> Bool {
    (try? FileManager.default.contentsOfDirectory(atPath: self.seed(seed).path))?.isEmpty == true
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
