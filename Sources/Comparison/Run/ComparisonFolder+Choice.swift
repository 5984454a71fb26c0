import Diagnostics
import Foundation
import Recipes
import Runs

/// Which folder a comparison goes on in.
extension ComparisonFolder {
  /// The newest folder of a comparison whose cells are of the data as they are now, or where the next one will be; with
  /// what the user is told where the newest is of other data.
  ///
  /// - Parameters:
  ///   - dataRoot: the folder of downloaded data that the user named; each comparison's own where it is nil.
  ///   - isFresh: whether a new one is wanted in any case.
  ///   - identities: what the data are now.
  /// - Throws: where the data of finished cells cannot be read any more.
  static func choice(
    _ plan: ComparisonPlan, in runs: URL, dataRoot: String?, isFresh: Bool = false, catalogue: RecipeCatalogue,
    identities: DataIdentities
  ) throws(UserError) -> (folder: ComparisonFolder, remarks: [String]) {
    let all = existing(suite: plan.suite.name, hash: plan.hash, in: runs)
    let next = place(suite: plan.suite.name, hash: plan.hash, in: runs, isFresh: true)
    guard !isFresh else { return (next, []) }
    var remarks: [String] = []
    for folder in all.reversed() {
      let root = dataRoot ?? (try? folder.readPlan())?.dataRoot
      guard
        let remark = try folder.otherData(plan.everyCell, dataRoot: root, catalogue: catalogue, identities: identities)
      else { return (folder, remarks) }
      if remarks.isEmpty { remarks.append(remark) }
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

  /// What is said of the first cell that has begun with other data than those that there are now; nil where none has.
  private func otherData(
    _ cells: [Cell], dataRoot: String?, catalogue: RecipeCatalogue, identities: DataIdentities
  ) throws(UserError) -> String? {
    for cell in cells {
      let runs = RunFolder.all(of: cell.name.family, in: self.cells).filter { $0.manifest.recipeHash == cell.name.hash }
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
        return "another comparison, since \(url.path) is of other data: "
          + run.changes(to: data).joined(separator: "; ")
      }
    }
    return nil
  }
}
