import Diagnostics

/// Collects the operators of a network while its layers describe themselves.
public final class GraphBuilder {
  private var inputs: [OperatorGraph.Port] = []
  private var constants: [(name: String, value: GraphConstant)] = []
  private var nodes: [OperatorGraph.Node] = []
  /// Small constants that are there already, such as shapes.
  private var known: [GraphConstant: String] = [:]
  private var numbers: [String: Int] = [:]
  /// What cannot be written, the first of such pieces.
  private var refused: String?

  /// Constants of up to so many numbers are kept once.
  private static let smallConstant = 64

  /// Begins without operators.
  public init() {}

  /// A value that comes in; its shape is that of one item.
  ///
  /// - Parameter isChannelsFirst: whether channels stand before rows and columns.
  public func input(
    _ name: String, _ type: OperatorGraph.ElementType = .float, shape: [Int], isChannelsFirst: Bool = false
  ) -> GraphValue {
    inputs.append(OperatorGraph.Port(name, type, shape: shape))
    return GraphValue(name: name, builder: self, isChannelsFirst: isChannelsFirst)
  }

  /// A value that does not change.
  public func constant(_ value: GraphConstant, named stem: String = "constant") -> GraphValue {
    if value.count <= Self.smallConstant, let name = known[value] { return GraphValue(name: name, builder: self) }
    let name = unused(stem)
    constants.append((name, value))
    if value.count <= Self.smallConstant { known[value] = name }
    return GraphValue(name: name, builder: self)
  }

  /// Applies an operator with one result.
  ///
  /// - Parameter inputs: nil for an optional one that is left out.
  func apply(
    _ operation: String, _ inputs: [GraphValue?], _ attributes: [String: OperatorGraph.Attribute] = [:],
    isChannelsFirst: Bool = false
  ) -> GraphValue {
    let name = unused(operation.lowercased())
    nodes.append(
      OperatorGraph.Node(
        operation, name: name, inputs: inputs.map { $0?.name ?? "" }, outputs: [name], attributes: attributes))
    return GraphValue(name: name, builder: self, isChannelsFirst: isChannelsFirst)
  }

  /// Applies an operator with several results.
  func apply(
    _ operation: String, _ inputs: [GraphValue?], _ attributes: [String: OperatorGraph.Attribute] = [:], results: Int
  ) -> [GraphValue] {
    let name = unused(operation.lowercased())
    let outputs = (0..<results).map { "\(name)_\($0)" }
    nodes.append(
      OperatorGraph.Node(
        operation, name: name, inputs: inputs.map { $0?.name ?? "" }, outputs: outputs, attributes: attributes))
    return outputs.map { GraphValue(name: $0, builder: self) }
  }

  fileprivate func refuse(_ piece: String) { refused = refused ?? piece }

  private func unused(_ stem: String) -> String {
    let number = numbers[stem, default: 0] + 1
    numbers[stem] = number
    return "\(stem)_\(number)"
  }

  /// The graph that computes some values; operators and constants that none of them needs are left out.
  ///
  /// - Parameter outputs: the values with the names and the shapes of one item that they go out by.
  /// - Throws: `UserError` naming a piece of the network that cannot be written.
  public func graph(
    named name: String, outputs: [(port: OperatorGraph.Port, value: GraphValue)]
  ) throws(UserError) -> OperatorGraph {
    if let refused {
      throw UserError(
        .data, "\(refused) is not written as operators of ONNX", at: name, mend: "export a part without it: --part NAME"
      )
    }
    var nodes = self.nodes
    // A value goes out under its own name.
    for (port, value) in outputs {
      nodes.append(
        OperatorGraph.Node("Identity", name: "output_\(port.name)", inputs: [value.name], outputs: [port.name]))
    }
    var needed = Set(outputs.map(\.port.name))
    var kept: [OperatorGraph.Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: { needed.contains($0) }) {
      kept.append(node)
      needed.formUnion(node.inputs)
    }
    return OperatorGraph(
      name: name, inputs: inputs.filter { needed.contains($0.name) }, outputs: outputs.map(\.port),
      constants: constants.filter { needed.contains($0.name) }, nodes: kept.reversed())
  }
}

/// A value of a graph that is being built.
///
/// Values are as tensors are: images channels last. Where operators want channels first, a value is held so, and put back
/// where that matters.
public struct GraphValue {
  /// Its name in the graph.
  public let name: String
  /// What collects the operators.
  public let builder: GraphBuilder
  /// Whether the value is an image whose channels stand before rows and columns, unlike the tensor it stands for.
  public let isChannelsFirst: Bool

  init(name: String, builder: GraphBuilder, isChannelsFirst: Bool = false) {
    (self.name, self.builder, self.isChannelsFirst) = (name, builder, isChannelsFirst)
  }

  /// Says that a piece of the network cannot be written, so that no graph comes of it.
  public func refused(by piece: String) -> GraphValue {
    builder.refuse(piece)
    return self
  }

  /// The value with channels first.
  var channelsFirst: GraphValue {
    isChannelsFirst
      ? self : builder.apply("Transpose", [self], ["perm": .ints([0, 3, 1, 2])], isChannelsFirst: true)
  }

  /// The value as the tensor it stands for, channels last.
  public var channelsLast: GraphValue {
    isChannelsFirst ? builder.apply("Transpose", [self], ["perm": .ints([0, 2, 3, 1])]) : self
  }

  /// Applies a function of each number by itself.
  func unary(_ operation: String, _ attributes: [String: OperatorGraph.Attribute] = [:]) -> GraphValue {
    builder.apply(operation, [self], attributes, isChannelsFirst: isChannelsFirst)
  }

  /// Applies an operator to this value and another one, each number by itself.
  func binary(_ operation: String, _ other: GraphValue) -> GraphValue {
    guard isChannelsFirst == other.isChannelsFirst else {
      return channelsLast.binary(operation, other.channelsLast)
    }
    return builder.apply(operation, [self, other], isChannelsFirst: isChannelsFirst)
  }

  /// Applies an operator to this value and one number.
  func binary(_ operation: String, _ number: Float) -> GraphValue {
    builder.apply(operation, [self, builder.constant(GraphConstant(number))], isChannelsFirst: isChannelsFirst)
  }
}
