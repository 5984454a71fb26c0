import ArgumentParser
import Foundation
import Runs

/// `concord fingerprint`: the process that computes what the program does for a recipe, started by `concord run` and
/// `concord compare`.
struct FingerprintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fingerprint", abstract: "Digests the bits of two steps of a recipe.", shouldDisplay: false)

  @OptionGroup var arguments: RecipeArguments
  @Option var threads = 1
  @Option(name: .customLong("data-root")) var dataRoot: String?

  func run() throws {
    let runner = FingerprintRunner(
      catalogue: catalogue, dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) }, threads: threads)
    guard let fingerprint = try runner.fingerprint(of: try arguments.resolve()) else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    say(String(decoding: try encoder.encode(fingerprint), as: UTF8.self))
  }
}
