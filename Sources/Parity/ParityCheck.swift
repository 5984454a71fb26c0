import Autograd
import Datasets
import Diagnostics
import Foundation
import Interchange
import Pretrained

/// How far a computation is from its reference.
public struct ParityResult: Equatable, Sendable {
  /// The file.
  public let file: String
  /// The case's name.
  public let name: String
  /// For each output and gradient, max |a − b| / max(1, max |b|).
  public let errors: [String: Float]
  /// What of the file is not computed here, and why; nil where everything is.
  public var unsupported: String?
  /// The largest error that passes.
  public var tolerance = ParityCheck.tolerance

  /// The largest of the errors.
  public var largestError: Float { errors.values.reduce(0) { $1.isNaN ? .infinity : max($0, $1) } }
  /// What the largest error belongs to.
  public var worst: String {
    errors.max { ($0.value.isNaN ? .infinity : $0.value, $1.key) < ($1.value.isNaN ? .infinity : $1.value, $0.key) }?
      .key ?? ""
  }
  /// Whether every error is within the tolerance.
  public var passes: Bool { largestError <= tolerance }
}

/// Compares operations and objectives with reference values from files.
public enum ParityCheck {
  /// The largest relative error that passes.
  public static let tolerance: Float = 1e-4

  /// The cases that can be checked.
  public static var knownCases: [String] { computations.keys.sorted() }

  /// Compares what a file holds: outputs and gradients of a case, the tokens of texts, the pixels of
  /// pictures, or the embeddings of a published model.
  ///
  /// - Parameter model: the folder of the published model that the file is about.
  /// - Throws: `UserError` for a file that is damaged, incomplete, of an unknown case, or about a model that is not named.
  public static func run(_ url: URL, model: URL? = nil) throws -> ParityResult {
    if url.pathExtension == "json", let sentences = try SentenceCases.read(url) {
      guard let model else {
        throw UserError(
          .usage, "the sentences need a text encoder", at: url.lastPathComponent, mend: "add --model FOLDER")
      }
      return try sentences.compare(with: try SentenceEncoder(folder: model), file: url.lastPathComponent)
    }
    if url.pathExtension == "json" {
      let cases = try TokeniserCases(readingFrom: url)
      guard let model else {
        throw UserError(
          .usage, "the texts need a tokeniser", at: url.lastPathComponent,
          mend: "add --model FOLDER, the folder of its vocabulary")
      }
      return cases.compare(with: try PretrainedTokeniser(folder: model), file: url.lastPathComponent)
    }
    let content = try SafetensorsFile(readingFrom: url)
    if EmbeddingCase.matches(content) {
      guard let model else {
        throw UserError(
          .usage, "the embeddings need a model", at: url.lastPathComponent, mend: "add --model FOLDER")
      }
      return try EmbeddingCase(content, url: url, folder: model).compare()
    }
    if PreprocessingCase.matches(content) { return try PreprocessingCase(content, url: url).compare() }
    let reference = try ReferenceCase(content, url: url)
    guard let computation = computations[reference.name] else {
      let nearest = nearestName(to: reference.name, among: computations.keys)
      throw UserError(
        .data, "unknown case \"\(reference.name)\"", at: reference.place,
        mend: nearest.map { "did you mean \($0)?" } ?? "known are \(knownCases.joined(separator: ", "))")
    }
    let names = reference.inputNames
    let inputs = try names.map { try reference.input($0) }
    var outputs: [String: Tensor] = [:]
    let (loss, gradients) = try Tape.gradients(at: inputs) { tensors in
      let named = Dictionary(uniqueKeysWithValues: zip(names, tensors))
      outputs = try computation(CaseInputs(reference: reference, tensors: named))
      // A case without a loss has outputs alone.
      return outputs["loss"] ?? Tensor(0)
    }
    if outputs["loss"] != nil { outputs["loss"] = loss }
    var errors: [String: Float] = [:]
    for key in reference.file.arrays.keys where key.hasPrefix("out.") {
      let name = String(key.dropFirst(4))
      guard let output = outputs[name] else {
        throw UserError(.data, "the case gives no output \(key)", at: reference.place)
      }
      errors[key] = try error(of: output, against: try reference.tensor(key), key, reference)
    }
    for key in reference.file.arrays.keys where key.hasPrefix("grad.") {
      try reference.require(outputs["loss"] != nil, "\(key) is a gradient of a case without a loss")
      guard let index = names.firstIndex(of: String(key.dropFirst(5))) else {
        throw UserError(.data, "\(key) belongs to no input", at: reference.place)
      }
      errors[key] = try error(of: gradients[index], against: try reference.tensor(key), key, reference)
    }
    try reference.require(!errors.isEmpty, "nothing to compare with: no out.* and no grad.*")
    return ParityResult(file: reference.place, name: reference.name, errors: errors)
  }

  private static func error(
    of value: Tensor, against expected: Tensor, _ key: String, _ reference: ReferenceCase
  ) throws -> Float {
    try reference.require(
      value.shape == expected.shape, "\(key) has shape \(expected.shape), computed is \(value.shape)")
    var difference: Float = 0
    var scale: Float = 1
    for (a, b) in zip(value.values, expected.values) {
      let distance = abs(a - b)
      if distance.isNaN { return .infinity }
      difference = max(difference, distance)
      scale = max(scale, abs(b))
    }
    return difference / scale
  }
}

/// The inputs of a case as recorded tensors, and its settings.
struct CaseInputs {
  let reference: ReferenceCase
  let tensors: [String: Tensor]

  subscript(_ name: String, rank rank: Int) -> Tensor {
    get throws {
      guard let tensor = tensors[name] else {
        throw UserError(.data, "no tensor in.\(name) of floats", at: reference.place)
      }
      try reference.require(
        tensor.rank == rank && tensor.count > 0, "in.\(name) has shape \(tensor.shape), not \(rank) axes")
      return tensor
    }
  }
}
