import Diagnostics
import Foundation
import Recipes

/// A run folder that this process alone works in, and how the work on it begins.
public struct RunSession {
  /// How the work begins.
  public enum Beginning: Equatable, Sendable {
    /// The folder is new.
    case new
    /// An earlier process was stopped, failed or was killed; this one goes on.
    case resumed
    /// An earlier process has finished all seeds; nothing is left to compute.
    case finished
  }

  /// The folder.
  public let folder: RunFolder
  /// The manifest, as the folder has it.
  public let manifest: Manifest
  /// How the work begins.
  public let beginning: Beginning
  /// What the user is told of the beginning, a line each.
  public let remarks: [String]
  let lock: FileLock

  init(folder: RunFolder, manifest: Manifest, beginning: Beginning, remarks: [String], lock: FileLock) {
    self.folder = folder
    self.manifest = manifest
    self.beginning = beginning
    self.remarks = remarks
    self.lock = lock
  }
}

extension Run {
  /// Opens the newest run of this very recipe on the data as they are now, or makes a new one where there is none.
  ///
  /// - Parameters:
  ///   - catalogue: reads the recipes of earlier runs.
  ///   - isFresh: whether to make a new one in any case.
  ///   - identities: what the data are now.
  ///   - judge: decides whether an earlier run is what would be computed now, and which of its seeds are taken over into a
  ///     new one; without it only recipe and data do.
  /// - Throws: where another process works on the run, its recipe was changed, a folder cannot be made, or the data of
  ///   a finished run cannot be read any more.
  public func open(
    catalogue: RecipeCatalogue, isFresh: Bool = false, identities: DataIdentities = DataIdentities(),
    judge: ValidityJudge? = nil
  ) throws(UserError) -> RunSession {
    let family = RunFolder.family(of: recipe.name, in: runs)
    try RunFolder.createFolder(family)
    if isFresh || RunFolder.all(of: recipe.name, in: runs, hash: recipe.hash).isEmpty {
      // Computed before the others have to wait.
      let data = try? identities.identity(of: recipe, catalogue: catalogue, dataRoot: dataRoot)
      _ = judge?.computation(of: recipe, threads: threads, data: data?.digest, dataRoot: dataRoot)
    }
    // Two processes that begin at once must not both find nothing and make a run each.
    let gate = try FileLock(runs.appendingPathComponent(".lock"), on: "these runs", waiting: 30)
    defer { withExtendedLifetime(gate) {} }
    RunFolder.removeDrafts(in: family)
    // What keeps a new run from its data is told by the process that needs them.
    let now = try? identities.identity(of: recipe, catalogue: catalogue, dataRoot: dataRoot)
    guard !isFresh else { return try create(data: now, judge: judge) }
    let earlier = RunFolder.all(of: recipe.name, in: runs)
    let same = earlier.filter { $0.manifest.recipeHash == recipe.hash }
    var outOfDate: String?
    for (folder, manifest) in same {
      let data = try identity(for: folder, manifest, catalogue: catalogue, identities: identities)
      guard folder.isOf(data, manifest: manifest) else { continue }
      guard let judge else { return try reopen(folder, catalogue: catalogue) }
      switch judge.validity(of: folder, manifest, recipe: recipe, data: data, dataRoot: dataRoot ?? manifest.dataRoot) {
      case .valid: return try reopen(folder, catalogue: catalogue)
      case .notComparable(let reason): return try reopen(folder, catalogue: catalogue, remarks: ["kept, but \(reason)"])
      case .outOfDate(let reason):
        if outOfDate == nil { outOfDate = "a new run, since \(folder.url.path) is out of date: \(reason)" }
      }
    }
    var said = outOfDate.map { [$0] } ?? []
    if outOfDate == nil, let (folder, _) = same.first, let now {
      said = [
        "a new run, since \(folder.url.path) is of other data: \(folder.changes(to: now).joined(separator: "; "))"
      ]
    }
    let seeds = judge.map { seedsToTakeOver(of: earlier, data: now, catalogue: catalogue, judge: $0) } ?? []
    if said.isEmpty, seeds.isEmpty { said = remarks(on: earlier, catalogue: catalogue) }
    return try create(data: now, remarks: said, judge: judge, takingOver: seeds)
  }

  /// What the data of an earlier run are now; it looks for them where it began, unless told otherwise.
  ///
  /// - Throws: where a finished run's data cannot be read, so that nobody knows whether its result is of them; those of an
  ///   unfinished one are missed by the process that goes on.
  private func identity(
    for folder: RunFolder, _ manifest: Manifest, catalogue: RecipeCatalogue, identities: DataIdentities
  ) throws(UserError) -> DataIdentity? {
    do {
      return try identities.identity(of: recipe, catalogue: catalogue, dataRoot: dataRoot ?? manifest.dataRoot)
    } catch {
      guard manifest.ending == .finished else { return nil }
      throw UserError(
        error.kind, error.what, at: error.place,
        mend: (error.mend.map { "\($0); " } ?? "") + "`concord report \(folder.url.path)` shows the finished run")
    }
  }

  /// Makes the folder of a new run with recipe and manifest in it.
  ///
  /// - Parameter seeds: seeds that earlier runs have computed, whose files are linked.
  func create(
    data: DataIdentity? = nil, remarks: [String] = [], judge: ValidityJudge? = nil,
    takingOver seeds: [FinishedSeed] = []
  ) throws(UserError) -> RunSession {
    let start = Date()
    var manifest = Manifest(
      recipe: recipe, jobs: jobs, threads: threads, dataRoot: dataRoot, machine: machine, versions: versions,
      start: start)
    (manifest.ranks, manifest.hosts) = (launch.team?.ranks, launch.team?.hosts)
    if let data { manifest.datasetChecksums = data.checksums }
    manifest.computation =
      judge?.computation(of: recipe, threads: threads, data: data?.digest, dataRoot: dataRoot)
      ?? Computation(of: recipe, machine: machine, versions: versions)
    var remarks = remarks
    var lock: FileLock?
    let folder = try RunFolder.create(in: runs, recipe: recipe, start: start) { (folder) throws(UserError) in
      lock = try FileLock(folder.lock, on: "this run")
      try AtomicFile.write(Data(recipe.yamlWithOrigins.utf8), to: folder.recipe)
      if let data, !data.parts.isEmpty { try folder.write(data) }
      for finished in seeds where try folder.take(finished) {
        manifest.takenOver = (manifest.takenOver ?? []) + [finished.origin]
        remarks.append("seed \(finished.seed) is taken over from \(finished.run.url.path)")
      }
      try folder.write(manifest)
    }
    guard let lock else { preconditionFailure("Run.create: a folder without a lock") }
    return RunSession(folder: folder, manifest: manifest, beginning: .new, remarks: remarks, lock: lock)
  }

  private func reopen(
    _ folder: RunFolder, catalogue: RecipeCatalogue, remarks: [String] = []
  ) throws(UserError) -> RunSession {
    let lock = try FileLock(folder.lock, on: "this run")
    AtomicFile.removeLeftovers(in: folder.url)
    AtomicFile.removeLeftovers(in: folder.figures)
    // Read again: it may have ended while the lock was another's.
    var manifest = try folder.readManifest()
    if manifest.ending == .finished, (try? folder.readResult()) != nil {
      return RunSession(folder: folder, manifest: manifest, beginning: .finished, remarks: remarks, lock: lock)
    }
    guard let recorded = try? catalogue.recipe(folder.recipe.path), recorded.hash == manifest.recipeHash else {
      throw UserError(
        .data, "was changed since the run began", at: folder.recipe.path,
        mend: "put it back, or start another run with --fresh")
    }
    let changes = manifest.resume(machine: machine, versions: versions, start: Date())
    // What was to be taken over when the process was killed, and is not there, is computed here.
    let missing = remainingSeeds(in: folder)
    manifest.takenOver = manifest.takenOver?.filter { !missing.contains($0.seed) }
    if manifest.takenOver?.isEmpty == true { manifest.takenOver = nil }
    // The same bits, however many there are.
    (manifest.ranks, manifest.hosts) = (launch.team?.ranks, launch.team?.hosts)
    try folder.write(manifest)
    let remarks =
      remarks
      + (changes.isEmpty
        ? []
        : ["not as when the run began: \(changes.joined(separator: ", ")); what follows may differ in its last bits"])
    return RunSession(folder: folder, manifest: manifest, beginning: .resumed, remarks: remarks, lock: lock)
  }

  /// Says how this recipe differs from that of the newest run that somebody may have meant to go on with.
  private func remarks(
    on earlier: [(folder: RunFolder, manifest: Manifest)], catalogue: RecipeCatalogue
  ) -> [String] {
    guard let (folder, _) = earlier.first(where: { $0.manifest.ending != .finished }),
      let other = try? catalogue.recipe(folder.recipe.path)
    else { return [] }
    let differences = recipe.differences(from: other)
    guard !differences.isEmpty else { return [] }
    let shown = 8
    return ["a new run, since the unfinished \(folder.url.path) has other settings:"]
      + differences.prefix(shown).map { "  \($0)" }
      + (differences.count > shown ? ["  and \(differences.count - shown) more"] : [])
  }
}
