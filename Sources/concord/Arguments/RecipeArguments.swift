import ArgumentParser
import Diagnostics
import Recipes

/// The arguments that name a recipe and change it.
struct RecipeArguments: ParsableArguments {
  @Argument(help: "A name from `concord list`, or the path of a .yaml file.")
  var recipe: String

  @Argument(help: "Overrides: a dotted key and a value in YAML, such as training.epochs=5 or seeds=[0,1,2].")
  var overrides: [String] = []

  @Option(help: "Apply a profile of the recipe, such as quick.")
  var profile: String?

  /// Puts the recipe together.
  func resolve() throws(UserError) -> Recipe {
    try catalogue.recipe(recipe, profile: profile, overrides: overrides)
  }
}
