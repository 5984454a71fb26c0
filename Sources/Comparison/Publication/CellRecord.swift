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
  /// The number of threads.
  package let threads: Int
  /// The wall time in seconds.
  package let seconds: Double?

  /// Describes a finished cell.
  init(_ entry: ComparisonResult.CellEntry, _ manifest: Manifest) {
    (seed, fold, hash, commit) = (entry.seed, entry.fold, entry.hash, entry.commit)
    kind = manifest.computation?.kind
    fingerprint = manifest.computation?.fingerprint
    (threads, seconds) = (entry.threads, entry.seconds)
  }
}
