import Diagnostics
import Evaluation
import Foundation
import Recipes
import Runs
import StrictYAML
import Training

/// The trainings behind a published comparison as runs again, so that a comparison that is committed goes on on another
/// machine: with another row, more seeds, or what was missing still.
///
/// A run that is made so has scores, outcomes of test items, costs, and what its validity is judged by; it has no
/// networks and no representations, which are not committed.
struct PublishedCells {
  /// The file of a row's trainings, a line each.
  static let cellsFile = "cells.json"
  /// The file of a comparison's searches, a line each.
  static let searchesFile = "searches.json"
  private static let mend = "publish it again"

  private let folder: ComparisonFolder
  private let result: ComparisonResult

  /// Reads a published comparison; nil where the folder is none.
  ///
  /// - Throws: where its files are damaged.
  init?(_ place: URL) throws(UserError) {
    folder = ComparisonFolder(place)
    guard FileManager.default.fileExists(atPath: folder.result.path),
      !FileManager.default.fileExists(atPath: folder.cells.path)
    else { return nil }
    result = try folder.readResult()
  }

  /// Makes runs of those trainings that a plan has.
  ///
  /// - Parameters:
  ///   - dataRoot: the folder of downloaded data that is used here; whether data are the same is told by checksums.
  ///   - cells: the folder of the runs.
  /// - Returns: a line for each row that is left out, and why.
  /// - Throws: where a file is damaged, or cannot be written.
  func restore(for plan: ComparisonPlan, dataRoot: String?, into cells: URL) throws(UserError) -> [String] {
    try RunFolder.createFolder(cells)
    var recipes: [Key: Recipe] = [:]
    for candidate in plan.rows.flatMap(\.candidates) {
      for cell in candidate.finals + (candidate.search.map { [$0] } ?? []) where cell.fold == nil {
        recipes[Key(hash: cell.name.hash, seed: cell.name.seed)] = cell.recipe
      }
    }
    var remarks: [String] = []
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.url.path)) ?? []
    for name in names.sorted() {
      let row = RunFolder(folder.url.appendingPathComponent(name, isDirectory: true))
      let file = row.url.appendingPathComponent(Self.cellsFile)
      guard FileManager.default.fileExists(atPath: file.path) else { continue }
      if let remark = try restore(row, recipes: recipes, dataRoot: dataRoot, into: cells) { remarks.append(remark) }
    }
    let searches = folder.url.appendingPathComponent(Self.searchesFile)
    guard FileManager.default.fileExists(atPath: searches.path) else { return remarks }
    let records: [SearchRecord] = try RecordFile.read(searches, mend: Self.mend)
    for record in records {
      guard let recipe = recipes[Key(hash: record.cell.hash, seed: record.cell.seed)] else { continue }
      let seed = SeedResult(
        scores: record.scores, datasetChecksums: record.datasetChecksums, wallSeconds: record.cell.seconds ?? 0)
      let manifest = record.cell.manifest(
        of: recipe, row: nil, dataRoot: dataRoot, datasetChecksums: record.datasetChecksums, start: result.start)
      try write(seed, manifest, of: recipe, items: nil, into: cells)
    }
    return remarks
  }

  /// What a training is found by.
  private struct Key: Hashable {
    let hash: String
    let seed: Int
  }

  private func restore(
    _ row: RunFolder, recipes: [Key: Recipe], dataRoot: String?, into cells: URL
  ) throws(UserError) -> String? {
    let file = row.url.appendingPathComponent(Self.cellsFile)
    let records: [CellRecord] = try RecordFile.read(file, mend: Self.mend)
    guard records.allSatisfy({ $0.fold == nil }) else {
      return "\(row.url.path) is left where it is: of its folds only the means are published"
    }
    let (scores, manifest) = (try row.readResult(), try row.readManifest())
    let items = try ItemsFile.read(from: row.items)
    let costs = result.rows.flatMap(\.cells)
    for record in records {
      guard let recipe = recipes[Key(hash: record.hash, seed: record.seed)], var seed = scores.seed(record.seed) else {
        continue
      }
      // Defaults of an experiment do not count for the hash, and another commit may have had others.
      if let change = try RecordedRecipe(of: row).firstChange(to: recipe) {
        return "\(row.url.path) is left where it is: \(change.path) is \(change.now.yaml) now, not "
          + change.then.yaml
      }
      let cost = costs.first { $0.hash == record.hash && $0.seed == record.seed }
      seed.parameterCount = cost?.parameters ?? seed.parameterCount
      seed.wallSeconds = record.seconds ?? 0
      (seed.peakMemory, seed.waiting, seed.timings) = (cost?.peakMemory, cost?.waiting, cost?.timings)
      let own = record.manifest(
        of: recipe, row: manifest, dataRoot: dataRoot, datasetChecksums: scores.datasetChecksums, start: result.start)
      try write(seed, own, of: recipe, items: items?[record.seed], into: cells)
    }
    return nil
  }

  /// Writes a run of one seed.
  private func write(
    _ seed: SeedResult, _ manifest: Manifest, of recipe: Recipe, items: ItemTable?, into cells: URL
  ) throws(UserError) {
    let result = try RunResult(recipe: recipe, name: recipe.name, isComparable: recipe.isComparable, seeds: [seed])
    _ = try RunFolder.create(in: cells, recipe: recipe, start: manifest.start) { (draft) throws(UserError) in
      try AtomicFile.write(Data(recipe.yamlWithOrigins.utf8), to: draft.recipe)
      try draft.write(manifest)
      try draft.write(result)
      try draft.write(seed, seed: recipe.seeds[0])
      guard let items else { return }
      try ItemsFile.write([recipe.seeds[0]: items], to: draft.items)
      try ItemsFile.write([recipe.seeds[0]: items], to: draft.items(ofSeed: recipe.seeds[0]))
    }
  }
}
