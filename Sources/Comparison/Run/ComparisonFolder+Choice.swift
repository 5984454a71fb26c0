import Diagnostics
import Foundation
import Recipes
import Runs

/// Which folder a comparison goes on in.
extension ComparisonFolder {
  /// The newest folder of a comparison whose cells are of the data and the program as they are now, or where the next one
  /// will be; with what the user is told where the newest is of others.
  ///
  /// - Parameters:
  ///   - dataRoot: the folder of downloaded data that the user named; each comparison's own where it is nil.
  ///   - isFresh: whether a new one is wanted in any case.
  ///   - identities: what the data are now.
  ///   - judge: decides whether finished cells are what the program of now would compute.
  /// - Throws: where the data of finished cells cannot be read any more.
  static func choice(
    _ plan: ComparisonPlan, in runs: URL, dataRoot: String?, isFresh: Bool = false, catalogue: RecipeCatalogue,
    identities: DataIdentities, judge: ValidityJudge
  ) throws(UserError) -> (folder: ComparisonFolder, remarks: [String]) {
    let all = existing(suite: plan.suite.name, hash: plan.hash, in: runs)
    // Counted once, so that two processes that begin at once do not begin two comparisons.
    let next = place(suite: plan.suite.name, hash: plan.hash, number: all.count + 1, in: runs)
    guard !isFresh else { return (next, []) }
    var remarks: [String] = []
    for folder in all.reversed() {
      let root = dataRoot ?? (try? folder.readPlan())?.dataRoot
      let found = try folder.standing(
        of: plan.everyCell, dataRoot: root, catalogue: catalogue, identities: identities, judge: judge)
      guard let refusal = found.refusal else { return (folder, remarks + found.kept) }
      if remarks.isEmpty { remarks.append(refusal) }
    }
    return (next, remarks)
  }

  /// The folders of a comparison, the oldest first.
  private static func existing(suite: String, hash: String, in runs: URL) -> [ComparisonFolder] {
    var folders: [ComparisonFolder] = []
    while true {
      let folder = place(suite: suite, hash: hash, number: folders.count + 1, in: runs)
      guard FileManager.default.fileExists(atPath: folder.url.path) else { return folders }
      folders.append(folder)
    }
  }

  /// What is said of the first cell that has begun with other data than those that there are now, or that the program
  /// computes otherwise now, nil where there is none; and of the cells that are kept although nobody knows.
  private func standing(
    of cells: [Cell], dataRoot: String?, catalogue: RecipeCatalogue, identities: DataIdentities, judge: ValidityJudge
  ) throws(UserError) -> (refusal: String?, kept: [String]) {
    var finished: [(cell: Cell, run: RunFolder, manifest: Manifest, data: DataIdentity?)] = []
    for cell in cells {
      let runs = RunFolder.all(of: cell.name.family, in: self.cells, hash: cell.name.hash)
        .filter { $0.manifest.recipeHash == cell.name.hash }
      guard let (run, manifest) = runs.first else { continue }
      let data: DataIdentity?
      do throws(UserError) {
        data = try identities.identity(of: cell.recipe, catalogue: catalogue, dataRoot: dataRoot)
      } catch {
        guard manifest.ending == .finished else { continue }
        throw UserError(
          error.kind, error.what, at: error.place,
          mend: (error.mend.map { "\($0); " } ?? "") + "`concord report \(url.path)` shows what has finished")
      }
      if let data, !runs.contains(where: { $0.folder.isOf(data, manifest: $0.manifest) }) {
        return (
          "another comparison, since \(url.path) is of other data: "
            + run.changes(to: data).joined(separator: "; "), []
        )
      }
      judge.remember(manifest)
      if manifest.ending == .finished { finished.append((cell, run, manifest, data)) }
    }
    return standing(of: finished, dataRoot: dataRoot, judge: judge)
  }

  private func standing(
    of finished: [(cell: Cell, run: RunFolder, manifest: Manifest, data: DataIdentity?)], dataRoot: String?,
    judge: ValidityJudge
  ) -> (refusal: String?, kept: [String]) {
    var outOfDate: [(cell: Cell, reason: String)] = []
    var kept: [String: Int] = [:]
    for (cell, run, manifest, data) in finished {
      switch judge.validity(of: run, manifest, recipe: cell.recipe, data: data, dataRoot: dataRoot) {
      case .valid: break
      case .outOfDate(let reason): outOfDate.append((cell, reason))
      case .notComparable(let reason): kept[reason, default: 0] += 1
      }
    }
    if let first = outOfDate.first {
      return (
        "another comparison, since \(outOfDate.count) of \(finished.count) cells of \(url.path) are out of date, "
          + "\(first.cell.recipe.name) \(first.cell.name.replicate.text) among them: \(first.reason)", []
      )
    }
    return (
      nil,
      kept.sorted { $0.key < $1.key }.map { reason, count in
        "\(count) finished \(count == 1 ? "cell is" : "cells are") kept, but \(reason); --strict trains anew"
      }
    )
  }
}
