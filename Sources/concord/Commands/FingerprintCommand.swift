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
  @Flag(help: "Name the scores of the recipe instead.") var scores = false

  func run() throws {
    let runner = FingerprintRunner(
      catalogue: catalogue, dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) }, threads: threads)
    let recipe = try arguments.resolve()
    if scores {
      try show(runner.scoreNames(of: recipe))
    } else {
      try show(runner.fingerprint(of: recipe))
    }
  }

  private func show(_ found: (some Encodable)?) throws {
    guard let found else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    say(String(decoding: try encoder.encode(found), as: UTF8.self))
  }
}
