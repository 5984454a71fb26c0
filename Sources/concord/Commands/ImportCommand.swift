import ArgumentParser
import Datasets
import Diagnostics
import Foundation
import Pretrained

/// `concord import`
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Takes a published CLIP or text encoder over: checks its files and makes a model of them.",
    discussion: """
      Example:  concord import clip-vit-base-patch32 --output models/clip

      The folder holds weights and configuration in the layout of transformers (model.safetensors, config.json) or of \
      open_clip (open_clip_model.safetensors, open_clip_config.json), and the vocabulary. Activation, heads and end token \
      are read from the configuration. Every tensor that is unknown, missing or misshapen is named.

      A BERT whose sentences are pooled tokens, such as MiniLM (model.safetensors, config.json and the vocabulary), becomes a \
      text encoder that captions of a run can begin from: init.from=models/NAME init.take=text.
      """)

  @Argument(help: "The folder of the published model.")
  var folder: String

  @Option(help: "The folder to make.")
  var output: String

  @Option(name: .customLong("image-size"), help: "Bring the positions to pictures of another side, in pixels.")
  var imageSize: Int?

  func run() throws {
    let source = URL(fileURLWithPath: folder, isDirectory: true)
    if SentenceEncoder.isPublished(source) { return try importSentences(source) }
    let model = try PretrainedModel.importing(
      source, to: URL(fileURLWithPath: output, isDirectory: true), side: imageSize)
    let own = model.description.configuration
    line("pictures", "\(own.image), \(own.picture.side) pixels in patches of \(own.patchSize)")
    line("texts", "\(own.text), \(own.vocabulary) tokens, at most \(own.length)")
    switch own.readout {
    case .largest: line("end token", "the largest")
    case .token(let token): line("end token", "\(token)")
    }
    line("space", "\(own.dimensions) dimensions, \(model.parameterCount) parameters")
    line("vocabulary", model.tokeniser == nil ? "none, so texts mean nothing to it" : "found")
    line("licence", model.description.licence ?? "not named by the model's card")
    line("SHA-256", model.description.checksum)
    for note in own.notes { line("taken", note) }
    say("model: \(output)")
  }

  private func line(_ name: String, _ text: String) {
    say("\(name.padding(toLength: 12, withPad: " ", startingAt: 0))\(text.onOneLine())")
  }

  private func importSentences(_ source: URL) throws {
    guard imageSize == nil else {
      throw UserError(.usage, "a text encoder has no pictures", mend: "leave --image-size out")
    }
    let encoder = try SentenceEncoder.importing(source, to: URL(fileURLWithPath: output, isDirectory: true))
    let own = encoder.description.configuration
    line(
      "texts",
      "\(own.layers) blocks of \(own.width), \(own.heads) heads, \(own.vocabulary) tokens, at most \(own.length)")
    line("sentence", own.pooling == .mean ? "the mean over its tokens" : "its first token")
    line("parameters", "\(encoder.parameterCount)")
    line("licence", encoder.description.licence ?? "not named by the model's card")
    line("SHA-256", encoder.description.checksum)
    say("model: \(output)")
  }
}
