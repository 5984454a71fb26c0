import Datasets
import Diagnostics
import Foundation
import Interchange

extension PretrainedModel {
  /// A library of Python that opens a model.
  public enum Library: String, CaseIterable, Sendable {
    /// Hugging Face's transformers.
    case transformers
    /// open_clip.
    case openCLIP = "open_clip"

    var layout: CheckpointLayout { self == .openCLIP ? .openCLIP : .transformers }
  }

  /// Writes an imported model as a library of Python opens it: weights, stored as they were, configuration and vocabulary.
  ///
  /// Positions that were brought to another size stay so, and the configuration says it. Buffers of positions' numbers,
  /// which old files have, are not written.
  ///
  /// - Parameters:
  ///   - source: the model's folder, imported or as it was fetched.
  ///   - target: the folder to write to.
  /// - Returns: the files.
  /// - Throws: `UserError` where the layout has no place for what the model is, a file is there already and `overwriting`
  ///   is false, or it cannot be written.
  public static func export(
    _ source: URL, to library: Library, in target: URL, overwriting: Bool = false
  ) throws(UserError) -> [URL] {
    let model = try PretrainedModel(folder: source)
    let weights = source.appending(path: model.description.weights)
    let storage = try SafetensorsFile.floatStorage(
      of: RegularFile.contents(of: weights, place: weights.relativePath), name: weights.relativePath)
    var files = try CLIPCheckpoint.files(
      of: model.model, layout: library.layout, storage: storage, place: source.relativePath)
    for file in PretrainedTokeniser.files(in: source) ?? [] {
      files.append((file.lastPathComponent, try RegularFile.contents(of: file, place: file.relativePath)))
    }
    let targets = files.map { target.appending(path: $0.name) }
    if !overwriting, let there = targets.first(where: { FileManager.default.fileExists(atPath: $0.path) }) {
      throw UserError(
        .inputOutput, "the file exists already", at: there.relativePath, mend: "add --force to replace it")
    }
    guard target.standardizedFileURL.resolvingSymlinksInPath() != source.standardizedFileURL.resolvingSymlinksInPath()
    else {
      throw UserError(
        .usage, "is the model's own folder", at: target.relativePath, mend: "name another: --output FOLDER")
    }
    do {
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
    } catch {
      throw UserError(
        .inputOutput, "cannot be made: \(error.localizedDescription)", at: target.relativePath,
        mend: "see its permissions")
    }
    for (file, url) in zip(files, targets) { try AtomicFile.write(file.data, to: url) }
    return targets
  }
}
