import Foundation

/// The pages of this target's documentation catalogue, which `concord help` prints, too.
public enum RecipesDocumentation {
  /// The folder of the pages.
  public static var folder: URL { Bundle.module.bundleURL.appending(path: "Recipes.docc") }
}
