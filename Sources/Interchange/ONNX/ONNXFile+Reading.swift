import Diagnostics
import Foundation
import Graphs

extension ONNXFile {
  /// Reads what ``encoded()`` has written: a graph of one batch axis whose constants are raw.
  ///
  /// - Throws: a `UserError` of kind `data`, where the bytes are damaged or have what is not read.
  public init(data: Data, name place: String = "ONNX data") throws(UserError) {
    let fault = { (what: String) in ProtocolBufferReader(data, place: place).fault(what) }
    var (graph, metadata, version) = (OperatorGraph?.none, [String: String](), 0)
    for field in try ProtocolBufferReader.fields(of: data, place: place) {
      switch (field.number, field.bytes) {
      case (7, let bytes?): graph = try Self.graph(bytes, place)
      case (8, let bytes?):
        for part in try ProtocolBufferReader.fields(of: bytes, place: place) where part.number == 2 {
          version = part.integer ?? 0
        }
      case (14, let bytes?):
        let parts = try ProtocolBufferReader.fields(of: bytes, place: place)
        guard let key = parts.first(where: { $0.number == 1 })?.text else { throw fault("has metadata without a name") }
        metadata[key] = parts.first { $0.number == 2 }?.text ?? ""
      default: break
      }
    }
    guard let graph else { throw fault("has no graph") }
    guard version == Self.operatorSet else {
      throw fault("has operators of version \(version), not \(Self.operatorSet)")
    }
    if let wrong = graph.fault { throw fault("has a graph that contradicts itself: \(wrong)") }
    self.init(graph: graph, metadata: metadata)
  }

  /// Reads a file.
  ///
  /// - Throws: a `UserError` of kind `inputOutput` where the file cannot be read, `data` where its content is wrong.
  public init(readingFrom url: URL) throws(UserError) {
    try self.init(data: RegularFile.contents(of: url), name: url.path)
  }

  private static func graph(_ data: Data, _ place: String) throws(UserError) -> OperatorGraph {
    var graph = OperatorGraph(name: "", inputs: [], outputs: [], constants: [], nodes: [])
    for field in try ProtocolBufferReader.fields(of: data, place: place) {
      switch (field.number, field.bytes) {
      case (1, let bytes?): graph.nodes.append(try node(bytes, place))
      case (2, _?): graph.name = field.text ?? ""
      case (5, let bytes?): graph.constants.append(try ONNXTensor.decoded(bytes, place: place))
      case (11, let bytes?): graph.inputs.append(try port(bytes, place))
      case (12, let bytes?): graph.outputs.append(try port(bytes, place))
      default: break
      }
    }
    return graph
  }

  private static func node(_ data: Data, _ place: String) throws(UserError) -> OperatorGraph.Node {
    var node = OperatorGraph.Node("", name: "", inputs: [], outputs: [])
    for field in try ProtocolBufferReader.fields(of: data, place: place) {
      switch (field.number, field.text) {
      case (1, let text?): node.inputs.append(text)
      case (2, let text?): node.outputs.append(text)
      case (3, let text?): node.name = text
      case (4, let text?): node.operation = text
      case (5, _):
        guard let bytes = field.bytes else { break }
        let (name, value) = try attribute(bytes, place)
        node.attributes[name] = value
      default: break
      }
    }
    return node
  }

  private static func attribute(
    _ data: Data, _ place: String
  ) throws(UserError) -> (String, OperatorGraph.Attribute) {
    let fields = try ProtocolBufferReader.fields(of: data, place: place)
    func first(_ number: Int) -> ProtocolBufferReader.Field? { fields.first { $0.number == number } }
    let name = first(1)?.text ?? ""
    switch first(20)?.integer {
    case 1: if let value = first(2)?.float { return (name, .float(value)) }
    case 2: if let value = first(3)?.integer { return (name, .int(value)) }
    case 3: if let value = first(4)?.text { return (name, .text(value)) }
    case 7: return (name, .ints(fields.filter { $0.number == 8 }.compactMap(\.integer)))
    default: break
    }
    throw ProtocolBufferReader(data, place: place).fault("has a setting \"\(name)\" of a kind that is not read")
  }

  private static func port(_ data: Data, _ place: String) throws(UserError) -> OperatorGraph.Port {
    let fields = try ProtocolBufferReader.fields(of: data, place: place)
    let name = fields.first { $0.number == 1 }?.text ?? ""
    let fault = ProtocolBufferReader(data, place: place).fault("has a value \"\(name)\" of a kind that is not read")
    func inner(_ data: Data?, _ number: Int) throws(UserError) -> [ProtocolBufferReader.Field] {
      guard let data else { throw fault }
      return try ProtocolBufferReader.fields(of: data, place: place).filter { $0.number == number }
    }
    let type = try inner(fields.first { $0.number == 2 }?.bytes, 1).first?.bytes
    let code = try inner(type, 1).first?.integer
    let dimensions = try inner(try inner(type, 2).first?.bytes, 1)
    var shape: [Int] = []
    for dimension in dimensions.dropFirst() {
      guard let extent = try inner(dimension.bytes, 1).first?.integer else { throw fault }
      shape.append(extent)
    }
    guard code == 1 || code == 7 else { throw fault }
    return OperatorGraph.Port(name, code == 1 ? .float : .int64, shape: shape)
  }
}
