import Diagnostics
import Foundation
import Graphs

/// A network as a file of ONNX: a graph of operators of opset 17, and what it is of.
///
/// Equal content gives equal bytes.
public struct ONNXFile: Equatable, Sendable {
  /// The network.
  public var graph: OperatorGraph
  /// What the network is of, which readers find as custom metadata.
  public var metadata: [String: String]

  /// The version of the operators.
  public static let operatorSet = 17
  /// The version of the format that goes with it.
  static let formatVersion = 8
  /// What a message of Protocol Buffers may have at most.
  private static let mostBytes = 1 << 31 - 1

  /// Creates content to be written.
  public init(graph: OperatorGraph, metadata: [String: String] = [:]) {
    (self.graph, self.metadata) = (graph, metadata)
  }

  /// The file's bytes.
  ///
  /// - Throws: `UserError` where they are more than the format can hold.
  public func encoded() throws(UserError) -> Data {
    let size = graph.constants.reduce(0) { $0 + ONNXTensor.byteCount($1.value) }
    guard size < Self.mostBytes - 1 << 24 else { throw Self.tooLarge(size, graph.name) }
    var model = ProtocolBufferWriter()
    model.integer(1, Self.formatVersion)
    model.text(2, "Concord")
    model.message(7) { Self.write(graph, to: &$0) }
    model.message(8) {
      $0.text(1, "")
      $0.integer(2, Self.operatorSet)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      model.message(14) {
        $0.text(1, key)
        $0.text(2, value)
      }
    }
    guard model.data.count <= Self.mostBytes else { throw Self.tooLarge(model.data.count, graph.name) }
    return model.data
  }

  private static func tooLarge(_ bytes: Int, _ name: String) -> UserError {
    UserError(
      .data, "\(bytes) bytes are more than a file of ONNX holds, \(mostBytes)", at: name,
      mend: "export a smaller network, or --int8")
  }

  private static func write(_ graph: OperatorGraph, to message: inout ProtocolBufferWriter) {
    for node in graph.nodes {
      message.message(1) { part in
        for input in node.inputs { part.text(1, input) }
        for output in node.outputs { part.text(2, output) }
        part.text(3, node.name)
        part.text(4, node.operation)
        for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
          part.message(5) { write(attribute, name, to: &$0) }
        }
      }
    }
    message.text(2, graph.name)
    for (name, constant) in graph.constants { message.bytes(5, ONNXTensor.encoded(constant, name: name)) }
    for port in graph.inputs { message.message(11) { write(port, to: &$0) } }
    for port in graph.outputs { message.message(12) { write(port, to: &$0) } }
  }

  private static func write(
    _ attribute: OperatorGraph.Attribute, _ name: String, to message: inout ProtocolBufferWriter
  ) {
    message.text(1, name)
    switch attribute {
    case .float(let value):
      message.float(2, value)
      message.integer(20, 1)
    case .int(let value):
      message.integer(3, value)
      message.integer(20, 2)
    case .text(let value):
      message.text(4, value)
      message.integer(20, 3)
    case .ints(let values):
      for value in values { message.integer(8, value) }
      message.integer(20, 7)
    }
  }

  private static func write(_ port: OperatorGraph.Port, to message: inout ProtocolBufferWriter) {
    message.text(1, port.name)
    message.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, port.type == .float ? 1 : 7)
        tensor.message(2) { shape in
          shape.message(1) { $0.text(2, "batch") }
          for extent in port.shape { shape.message(1) { $0.integer(1, extent) } }
        }
      }
    }
  }
}

/// The numbers of a constant as ONNX has them.
enum ONNXTensor {
  static func type(of constant: GraphConstant) -> (code: Int, bytes: Int) {
    switch constant.values {
    case .float: (1, 4)
    case .int8: (3, 1)
    case .int64: (7, 8)
    case .bool: (9, 1)
    }
  }

  static func byteCount(_ constant: GraphConstant) -> Int { constant.count * type(of: constant).bytes }

  /// A message TensorProto.
  static func encoded(_ constant: GraphConstant, name: String) -> Data {
    var message = ProtocolBufferWriter()
    for extent in constant.shape { message.integer(1, extent) }
    message.integer(2, type(of: constant).code)
    message.text(8, name)
    message.bytes(9, raw(constant))
    return message.data
  }

  private static func raw(_ constant: GraphConstant) -> Data {
    var data = Data(capacity: byteCount(constant))
    switch constant.values {
    case .float(let values): data.append(littleEndian: NumericArray.Values.float32(values))
    case .int64(let values): data.append(littleEndian: NumericArray.Values.int64(values))
    case .int8(let values): data.append(contentsOf: values.map { UInt8(bitPattern: $0) })
    case .bool(let values): data.append(littleEndian: NumericArray.Values.bool(values))
    }
    return data
  }

  /// A constant of a message TensorProto whose numbers are raw.
  static func decoded(_ data: Data, place: String) throws(UserError) -> (name: String, value: GraphConstant) {
    let fault = { (what: String) in ProtocolBufferReader(data, place: place).fault(what) }
    var (shape, code, name, raw) = ([Int](), 0, "", Data?.none)
    var (floats, integers) = ([Float](), [Int]())
    for field in try ProtocolBufferReader.fields(of: data, place: place) {
      switch field.number {
      case 1:
        guard let extent = field.integer else { throw fault("has packed extents, which are not read") }
        shape.append(extent)
      case 2: code = field.integer ?? 0
      case 8: name = field.text ?? ""
      case 9: raw = field.bytes
      case 4: floats += try field.floats(place: place)
      case 5, 7: integers += try field.integers(place: place)
      default: throw fault("has a constant \"\(name)\" whose numbers are stored elsewhere, which is not read")
      }
    }
    guard let count = shape.elementCount, raw != nil || (code == 1 ? floats.count : integers.count) == count else {
      throw fault("has a constant \"\(name)\" without its numbers")
    }
    guard let raw else {
      switch code {
      case 1: return (name, GraphConstant(floats, shape: shape))
      case 3: return (name, GraphConstant(.int8(integers.map { Int8(truncatingIfNeeded: $0) }), shape: shape))
      case 7: return (name, GraphConstant(.int64(integers.map { Int64($0) }), shape: shape))
      case 9: return (name, GraphConstant(.bool(integers.map { $0 != 0 }), shape: shape))
      default: throw fault("has a constant \"\(name)\" of the type \(code), which is not read")
      }
    }
    func elements(_ type: ElementType) throws(UserError) -> NumericArray.Values {
      let (bytes, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
      guard !overflow, raw.count == bytes, let values = Data(raw).withUnsafeBytes({ type.values(in: $0) }) else {
        throw fault("has a constant \"\(name)\" of \(raw.count) bytes for a shape of \(shape)")
      }
      return values
    }
    let values: GraphConstant.Values?
    switch code {
    case 1: values = try elements(.float32).constant
    case 3: values = try elements(.int8).constant
    case 7: values = try elements(.int64).constant
    case 9: values = try elements(.bool).constant
    default: values = nil
    }
    guard let values else { throw fault("has a constant \"\(name)\" of the type \(code), which is not read") }
    return (name, GraphConstant(values, shape: shape))
  }
}

extension NumericArray.Values {
  /// The same numbers as a graph has them; 32-bit integers are those that were widened from 8 bits.
  fileprivate var constant: GraphConstant.Values? {
    switch self {
    case .float32(let values): .float(values)
    case .int32(let values): .int8(values.map { Int8(truncatingIfNeeded: $0) })
    case .int64(let values): .int64(values)
    case .bool(let values): .bool(values)
    case .float64, .uint8: nil
    }
  }
}
