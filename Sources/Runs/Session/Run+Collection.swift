import Diagnostics
import Foundation
import Recipes
import StrictYAML

/// Seeds from elsewhere: from other folders of runs, as of another machine, and from published results.
extension Run {
  /// Takes over those of the seeds still to be done that other places have, where they are what would be computed here.
  ///
  /// A seed is taken where recipe, data, threads and the versions of the libraries that compute are the same and the program's
  /// code is, see ``ValidityJudge``; one of another kind of processor is taken with a remark, unless the judge is strict. Of a
  /// published result a seed's scores and the outcomes of its test items are taken; it has no networks, no representations and
  /// no course of training.
  ///
  /// - Parameters:
  ///   - places: the folder of a run, published or not, or a folder of runs.
  ///   - session: what ``open(catalogue:isFresh:identities:judge:)`` gave.
  /// - Returns: the session with what was taken, and a remark on each seed or run that was not.
  /// - Throws: where a place has no run of the recipe, a file is damaged or cannot be written, or the data cannot be read.
  public func collect(
    from places: [URL], into session: RunSession, catalogue: RecipeCatalogue, identities: DataIdentities,
    judge: ValidityJudge
  ) throws(UserError) -> RunSession {
    var runs: [(folder: RunFolder, manifest: Manifest)] = []
    for place in places { runs += try self.runs(at: place) }
    runs.removeAll { $0.folder.url.standardizedFileURL == session.folder.url.standardizedFileURL }
    guard session.beginning != .finished else { return session }
    let folder = session.folder
    var manifest = session.manifest
    let dataRoot = dataRoot ?? manifest.dataRoot
    let data = try identities.identity(of: recipe, catalogue: catalogue, dataRoot: dataRoot)
    for (_, other) in runs { judge.remember(other) }
    var remarks: [String] = []
    var missing = remainingSeeds(in: folder)
    for (other, its) in runs {
      var refusals: [String: [Int]] = [:]
      let there = try other.finishedSeeds(among: missing.filter(its.seeds.contains))
      for seed in missing {
        guard let files = there[seed] else { continue }
        let origin = its.origin(ofSeed: seed, in: other)
        let verdict = validity(of: other, its.asOf(origin), threads: manifest.threads, data: data, dataRoot, judge)
        if case .outOfDate(let reason) = verdict {
          refusals[reason, default: []].append(seed)
          continue
        }
        guard folder.hasNotBegun(seed) else {
          refusals["it has begun here", default: []].append(seed)
          continue
        }
        // Where a seed is from is written before its files are, so that a process that is killed between leaves none
        // whose origin is not known.
        let before = manifest.takenOver
        manifest.takenOver = (before ?? []) + [origin]
        try folder.write(manifest)
        guard try folder.take(FinishedSeed(run: other, origin: origin, files: files)) else {
          manifest.takenOver = before
          try folder.write(manifest)
          refusals["its files can be neither linked nor copied", default: []].append(seed)
          continue
        }
        missing.removeAll { $0 == seed }
        let doubt = verdict.reason.map { ", but \($0)" } ?? ""
        remarks.append("seed \(seed) is taken over from \(other.url.path)\(doubt)")
      }
      for (reason, seeds) in refusals.sorted(by: { $0.value[0] < $1.value[0] }) {
        let names = (seeds.count == 1 ? "seed " : "seeds ") + seeds.map(String.init).joined(separator: ", ")
        remarks.append("\(names) of \(other.url.path) \(seeds.count == 1 ? "is" : "are") not taken over: \(reason)")
      }
    }
    return RunSession(
      folder: folder, manifest: manifest, beginning: session.beginning, remarks: session.remarks + remarks,
      lock: session.lock)
  }

  /// The runs of this recipe at a place.
  private func runs(at place: URL) throws(UserError) -> [(folder: RunFolder, manifest: Manifest)] {
    let folder = RunFolder(place)
    if FileManager.default.fileExists(atPath: folder.manifest.path) {
      let manifest = try folder.readManifest()
      guard manifest.recipe == recipe.name else {
        throw UserError(
          .usage, "this is of \(manifest.recipe), not of \(recipe.name)", at: place.path,
          mend: "name a run of \(recipe.name)")
      }
      return [(folder, manifest)]
    }
    let runs = RunFolder.all(of: recipe.name, in: place)
    guard !runs.isEmpty else {
      throw UserError(
        .inputOutput,
        FileManager.default.fileExists(atPath: place.path)
          ? "there is no run of \(recipe.name)" : "there is no such folder", at: place.path,
        mend: "name a run's folder, a folder of runs, or a published result such as Results/FDT/emoji")
    }
    return runs
  }

  /// Whether a seed of another run, whose manifest says what computed it, is what would be computed here.
  private func validity(
    of other: RunFolder, _ its: Manifest, threads: Int, data: DataIdentity?, _ dataRoot: String?, _ judge: ValidityJudge
  ) -> Validity {
    // Of a folder of the user's nobody knows whether its files have changed.
    guard data != nil else { return .outOfDate("what its data were cannot be told") }
    guard let computation = its.computation, computation.fingerprint != nil else {
      return .outOfDate("nothing tells what its program computed")
    }
    guard computation.configuration == Computation.configuration(of: recipe) else {
      let change = (try? RecordedRecipe(of: other))?.firstChange(to: recipe)
      return .outOfDate(
        change.map { "\($0.path) is \($0.now.yaml) here, not \($0.then.yaml)" } ?? "its settings are others")
    }
    return judge.adoption(
      of: other, its, recipe: recipe, threads: threads, data: data, dataRoot: dataRoot)
  }
}

extension RunFolder {
  /// What there is of those seeds that are done.
  ///
  /// - Throws: where the files of a published result are damaged.
  fileprivate func finishedSeeds(among seeds: [Int]) throws(UserError) -> [Int: FinishedSeed.Files] {
    let inFolders = seeds.filter { FileManager.default.fileExists(atPath: scores(ofSeed: $0).path) }
    var found: [Int: FinishedSeed.Files] = [:]
    for seed in inFolders where (try? readSeedResult(seed)) != nil { found[seed] = .folder }
    let others = seeds.filter { !inFolders.contains($0) }
    guard !others.isEmpty, FileManager.default.fileExists(atPath: results.path) else { return found }
    let result = try readResult()
    let items = try ItemsFile.read(from: items) ?? [:]
    for seed in others {
      if let own = result.seed(seed) { found[seed] = .record(own, items[seed]) }
    }
    return found
  }
}
