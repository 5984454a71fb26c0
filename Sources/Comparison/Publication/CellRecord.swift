import Foundation
import Recipes
import Runs

/// What is committed of a training behind a row's scores, a line each of `cells.json`: enough to tell later whether it is
/// valid, and what it cost.
package struct CellRecord: Codable, Equatable, Sendable {
  /// The seed.
  package let seed: Int
  /// The fold that was tested; nil without folds.
  package let fold: Int?
  /// The hash of the resolved recipe.
  package let hash: String
  /// The commit, `-dirty` where there were changes.
  package let commit: String?
  /// The kind of processor; nil where that was not kept.
  package let kind: String?
  /// What the program computed for the recipe; nil where that is not known.
  package let fingerprint: Fingerprint?
  /// The versions of the libraries that compute; nil in files of earlier versions.
  package let libraries: [String: String]?
  /// The number of threads.
  package let threads: Int
  /// The wall time in seconds.
  package let seconds: Double?

  /// Describes a finished cell.
  init(_ entry: ComparisonResult.CellEntry, _ manifest: Manifest) {
    (seed, fold, hash, commit) = (entry.seed, entry.fold, entry.hash, entry.commit)
    kind = manifest.computation?.kind
    fingerprint = manifest.computation?.fingerprint
    libraries = manifest.computation?.libraries
    (threads, seconds) = (entry.threads, entry.seconds)
  }

  /// Describes a finished cell by its name.
  init(_ cell: Cell.Name, _ outcome: CellStore.Outcome) {
    (seed, fold, hash) = (cell.seed, cell.fold, cell.hash)
    commit = outcome.manifest.commit.map { $0.hash + ($0.isClean ? "" : Self.dirtyMark) }
    kind = outcome.manifest.computation?.kind
    fingerprint = outcome.manifest.computation?.fingerprint
    libraries = outcome.manifest.computation?.libraries
    (threads, seconds) = (outcome.manifest.threads, outcome.result.wallSeconds.first)
  }

  /// What stands behind a commit that had changes.
  static let dirtyMark = "-dirty"

  /// The manifest of this training again.
  ///
  /// - Parameters:
  ///   - recipe: the training's recipe.
  ///   - row: the manifest of the row's first training, which has what this line does not say; nil where there is none.
  ///   - start: when the comparison began.
  func manifest(
    of recipe: Recipe, row: Manifest?, dataRoot: String?, datasetChecksums: [String: String], start: Date
  ) -> Manifest {
    let isClean = commit.map { !$0.hasSuffix(Self.dirtyMark) } ?? true
    let machine = Machine(
      commit: commit.map {
        Manifest.Commit(hash: isClean ? $0 : String($0.dropLast(Self.dirtyMark.count)), isClean: isClean)
      }, processor: row?.processor ?? kind ?? "", memory: row?.memory ?? 0)
    var manifest = Manifest(
      recipe: recipe, jobs: 1, threads: threads, dataRoot: dataRoot, machine: machine, versions: row?.versions ?? [:],
      start: start)
    manifest.datasetChecksums = datasetChecksums
    manifest.ending = .finished
    manifest.end = seconds.map { start.addingTimeInterval($0) } ?? start
    if let kind, let libraries = libraries ?? row?.computation?.libraries {
      var computation = Computation(of: recipe, machine: machine, versions: [:], fingerprint: fingerprint)
      (computation.kind, computation.libraries, computation.program) = (kind, libraries, nil)
      manifest.computation = computation
    }
    return manifest
  }
}
