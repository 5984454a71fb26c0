import Diagnostics
import Evaluation
import Foundation
import Runs

extension ComparisonReport {
  /// Writes a folder for each row with a finished cell: `results.json` of all its seeds, the resolved recipe and the
  /// manifest of its first cell. `concord verify` reads such folders.
  func writeRows() throws(UserError) {
    for (row, name) in zip(result.rows, rowNames) where !row.cells.isEmpty {
      let cells = row.cells.map { RunFolder(folder.url.appendingPathComponent($0.folder, isDirectory: true)) }
      var folds: [Int: [RunResult]] = [:]
      var items: [Int: [ItemTable]] = [:]
      for (entry, cell) in zip(row.cells, cells) {
        folds[entry.seed, default: []].append(try cell.readResult())
        if let own = try ItemsFile.read(from: cell.items)?[entry.seed] { items[entry.seed, default: []].append(own) }
      }
      // A seed counts where all its folds have finished.
      let seeds = folds.keys.sorted().filter { folds[$0]?.count == max(1, result.folds ?? 1) }
      guard !seeds.isEmpty else { continue }
      var results: [RunResult] = []
      for seed in seeds { results.append(try RunResult(averaging: folds[seed] ?? [])) }
      let target = RunFolder(folder.rows.appendingPathComponent(name, isDirectory: true))
      try RunFolder.createFolder(target.url)
      try AtomicFile.write(try RegularFile.contents(of: cells[0].recipe), to: target.recipe)
      try target.write(try cells[0].readManifest())
      try target.write(try RunResult(merging: results))
      let tables = items.filter { seeds.contains($0.key) && $0.value.count == folds[$0.key]?.count }
      if tables.count == seeds.count {
        try ItemsFile.write(tables.mapValues { ItemTable(pooling: $0) }, to: target.items)
      }
    }
  }

  /// The name of each row's folder: its recipe's without the experiment; where that is another row's too its own name.
  var rowNames: [String] {
    let recipes = result.rows.map { row in
      RunFolder.familyName(of: row.recipe.split(separator: "/").last.map(String.init) ?? row.recipe)
    }
    var names: [String] = []
    for (row, recipe) in zip(result.rows, recipes) {
      let isShared = recipes.count { $0 == recipe } > 1
      var name = isShared ? RunFolder.familyName(of: row.name.lowercased()) : recipe
      while names.contains(name) { name += "-" }
      names.append(name)
    }
    return names
  }
}
