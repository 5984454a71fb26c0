import ArgumentParser
import Datasets
import Diagnostics
import Foundation
import Options

/// `concord data`
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Describes data sets: counts, modalities, classes, sources; begins one of your own.",
    discussion: """
      Example:  concord data emoji

      A data set of your own is a folder with a table (CSV or TSV) and a dataset.yaml:

        concord data init birds       writes a first birds/dataset.yaml by looking at the table
        concord data describe birds   shows what comes of it
      """,
    subcommands: [DataShowCommand.self, DataDescribeCommand.self, DataInitCommand.self],
    defaultSubcommand: DataShowCommand.self)

  /// Prints a value as JSON.
  static func sayJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    say(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

/// `concord data show`, also without `show`
struct DataShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Describes a built-in data set: counts, modalities, classes, sources, licences.",
    discussion: "Example:  concord data digits --data-root data")

  @Argument(help: "The data set: \(Self.names.joined(separator: ", ")).", completion: .list(Self.names))
  var name: String

  @Option(name: .customLong("data-root"), help: "The folder of downloaded data.")
  var dataRoot: String?

  @Flag(help: "Print JSON.")
  var json = false

  /// The data sets that need no path of the user's.
  private static let names = EntryName<DataSources>.allCases.map(\.rawValue).filter {
    $0 != FolderSource.key && $0 != ShardSource.key
  }

  func run() throws {
    guard Self.names.contains(name), let source = EntryName<DataSources>(rawValue: name) else {
      throw UserError(
        .usage, "there is no built-in data set `\(name)`",
        mend: nearestName(to: name, among: Self.names).map { "did you mean `\($0)`?" }
          ?? "choose of \(Self.names.joined(separator: ", "))")
    }
    var options = DataOptions()
    options.set = source
    let dataset = try options.load(DataRequest(dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) }))
    let card = DatasetCard(dataset)
    if json { try DataCommand.sayJSON(card) } else { say("\(card)") }
  }
}

/// `concord data describe`
struct DataDescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Describes a data set of your own: counts, sizes, missing values, samples, classes, what was left out.",
    discussion: "Example:  concord data describe birds")

  @Argument(help: "The folder with dataset.yaml.")
  var folder: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let card = try FolderCard(folder: URL(fileURLWithPath: folder, isDirectory: true))
    if json { try DataCommand.sayJSON(card) } else { say("\(card)") }
  }
}

/// `concord data init`
struct DataInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Writes a first dataset.yaml by looking at a folder's table; never over one that is there.",
    discussion: "Example:  concord data init birds")

  @Argument(help: "The folder with the table.")
  var folder: String

  @Option(help: "The table, where there are several.")
  var table: String?

  func run() throws {
    let draft = try FolderDraft(folder: URL(fileURLWithPath: folder, isDirectory: true), table: table)
    try draft.write()
    say(draft.text, terminator: "")
    for remark in draft.remarks { StandardStream.error.write("concord: \(remark)\n") }
    StandardStream.error.write("concord: wrote \(draft.file.relativePath)\n")
  }
}
