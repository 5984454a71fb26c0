import Recipes
import Runs
import StrictYAML

/// One training: a recipe with a single seed.
package struct Cell: Sendable {
  /// What a cell is known by in files.
  package struct Name: Codable, Hashable, Sendable {
    /// The folder of the recipe's runs: `compare-clip` for `compare/clip`.
    package let family: String
    /// The hash of the resolved recipe, the seed included.
    package let hash: String
    /// The seed.
    package let seed: Int

    /// Names a cell.
    package init(family: String, hash: String, seed: Int) {
      self.family = family
      self.hash = hash
      self.seed = seed
    }
  }

  /// The recipe; its only seed is the cell's.
  package let recipe: Recipe

  /// Makes a recipe of one seed a cell.
  package init(_ recipe: Recipe) {
    precondition(recipe.seeds.count == 1, "Cell: \(recipe.seeds.count) seeds; a cell has one")
    self.recipe = recipe
  }

  /// What the cell is known by.
  package var name: Name {
    Name(family: RunFolder.familyName(of: recipe.name), hash: recipe.hash, seed: recipe.seeds[0])
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
