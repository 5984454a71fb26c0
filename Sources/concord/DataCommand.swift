import ArgumentParser
import Datasets
import Diagnostics
import Foundation

/// `concord data`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Describes a built-in data set: counts, modalities, classes, sources, licences.",
    discussion: "Example:  concord data emoji")

  /// The built-in data sets.
  enum Name: String, CaseIterable, ExpressibleByArgument {
    case emoji, digits
  }

  @Argument(help: "The data set: \(Name.allCases.map(\.rawValue).joined(separator: " or ")).")
  var name: Name

  @Option(name: .customLong("data-root"), help: "The folder of downloaded data.")
  var dataRoot: String?

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let dataset: MultimodalDataset
    switch name {
    case .emoji: dataset = try EmojiDataset.load(.init())
    case .digits:
      var options = DigitsDataset.Options()
      options.dataRoot = dataRoot
      dataset = try DigitsDataset.load(options)
    }
    let card = DatasetCard(dataset)
    guard json else { return say("\(card)") }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    say(String(decoding: try encoder.encode(card), as: UTF8.self))
  }
}
