import Recipes
import Runs
import StrictYAML

/// One training: a recipe with a single seed, and with one fold where the suite has folds.
package struct Cell: Sendable {
  /// Which of a row's repetitions a cell is.
  package struct Replicate: Hashable, Sendable {
    /// The seed.
    package let seed: Int
    /// The fold of the data that is tested; nil without folds.
    package let fold: Int?

    /// Names a repetition.
    package init(seed: Int, fold: Int?) { (self.seed, self.fold) = (seed, fold) }

    /// Every seed with every fold, a seed's folds beside each other.
    package static func all(seeds: [Int], folds: Int) -> [Replicate] {
      seeds.flatMap { seed in
        folds > 1 ? (0..<folds).map { Replicate(seed: seed, fold: $0) } : [Replicate(seed: seed, fold: nil)]
      }
    }

    /// `seed 0`, or `seed 0 fold 3`.
    package var text: String { "seed \(seed)" + (fold.map { " fold \($0)" } ?? "") }
  }

  /// What a cell is known by in files.
  package struct Name: Codable, Hashable, Sendable {
    /// The folder of the recipe's runs: `compare-clip` for `compare/clip`.
    package let family: String
    /// The hash of the resolved recipe, the seed included.
    package let hash: String
    /// The seed.
    package let seed: Int
    /// The fold of the data that is tested; nil without folds.
    package let fold: Int?

    /// Names a cell.
    package init(family: String, hash: String, seed: Int, fold: Int? = nil) {
      self.family = family
      self.hash = hash
      self.seed = seed
      self.fold = fold
    }

    /// Which of a row's repetitions it is.
    package var replicate: Replicate { Replicate(seed: seed, fold: fold) }
  }

  /// The recipe; its only seed is the cell's.
  package let recipe: Recipe
  /// The fold that its settings name, where the suite has folds.
  package let fold: Int?

  /// Makes a recipe of one seed a cell.
  package init(_ recipe: Recipe, fold: Int? = nil) {
    precondition(recipe.seeds.count == 1, "Cell: \(recipe.seeds.count) seeds; a cell has one")
    (self.recipe, self.fold) = (recipe, fold)
  }

  /// What the cell is known by.
  package var name: Name {
    Name(family: RunFolder.familyName(of: recipe.name), hash: recipe.hash, seed: recipe.seeds[0], fold: fold)
  }

  /// Whether it learns from a folder of the user's, whose files may change without the recipe.
  package var readsFolder: Bool { recipe.settings.value(at: ["data", "set"]) == .text("folder") }

  /// The number of passes over the data, by which times are estimated; 1 where the recipe has no such setting.
  package var epochs: Double {
    switch recipe.settings.value(at: ["training", "epochs"]) {
    case .integer(let count)?: Double(count)
    case .number(let count)?: count
    default: 1
    }
  }
}
