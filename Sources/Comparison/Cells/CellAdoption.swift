import Diagnostics
import Foundation
import Recipes
import Runs

/// Takes finished cells over from other comparisons, so that another row or seed in a suite does not train the others
/// again.
///
/// A cell is taken where it is what would be computed here: the same recipe, seed, threads, processor, versions and data,
/// by a program of the same commit without changes. A cell's files are linked, not copied; none of them is ever written
/// again.
struct CellAdoption {
  let folder: ComparisonFolder
  let runs: URL
  let threads: Int
  let dataRoot: String?
  let machine: Machine
  let versions: [String: String]
  let catalogue: RecipeCatalogue
  let identities: DataIdentities

  /// The cells' folders of the other comparisons.
  private var others: [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
    return names.filter { $0.hasPrefix("compare-") && $0 != folder.url.lastPathComponent }.sorted().map {
      ComparisonFolder(runs.appendingPathComponent($0, isDirectory: true)).cells
    }
  }

  /// Takes those of some cells that there are.
  ///
  /// - Returns: how many were taken.
  func adopt(_ cells: [Cell]) -> Int {
    guard let commit = machine.commit, commit.isClean else { return 0 }
    let others = others
    return cells.count { cell in
      let data = try? identities.identity(of: cell.recipe, catalogue: catalogue, dataRoot: dataRoot)
      // Of a folder of the user's nobody knows whether its files have changed.
      if data == nil, cell.readsFolder { return false }
      let cell = cell.name
      for other in others {
        for (run, manifest) in RunFolder.all(of: cell.family, in: other)
        where manifest.recipeHash == cell.hash && manifest.ending == .finished && manifest.commit == commit
          && manifest.threads == threads && manifest.dataRoot == dataRoot && manifest.versions == versions
          && manifest.processor == machine.processor
          && (data.map { manifest.datasetChecksums == [$0.name: $0.checksum] } ?? true)
          && manifest.resumptions?.allSatisfy(\.changes.isEmpty) ?? true
        {
          if (try? run.readResult()) != nil, link(run, family: cell.family) { return true }
        }
      }
      return false
    }
  }

  /// Links a run's files into the folder of this comparison; false where the file system cannot.
  private func link(_ run: RunFolder, family: String) -> Bool {
    let target = folder.cells.appendingPathComponent(family, isDirectory: true)
    guard (try? RunFolder.createFolder(target)) != nil else { return false }
    RunFolder.removeDrafts(in: target)
    let final = target.appendingPathComponent(run.url.lastPathComponent, isDirectory: true)
    guard !FileManager.default.fileExists(atPath: final.path) else { return false }
    // A name that is taken for the leftover of a killed process until all is there.
    let draft = target.appendingPathComponent(".new-adopted", isDirectory: true)
    let isWhole = linkFiles(of: run.url, to: draft) && rename(draft.path, final.path) == 0
    if !isWhole { try? FileManager.default.removeItem(at: draft) }
    return isWhole
  }

  private func linkFiles(of source: URL, to target: URL) -> Bool {
    guard mkdir(target.path, 0o777) == 0,
      let names = try? FileManager.default.contentsOfDirectory(atPath: source.path)
    else { return false }
    for name in names where !name.hasPrefix(".") {
      let (from, to) = (source.appendingPathComponent(name), target.appendingPathComponent(name))
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: from.path, isDirectory: &isFolder) else { return false }
      guard isFolder.boolValue ? linkFiles(of: from, to: to) : Glibc.link(from.path, to.path) == 0 else { return false }
    }
    return true
  }
}
