import ArgumentParser
import Autograd
import Diagnostics
import Foundation
import Kernels
import Pretrained
import Runs
import Search

/// The arguments that name a run whose networks are opened again.
struct TrainedRunArguments: ParsableArguments {
  @Argument(help: "The folder of a run, a folder of runs, which means the newest, or an imported model.")
  var run: String

  @Option(help: "The seed whose networks to take; the first where it is left out.")
  var seed: Int?

  @Option(help: "The captions to read texts as, such as ko or caption-ko; found by the words where it is left out.")
  var language: String?

  @Option(name: .customLong("data-root"), help: "The folder of downloaded data; the run's own where it is left out.")
  var dataRoot: String?

  @Option(
    help: """
      What layers multiply: float32, bfloat16, or int8, which is 8-bit integers in dense layers. How near the embeddings \
      come to float32 is said; float32 where it is left out.
      """)
  var precision: InferencePrecision?

  @Flag(help: "Short for --precision int8.")
  var int8 = false

  @Flag(help: "Write JSON for a machine to read.")
  var json = false

  /// Opens the networks.
  ///
  /// - Parameter observations: whether the run's own observations are looked through, for which its data must be there.
  func open(observations: Bool = false) throws -> (run: OpenedModel, search: EmbeddingSearch) {
    if chosenPrecision == .bfloat16, let absence = OneDNN.bfloat16Absence {
      throw UserError(.usage, absence, at: "--precision", mend: "take float32 or int8")
    }
    let folder = URL(fileURLWithPath: self.run, isDirectory: true)
    if PretrainedModel.isImported(folder) {
      guard !observations else {
        throw UserError(
          .usage, "an imported model has no pictures of its own", at: self.run, mend: "add --folder PICTURES")
      }
      let model = try OpenedModel(imported: folder, precision: chosenPrecision)
      return (model, EmbeddingSearch(model.embedder, cache: model.cache, remark: Self.remark))
    }
    let run = try TrainedRun(
      try RunFolder.find(self.run), seed: seed, catalogue: catalogue, observations: observations,
      precision: chosenPrecision,
      dataRoot: dataRoot.map { URL(fileURLWithPath: $0, isDirectory: true) })
    for note in run.notes { Self.remark(note) }
    return (OpenedModel(run), EmbeddingSearch(run.embedder, cache: run.cache, remark: Self.remark))
  }

  /// Both spellings may not differ.
  func validate() throws {
    if int8, let precision, precision != .int8 {
      throw ValidationError("--int8 is short for --precision int8, not \(precision.rawValue)")
    }
  }

  /// Refuses another precision than float32 where nothing else is computed.
  ///
  /// - Parameter what: what is written, in the plural.
  func requireFloat32(for what: String) throws {
    guard chosenPrecision != .float32 else { return }
    throw ValidationError("\(what) are written in float32 alone")
  }

  /// What layers multiply.
  var chosenPrecision: InferencePrecision { int8 ? .int8 : precision ?? .float32 }

  /// Whether the folder holds an imported model.
  var isImported: Bool { PretrainedModel.isImported(URL(fileURLWithPath: run, isDirectory: true)) }

  /// A text that was written for a picture, with the logarithm of its probability, and whether its end is missing.
  static func line(_ picture: String, _ text: String, score: Double, isFinished: Bool) -> String {
    let rest = isFinished ? "" : ", cut"
    return "\(picture): \(text)  (\(score.formatted(.number.precision(.fractionLength(2))))\(rest))"
  }

  /// Says how near embeddings of a lower precision came to float32, once all are computed.
  static func remark(onAgreementOf model: OpenedModel) {
    if let agreement = model.embedder.agreement { remark(agreement) }
  }

  /// Says something on standard error.
  static func remark(_ text: String) { StandardStream.error.write("concord: \(text.onOneLine(limit: 4_000))\n") }

  /// Refuses to write over a file.
  static func check(_ file: String, mayReplace: Bool) throws(UserError) {
    guard !mayReplace, FileManager.default.fileExists(atPath: file) else { return }
    throw UserError(.inputOutput, "the file exists already", at: file, mend: "add --force to replace it")
  }
}
