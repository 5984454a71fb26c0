import ArgumentParser
import Datasets
import Diagnostics
import Foundation
import Search
import StrictYAML

/// `concord classify`
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Says which of some labels a picture is most like, by a trained run (zero-shot).",
    discussion: """
      Example:  concord classify runs/fdt-emoji picture.png --labels dog,cat,bird

      Example:  concord classify models/clip picture.png --labels dog,cat

      Example:  concord classify runs/fdt-folder pictures --template templates.txt --names names.tsv

      A folder has a folder of pictures for each class; all of them are classified, and the shares that are right are \
      told, with what classes were called. --template is a sentence with {} or a file with one in each line, such as a published \
      list; --names a file with a class, a tab and its names in each line.

      Probabilities are a softmax over the labels of the run's scale times the cosine: the learnt scale, or 1/τ. Without \
      --labels the run's own classes are taken, where it knows any.
      """)

  @OptionGroup var trained: TrainedRunArguments

  @Argument(help: "The picture, PNG, JPEG or WebP, or a folder with a folder of pictures for each class.")
  var picture: String

  @Option(help: "The labels, separated by commas.")
  var labels: String?

  @Option(
    help: """
      A sentence with {} where the label goes, such as "a picture of {}"; a file with one in each line; or english or korean.
      """)
  var template: String?

  @Option(help: "For a folder: a file that names its classes, a class, a tab and its names in each line.")
  var names: String?

  @Option(help: "The run's labelling whose classes to take; that of the fewest classes where it is left out.")
  var labelling: String?

  @Option(help: "How many of the likeliest to print.")
  var count = 10

  func validate() throws {
    if labels != nil, labelling != nil { throw ValidationError("give either --labels or --labelling") }
    if let template, !template.contains("{}"), !FileManager.default.fileExists(atPath: template),
      !PromptTemplates.shipped.contains(template)
    {
      throw ValidationError("--template has no {} for the label")
    }
    if isFolder, labels != nil || labelling != nil {
      throw ValidationError("a folder's classes are its folders; leave out --labels and --labelling")
    }
    if names != nil, !isFolder { throw ValidationError("--names belongs to a folder of pictures") }
    guard (1...10_000).contains(count) else { throw ValidationError("--count must be 1 to 10000, not \(count)") }
    if let names = labelNames() {
      guard names.count > 1 else { throw ValidationError("--labels must name at least two, separated by commas") }
      for (index, name) in names.enumerated() where names[..<index].contains(name) {
        throw ValidationError("--labels names \(name) twice")
      }
    }
  }

  func run() throws {
    let (run, search) = try trained.open()
    if isFolder {
      let called = try names.map { name throws(UserError) in try ClassNames(name) }
      let found = try FolderClassification(
        picture, names: called, templates: { labels throws(UserError) in try templates(for: labels) },
        language: trained.language, search: search, run: run.name)
      if trained.json { return say(found.json.json) }
      return say(found.plain, terminator: "")
    }
    let choice: PictureClassification.Choice =
      try labelNames().map { .labels($0, templates: try templates(for: $0).sentences) }
      ?? .classes(labelling: labelling, templates: template == nil ? nil : try templates(for: []).sentences)
    let found = try PictureClassification(
      URL(fileURLWithPath: picture), choice: choice, language: trained.language, search: search, run: run.name)
    TrainedRunArguments.remark(onAgreementOf: run)
    if trained.json { return say(found.json.json) }
    say(found.plain(count: count), terminator: "")
    say("Picture: \(found.form).")
  }

  /// The sentences that labels are put into: those named; for an imported model those that ship, in Korean where a label
  /// is; otherwise the label alone.
  private func templates(for labels: [String]) throws(UserError) -> PromptTemplates {
    if let template, !template.contains("{}") { return try PromptTemplates(template) }
    if let template { return PromptTemplates([template], origin: "--template") }
    return trained.isImported ? try PromptTemplates(for: labels) : PromptTemplates(["{}"], origin: "the name alone")
  }

  private var isFolder: Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: picture, isDirectory: &isFolder) && isFolder.boolValue
  }

  private func labelNames() -> [String]? {
    labels.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty } }
  }
}
