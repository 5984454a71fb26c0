import ArgumentParser
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

      Probabilities are a softmax over the labels of the run's scale times the cosine: the learnt scale, or 1/τ. Without \
      --labels the run's own classes are taken, where it knows any.
      """)

  @OptionGroup var trained: TrainedRunArguments

  @Argument(help: "The picture, PNG, JPEG or WebP.")
  var picture: String

  @Option(help: "The labels, separated by commas.")
  var labels: String?

  @Option(
    help: "A sentence with {} where the label goes, such as \"a picture of {}\"; or a file with one in each line.")
  var template: String?

  @Option(help: "The run's labelling whose classes to take; that of the fewest classes where it is left out.")
  var labelling: String?

  @Option(help: "How many of the likeliest to print.")
  var count = 10

  func validate() throws {
    if labels != nil, labelling != nil { throw ValidationError("give either --labels or --labelling") }
    if let template, !template.contains("{}"), !FileManager.default.fileExists(atPath: template) {
      throw ValidationError("--template has no {} for the label")
    }
    guard (1...10_000).contains(count) else { throw ValidationError("--count must be 1 to 10000, not \(count)") }
    if let names = names() {
      guard names.count > 1 else { throw ValidationError("--labels must name at least two, separated by commas") }
      for (index, name) in names.enumerated() where names[..<index].contains(name) {
        throw ValidationError("--labels names \(name) twice")
      }
    }
  }

  func run() throws {
    let (run, search) = try trained.open()
    let choice: PictureClassification.Choice =
      try names().map { .labels($0, templates: try templates(for: $0)) }
      ?? .classes(labelling: labelling, template: template?.contains("{}") == true ? template : nil)
    let found = try PictureClassification(
      URL(fileURLWithPath: picture), choice: choice, language: trained.language, search: search, run: run.name)
    TrainedRunArguments.remark(onAgreementOf: run)
    if trained.json { return say(found.json.json) }
    say(found.plain(count: count), terminator: "")
    say("Picture: \(found.form).")
  }

  /// The sentences that labels are put into: those named; for an imported model those that ship, in Korean where a label
  /// is; otherwise the label alone.
  private func templates(for labels: [String]) throws(UserError) -> [String] {
    if let template, !template.contains("{}") { return try PromptTemplates.read(URL(fileURLWithPath: template)) }
    if let template { return [template] }
    return trained.isImported ? try PromptTemplates.shipped(for: labels) : ["{}"]
  }

  private func names() -> [String]? {
    labels.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty } }
  }
}
