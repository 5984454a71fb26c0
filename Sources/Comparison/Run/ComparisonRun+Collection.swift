import Diagnostics
import Foundation
import Runs

/// What came of bringing together cells that other machines have trained.
package struct CellCollection: Sendable {
  /// How many were taken.
  package let taken: Int
  /// How many there are now.
  package let done: Int
  /// Those that are still missing, with the finals of rows whose settings are not chosen yet.
  package let missing: [PlannedCell]
  /// Whether some rows have their settings.
  package let hasChoices: Bool

  /// Whether nothing is missing.
  package var isComplete: Bool { missing.isEmpty }
}

extension ComparisonRun {
  /// Takes finished cells from other folders, copied or linked, and notes the settings of rows whose searches are all
  /// there.
  ///
  /// - Parameter places: folders of runs, or of comparisons.
  /// - Throws: where a folder holds no comparison, or something cannot be written.
  package func collect(from places: [URL], display: ComparisonDisplay) throws(UserError) -> CellCollection {
    var sources: [URL] = []
    // What is made of published rows is there as long as cells are taken from it.
    let drafts = folder.url.appendingPathComponent(".published", isDirectory: true)
    try? FileManager.default.removeItem(at: drafts)
    defer { try? FileManager.default.removeItem(at: drafts) }
    for (number, place) in places.enumerated() {
      if let published = try PublishedCells(place) {
        let draft = drafts.appendingPathComponent("\(number)", isDirectory: true)
        for line in try published.restore(for: plan, dataRoot: record.dataRoot, into: draft) { display.say(line) }
        sources.append(draft)
      } else {
        sources += try Self.comparisons(in: place).map(\.cells)
      }
    }
    sources.removeAll { $0.standardizedFileURL == folder.cells.standardizedFileURL }
    let adoption = adoption(from: sources)
    var store = CellStore(folder)
    var taken = 0
    func adopt(_ cells: [Cell]) {
      let (count, refusals) = adoption.adopt(
        cells.filter { store.outcome(of: $0.name) == nil }, otherwise: "left where it is")
      taken += count
      for line in refusals { display.say(line) }
    }
    adopt(plan.searches.map(\.cell))
    let choices = store.completeChoices(record)
    if choices.contains(where: { $0 != nil }) { try folder.write(ComparisonChoices(plan, choices), to: folder.choices) }
    let all = plan.numbered(choices)
    adopt(all.filter { $0.phase == .compare }.compactMap(\.cell))
    let missing = all.filter { planned in planned.cell.map { store.outcome(of: $0.name) == nil } ?? true }
    return CellCollection(
      taken: taken, done: all.count - missing.count, missing: missing,
      hasChoices: choices.contains { $0 != nil })
  }

  private static func comparisons(in place: URL) throws(UserError) -> [ComparisonFolder] {
    if ComparisonFolder.isComparison(place.path) { return [ComparisonFolder(place)] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path))?.sorted() ?? []
    let found = names.filter { $0.hasPrefix("compare-") }.map {
      ComparisonFolder(place.appendingPathComponent($0, isDirectory: true))
    }.filter { FileManager.default.fileExists(atPath: $0.cells.path) }
    guard !found.isEmpty else {
      throw UserError(
        .inputOutput, "holds no comparison", at: place.path, mend: "name the folder that a worker had as --runs")
    }
    return found
  }
}
