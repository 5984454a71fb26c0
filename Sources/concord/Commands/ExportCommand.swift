import ArgumentParser
import Diagnostics
import Foundation
import Pretrained
import Reports
import Runs
import Search

extension RunExport.Content: ExpressibleByArgument {}

/// `concord export`
struct ExportCommand: ParsableCommand {
  /// What can be written; the raw value is what the user types.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case csv, npz, safetensors
    case modelIndex = "model-index"
    case tensorboard, onnx, transformers
    case openCLIP = "open_clip"

    /// The same as a file of a run; nil for what is a folder.
    var ofRun: RunExport.Format? { RunExport.Format(rawValue: rawValue) }
  }

  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a run's scores, representations, checkpoint or networks for other programs.",
    discussion: """
      Example:  concord export runs/gmc-emoji --to csv --output scores.csv
      Example:  concord export runs/gmc-emoji --to npz --seed 0
      Example:  concord export models/clip --to onnx --part image --check
      Example:  concord export models/clip --to open_clip --output clip-for-python

      CSV has one line per score and seed and one per mean. Representations come with their labels; recipe, commit, \
      seed and class names stand in the metadata of a safetensors file, and as JSON in the array "metadata" of an npz.

      ONNX (opset 17) is a folder with a file for each encoder, NAME.onnx, that gives rows of length 1 for batches of any \
      size, a description NAME.json of its input and preparation, and the vocabulary. --int8 quantises linear layers \
      dynamically, for each output, as onnxruntime does; a row then depends on its batch. --check runs the files by \
      onnxruntime, if Python has it, beside Concord itself.

      transformers and open_clip are an imported model as these libraries open it, whichever of both it came from. \
      model-index is a section of a model's card with the scores; tensorboard a folder of the curves of every seed.
      """)

  @Argument(help: "The folder of a run, a folder of runs, which means the newest, or an imported model.")
  var path: String

  @Option(help: "The format.")
  var to: Format

  @Option(help: "What to write; scores for csv, embeddings for npz and safetensors where it is left out.")
  var what: RunExport.Content?

  @Option(help: "The seed whose representations, checkpoint or networks to write; the first where it is left out.")
  var seed: Int?

  @Option(help: "The file or folder to write, or - for standard output where it is text; one in this folder otherwise.")
  var output: String?

  @Option(help: "Of onnx: image, text, a modality's name, or both for all encoders.")
  var part: String?

  @Flag(help: "Of onnx: linear layers in whole numbers of 8 bits.")
  var int8 = false

  @Flag(help: "Of onnx: run what was written by onnxruntime and compare it with Concord.")
  var check = false

  @Option(help: "Of onnx: the Python that --check asks for onnxruntime; python3 where it is left out.")
  var python: String?

  @Flag(help: "Replace files where they are there already.")
  var force = false

  func validate() throws {
    if output == "-", ![.csv, .modelIndex].contains(to) {
      throw ValidationError("only csv and model-index go to standard output")
    }
    if to != .onnx, part != nil || int8 || check {
      throw ValidationError("--part, --int8 and --check are of --to onnx, not of \(to.rawValue)")
    }
    if python != nil, !check { throw ValidationError("--python is of --check: add it") }
    if to.ofRun == nil, what != nil {
      throw ValidationError("--what is of csv, npz and safetensors, not of \(to.rawValue)")
    }
  }

  func run() throws {
    guard let format = to.ofRun else { return try writeFolder() }
    let export = try RunExport(of: try RunFolder.find(path), content: what, format: format, seed: seed)
    if output == "-" { return say(String(decoding: export.data, as: UTF8.self), terminator: "") }
    let file = URL(fileURLWithPath: output ?? export.fileName)
    try export.write(to: file, overwriting: force)
    say(file.path)
  }

  private func writeFolder() throws {
    let folder = URL(fileURLWithPath: path, isDirectory: true)
    if PretrainedModel.isImported(folder), seed != nil {
      throw UserError(.usage, "an imported model has no seeds", mend: "leave --seed out")
    }
    func target(_ standard: String) -> URL { URL(fileURLWithPath: output ?? standard, isDirectory: true) }
    switch to {
    case .tensorboard:
      let export = try TensorBoardExport(of: try RunFolder.find(path), seed: seed)
      for file in try export.write(to: target(export.folderName), overwriting: force) { say(file.path) }
    case .transformers, .openCLIP:
      let library: PretrainedModel.Library = to == .openCLIP ? .openCLIP : .transformers
      guard PretrainedModel.isImported(folder) else {
        throw UserError(
          .data, "is no imported CLIP, and the encoders of a run have no place in the layout of \(library.rawValue)",
          at: path, mend: "use --to onnx, or name a folder that `concord import` has made")
      }
      let files = try PretrainedModel.export(
        folder, to: library, in: target("\(folder.lastPathComponent)-\(library.rawValue)"), overwriting: force)
      for file in files { say(file.path) }
    default: try writeNetworks(folder)
    }
  }

  private func writeNetworks(_ folder: URL) throws {
    let model =
      PretrainedModel.isImported(folder)
      ? try PortableModel(imported: folder)
      : try PortableModel(try RunFolder.find(path), seed: seed, catalogue: catalogue)
    let export = try ModelExport(model, part: part ?? ModelExport.all, isQuantised: int8)
    for refusal in export.refusals {
      TrainedRunArguments.remark("\(refusal.name) is left out: \(refusal.error.what)")
    }
    let target = URL(fileURLWithPath: output ?? export.folderName, isDirectory: true)
    let files = try export.write(to: target, overwriting: force)
    for file in files { say(file.path) }
    guard check else { return }
    let checks: [ModelCheck]
    switch try export.check(files, python: python ?? "python3") {
    case .checked(let found): checks = found
    case .unavailable(let reason):
      return say("not checked: \(reason.onOneLine()); `pip install onnxruntime`, or name another: --python PATH")
    }
    var faults: [String] = []
    for (part, found) in zip(export.parts, checks) {
      say(
        "\(part.fileName): onnxruntime \(found.version)\(found.isValid ? ", passed by the checker of onnx" : "")")
      for batch in found.batches {
        say(
          "  batch of \(batch.count): largest difference \(String(format: "%.2e", batch.difference)), cosine "
            + String(format: "%.6f on average, %.6f at least", batch.meanCosine, batch.leastCosine))
      }
      let isFar =
        int8
        ? found.batches.contains { !($0.meanCosine >= ModelCheck.leastCosine) }
        : !(found.difference <= ModelCheck.tolerance)
      if isFar { faults.append(part.fileName) }
    }
    guard faults.isEmpty else {
      throw UserError(
        .outsideTolerance,
        int8
          ? "a mean cosine to Concord's embeddings is below \(ModelCheck.leastCosine)"
          : "a number is off by more than \(ModelCheck.tolerance)", at: faults.joined(separator: ", "),
        mend: int8 ? "use the files in single precision" : nil)
    }
  }
}
