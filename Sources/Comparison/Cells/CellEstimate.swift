import Foundation
import Recipes
import Runs
import StrictYAML

/// How long cells take, from those that are known: the time of an epoch, by recipe where one of it is known, else of
/// all.
package struct CellEstimate {
  private var known: [String: [Double]] = [:]

  /// Knows nothing.
  package init() {}

  /// Takes in a finished training.
  package mutating func add(recipe: String, epochs: Double, seconds: Double) {
    guard epochs > 0, seconds.isFinite, seconds >= 0 else { return }
    known[recipe, default: []].append(seconds / epochs)
  }

  /// Takes in the finished runs of some recipes, in a folder of runs and in the cells of its comparisons.
  package mutating func add(runsOf recipes: some Sequence<String>, in runs: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
    let comparisons = names.filter { $0.hasPrefix("compare-") }.map {
      ComparisonFolder(runs.appendingPathComponent($0, isDirectory: true)).cells
    }
    for recipe in recipes {
      for folder in [runs] + comparisons {
        for (run, manifest) in RunFolder.all(of: recipe, in: folder) where manifest.ending == .finished {
          guard let result = try? run.readResult(), let recorded = try? RecordedRecipe(of: run) else { continue }
          for seconds in result.wallSeconds {
            add(recipe: recipe, epochs: Self.epochs(of: recorded), seconds: seconds)
          }
        }
      }
    }
  }

  private static func epochs(of recipe: RecordedRecipe) -> Double {
    switch recipe[path: "training.epochs"]?.value {
    case .integer(let count)?: Double(count)
    case .number(let count)?: count
    default: 1
    }
  }

  /// The seconds that a cell will take; `nil` where nothing is known.
  package func seconds(of cell: Cell) -> Double? {
    let own = known[cell.recipe.name] ?? known.values.flatMap { $0 }
    return own.isEmpty ? nil : own.reduce(0, +) / Double(own.count) * cell.epochs
  }

  /// The seconds that cells will take one after another; `nil` where nothing is known.
  package func seconds(of cells: some Sequence<Cell>) -> Double? {
    var sum = 0.0
    for cell in cells {
      guard let seconds = seconds(of: cell) else { return nil }
      sum += seconds
    }
    return sum
  }
}
