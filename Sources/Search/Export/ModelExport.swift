import Diagnostics
import Foundation
import Graphs
import Interchange
import Runs
import StrictYAML

/// The encoders of a model as files of ONNX in a folder, with what is needed beside them.
public struct ModelExport {
  /// A file and what it holds.
  public struct Part {
    /// The encoder.
    public let network: PortableNetwork
    /// The content.
    public let file: ONNXFile
    /// The file's name.
    public let fileName: String
  }

  /// The encoders that are written.
  public let parts: [Part]
  /// The encoders that are not, with the reason.
  public let refusals: [(name: String, error: UserError)]
  /// Whether linear layers are in whole numbers of 8 bits.
  public let isQuantised: Bool
  private let model: PortableModel

  /// What is said of both encoders together.
  public static let all = "both"
  /// What is not in the files.
  private static let leftOut =
    "what only training needs (queues, momentum twins, dropout, heads that are not used afterwards), the making of "
    + "inputs, and joint encoders of several modalities"

  /// Writes the graphs of a model.
  ///
  /// - Parameter part: `image`, `text`, the name of a modality, or `both` for all that can be written.
  /// - Throws: `UserError` where there is no such part, or it cannot be written.
  public init(_ model: PortableModel, part: String = Self.all, isQuantised: Bool = false) throws {
    (self.model, self.isQuantised) = (model, isQuantised)
    let chosen = model.networks.filter { network in
      switch part {
      case Self.all: true
      case "image": network.kind == .image
      case "text": network.kind == .text
      default: network.name == part
      }
    }
    guard !chosen.isEmpty else {
      let known = model.networks.map(\.name).joined(separator: ", ")
      throw UserError(.usage, "the model has no part \"\(part)\"", at: model.name, mend: "it has \(known)")
    }
    var parts: [Part] = []
    var refusals: [(name: String, error: UserError)] = []
    for network in chosen {
      do {
        let graph = try network.graph()
        if let fault = graph.fault { preconditionFailure("ModelExport: the graph of \(network.name): \(fault)") }
        let file = ONNXFile(
          graph: isQuantised ? graph.dynamicallyQuantised() : graph, metadata: Self.metadata(model, network))
        parts.append(Part(network: network, file: file, fileName: "\(network.name)\(isQuantised ? ".int8" : "").onnx"))
      } catch let error as UserError {
        refusals.append((network.name, error))
      }
    }
    if parts.isEmpty, let first = refusals.first { throw first.error }
    (self.parts, self.refusals) = (parts, refusals)
  }

  private static func metadata(_ model: PortableModel, _ network: PortableNetwork) -> [String: String] {
    var metadata = ["model": model.name, "preparation": network.preparation.json, "leftOut": leftOut]
    for member in model.origin {
      if case .text(let text) = member.value {
        metadata[member.key] = text
      } else {
        metadata[member.key] = member.value.json
      }
    }
    return metadata
  }

  /// The folder where the user names none.
  public var folderName: String { "\(model.stem)-onnx" }

  /// Writes the files, a description for each encoder, and the vocabularies.
  ///
  /// - Returns: the files of ONNX.
  /// - Throws: `UserError` where one is there already and `overwriting` is false, is too large, or cannot be written.
  public func write(to folder: URL, overwriting: Bool) throws(UserError) -> [URL] {
    let targets = parts.map { folder.appending(path: $0.fileName) }
    // Beside them stands what other exports of the model have too, such as the vocabulary.
    var besides: [(url: URL, content: Data)] = parts.map {
      (folder.appending(path: "\($0.network.name).json"), Data((description(of: $0).json + "\n").utf8))
    }
    for file in model.files {
      besides.append((folder.appending(path: file.lastPathComponent), try RegularFile.contents(of: file)))
    }
    if !overwriting {
      let there =
        targets.first { FileManager.default.fileExists(atPath: $0.path) }
        ?? besides.first { url, content in (try? Data(contentsOf: url)).map { $0 != content } ?? false }?.url
      if let there {
        throw UserError(
          .inputOutput, "the file exists already", at: there.relativePath, mend: "add --force to replace it")
      }
    }
    try RunFolder.createFolder(folder)
    for (part, target) in zip(parts, targets) { try AtomicFile.write(try part.file.encoded(), to: target) }
    for (url, content) in besides { try AtomicFile.write(content, to: url) }
    return targets
  }

  /// What an encoder is, takes and gives.
  private func description(of part: Part) -> JSONValue {
    func port(_ port: OperatorGraph.Port) -> JSONValue {
      .object([
        .init("name", .text(port.name)), .init("type", .text(port.type == .float ? "float32" : "int64")),
        .init("shape", .list([.text("batch")] + port.shape.map { .integer($0) })),
      ])
    }
    let graph = part.file.graph
    return .object([
      .init("model", .text(model.name)), .init("origin", .object(model.origin)),
      .init("input", port(graph.inputs[0])), .init("output", port(graph.outputs[0])),
      .init("preparation", part.network.preparation),
      .init("files", .list(model.files.map { .text($0.lastPathComponent) })), .init("leftOut", .text(Self.leftOut)),
    ])
  }
}
