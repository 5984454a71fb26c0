import Diagnostics
import Foundation
import Recipes
import Runs

/// Takes finished cells over from other comparisons, so that another row or seed in a suite does not train the others
/// again.
///
/// A cell is taken where it is what would be computed here: the same recipe, seed, fold, threads and data, and by the same
/// code; see `ValidityJudge`. A cell's files are linked, not copied; none of them is ever written again.
struct CellAdoption {
  /// What there is of a cell in other comparisons.
  enum Finding {
    /// A run of it that can be taken over.
    case found(RunFolder, Manifest)
    /// A run of it that cannot, and why.
    case outOfDate(String)
    /// None.
    case missing
  }

  let folder: ComparisonFolder
  let threads: Int
  let dataRoot: String?
  let catalogue: RecipeCatalogue
  let identities: DataIdentities
  let judge: ValidityJudge
  /// The cells' folders of the other comparisons.
  private let others: [URL]

  /// Looks into the comparisons of a folder of runs, or into those of other folders.
  init(
    folder: ComparisonFolder, runs: URL, threads: Int, dataRoot: String?, catalogue: RecipeCatalogue,
    identities: DataIdentities, judge: ValidityJudge, from others: [URL]? = nil
  ) {
    (self.folder, self.threads, self.dataRoot, self.catalogue) = (folder, threads, dataRoot, catalogue)
    (self.identities, self.judge) = (identities, judge)
    if let others {
      self.others = others
      return
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
    self.others = names.filter { $0.hasPrefix("compare-") && $0 != folder.url.lastPathComponent }.sorted().map {
      ComparisonFolder(runs.appendingPathComponent($0, isDirectory: true)).cells
    }
  }

  /// Looks for a finished run of a cell.
  func search(for cell: Cell) -> Finding {
    let name = cell.name
    let runs = others.flatMap { other in
      RunFolder.all(of: name.family, in: other, hash: name.hash).filter { run, manifest in
        manifest.recipeHash == name.hash && manifest.ending == .finished && (try? run.readResult()) != nil
      }
    }
    // Looking at the data takes a while.
    guard !runs.isEmpty else { return .missing }
    let data = try? identities.identity(of: cell.recipe, catalogue: catalogue, dataRoot: dataRoot)
    // Of a folder of the user's nobody knows whether its files have changed.
    if data == nil, cell.readsFolder { return .missing }
    for (_, manifest) in runs { judge.remember(manifest) }
    var reason: String?
    for (run, manifest) in runs {
      guard manifest.dataRoot == dataRoot else {
        reason = reason ?? "its data are of \(manifest.dataRoot ?? "the standard folder")"
        continue
      }
      switch judge.adoption(
        of: run, manifest, recipe: cell.recipe, threads: threads, data: data, dataRoot: dataRoot)
      {
      case .valid, .notComparable: return .found(run, manifest)
      case .outOfDate(let fault): reason = reason ?? fault
      }
    }
    return reason.map { .outOfDate($0) } ?? .missing
  }

  /// Takes those of some cells that there are.
  ///
  /// - Parameter fate: what becomes of finished cells that are not taken, after "is" or "are".
  /// - Returns: how many were taken, and a line for each reason why others were not.
  func adopt(_ cells: [Cell], otherwise fate: String = "trained anew") -> (count: Int, refusals: [String]) {
    var count = 0
    var refusals: [String: (count: Int, first: Cell)] = [:]
    func refuse(_ cell: Cell, _ reason: String) {
      refusals[reason] = ((refusals[reason]?.count ?? 0) + 1, refusals[reason]?.first ?? cell)
    }
    for cell in cells {
      switch search(for: cell) {
      case .found(let run, _):
        switch link(run, family: cell.name.family) {
        case .taken: count += 1
        case .there: break
        case .failed: refuse(cell, "the files cannot be linked or copied into \(folder.cells.path)")
        }
      case .outOfDate(let reason): refuse(cell, reason)
      case .missing: break
      }
    }
    return (
      count,
      refusals.sorted { $0.key < $1.key }.map { reason, cells in
        "\(cells.count) finished \(cells.count == 1 ? "cell is" : "cells are") \(fate), "
          + "\(cells.first.recipe.name) \(cells.first.name.replicate.text)\(cells.count == 1 ? "" : " among them"): \(reason)"
      }
    )
  }

  /// Links a run's files, or copies them where they are on another file system.
  private static func take(_ run: URL, to draft: URL) -> Bool {
    if RunFolder.linkFiles(of: run, to: draft) { return true }
    try? FileManager.default.removeItem(at: draft)
    return RunFolder.copyFiles(of: run, to: draft)
  }

  private enum Linking {
    case taken
    case there
    case failed
  }

  /// Brings a run's files into the folder of this comparison.
  private func link(_ run: RunFolder, family: String) -> Linking {
    let target = folder.cells.appendingPathComponent(family, isDirectory: true)
    let final = target.appendingPathComponent(run.url.lastPathComponent, isDirectory: true)
    guard !FileManager.default.fileExists(atPath: final.path) else { return .there }
    // Who makes a run holds the same lock, since leftovers of the dead are told from drafts of the living by nothing else.
    guard (try? RunFolder.createFolder(target)) != nil,
      let gate = try? FileLock(folder.cells.appendingPathComponent(".lock"), on: "these runs", waiting: 60)
    else { return .failed }
    defer { withExtendedLifetime(gate) {} }
    guard !FileManager.default.fileExists(atPath: final.path) else { return .there }
    RunFolder.removeDrafts(in: target)
    // A name that is taken for the leftover of a killed process until all is there.
    let draft = target.appendingPathComponent(".new-adopted", isDirectory: true)
    let isWhole = Self.take(run.url, to: draft) && rename(draft.path, final.path) == 0
    if !isWhole { try? FileManager.default.removeItem(at: draft) }
    return isWhole ? .taken : .failed
  }
}
