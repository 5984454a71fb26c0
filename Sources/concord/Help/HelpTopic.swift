import AlignmentExperiments
import Datasets
import Evaluators
import Foundation
import Methods
import Recipes
import Runs

/// A page of the documentation catalogues that `concord help` prints.
struct HelpTopic {
  /// The word that names it.
  let name: String
  /// The page in Markdown.
  let page: URL

  /// The topics, in the order in which a reader would want them.
  static let all: [HelpTopic] = [
    HelpTopic("recipes", RecipesDocumentation.folder, "Recipes"),
    HelpTopic("keys", AlignmentExperimentsDocumentation.folder, "Keys"),
    HelpTopic("data", DatasetsDocumentation.folder, "Datasets"),
    HelpTopic("own-data", DatasetsDocumentation.folder, "OwnData"),
    HelpTopic("methods", MethodsDocumentation.folder, "Methods"),
    HelpTopic("evaluators", EvaluatorsDocumentation.folder, "Evaluators"),
    HelpTopic("memory", AlignmentExperimentsDocumentation.folder, "Memory"),
    HelpTopic("run-folders", RunsDocumentation.folder, "RunFolders"),
    HelpTopic("machines", RunsDocumentation.folder, "Machines"),
    HelpTopic("commands", AlignmentExperimentsDocumentation.folder, "Commands"),
    HelpTopic("environment", AlignmentExperimentsDocumentation.folder, "Environment"),
    HelpTopic("architecture", AlignmentExperimentsDocumentation.folder, "Architecture"),
    HelpTopic("extending", AlignmentExperimentsDocumentation.folder, "Extending"),
  ]

  private init(_ name: String, _ folder: URL, _ page: String) {
    self.name = name
    self.page = folder.appending(path: "\(page).md")
  }
}
