import ArgumentParser
import Datasets
import Diagnostics
import Foundation
import Pretrained

/// `concord import`
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Takes a published CLIP over: checks its files and makes a model of them.",
    discussion: """
      Example:  concord import clip-vit-base-patch32 --output models/clip

      The folder holds weights and configuration in the layout of transformers (model.safetensors, config.json) or of \
      open_clip (open_clip_model.safetensors, open_clip_config.json), and the vocabulary. Activation, heads and end token \
      are read from the configuration. Every tensor that is unknown, missing or misshapen is named.
      """)

  @Argument(help: "The folder of the published model.")
  var folder: String

  @Option(help: "The folder to make.")
  var output: String

  @Option(name: .customLong("image-size"), help: "Bring the positions to pictures of another side, in pixels.")
  var imageSize: Int?

  func run() throws {
    let model = try PretrainedModel.importing(
      URL(fileURLWithPath: folder, isDirectory: true), to: URL(fileURLWithPath: output, isDirectory: true),
      side: imageSize)
    let own = model.description.configuration
    func line(_ name: String, _ text: String) {
      say("\(name.padding(toLength: 12, withPad: " ", startingAt: 0))\(text.onOneLine())")
    }
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
}
