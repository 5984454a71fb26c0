import ArgumentParser
import Diagnostics
import Foundation
import Runs
import Search

/// The arguments that name a run whose networks are opened again.
struct TrainedRunArguments: ParsableArguments {
  @Argument(help: "The folder of a run, or a folder of runs, which means the newest.")
  var run: String

  @Option(help: "The seed whose networks to take; the first where it is left out.")
  var seed: Int?

  @Option(help: "The captions to read texts as, such as ko or caption-ko; found by the words where it is left out.")
  var language: String?

  @Option(name: .customLong("data-root"), help: "The folder of downloaded data; the run's own where it is left out.")
  var dataRoot: String?

  @Flag(help: "Write JSON for a machine to read.")
  var json = false

  /// Opens the networks.
  ///
  /// - Parameter observations: whether the run's own observations are looked through, for which its data must be there.
  func open(observations: Bool = false) throws -> (run: TrainedRun, search: EmbeddingSearch) {
    let run = try TrainedRun(
      try RunFolder.find(self.run), seed: seed, catalogue: catalogue, observations: observations,
      dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) })
    for note in run.notes { Self.remark(note) }
    return (run, EmbeddingSearch(run.embedder, cache: run.cache, remark: Self.remark))
  }

  /// Says something on standard error.
  static func remark(_ text: String) { StandardStream.error.write("concord: \(text.onOneLine(limit: 4_000))\n") }

  /// Refuses to write over a file.
  static func check(_ file: String, mayReplace: Bool) throws(UserError) {
    guard !mayReplace, FileManager.default.fileExists(atPath: file) else { return }
    throw UserError(.inputOutput, "the file exists already", at: file, mend: "add --force to replace it")
  }
}
