import ArgumentParser
import Foundation
import Reports
import Runs

extension RunExport.Format: ExpressibleByArgument {}
extension RunExport.Content: ExpressibleByArgument {}

/// `concord export`
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a run's scores, representations or checkpoint for other programs.",
    discussion: """
      Example:  concord export runs/gmc-emoji --to csv --output scores.csv
      Example:  concord export runs/gmc-emoji --to npz --seed 0

      CSV has one line per score and seed and one per mean. Representations come with their labels; recipe, commit, \
      seed and class names stand in the metadata of a safetensors file, and as JSON in the array "metadata" of an npz.
      """)

  @Argument(help: "The folder of a run, or a folder of runs, which means the newest.")
  var path: String

  @Option(help: "The format.")
  var to: RunExport.Format

  @Option(help: "What to write; scores for csv, embeddings for the others where it is left out.")
  var what: RunExport.Content?

  @Option(help: "The seed whose representations or checkpoint to write; the first where it is left out.")
  var seed: Int?

  @Option(help: "The file to write, or - for standard output where it is CSV; a file in this folder otherwise.")
  var output: String?

  @Flag(help: "Replace the file where it is there already.")
  var force = false

  func validate() throws {
    if output == "-", to != .csv { throw ValidationError("only csv goes to standard output") }
  }

  func run() throws {
    let export = try RunExport(of: try RunFolder.find(path), content: what, format: to, seed: seed)
    if output == "-" { return say(String(decoding: export.data, as: UTF8.self), terminator: "") }
    let file = URL(fileURLWithPath: output ?? export.fileName)
    try export.write(to: file, overwriting: force)
    say(file.path)
  }
}
