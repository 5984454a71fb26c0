/// A network in evaluation as operators of ONNX (opset 17): what other programs compute.
///
/// Operators stand in the order of computation, and every value is written once. The first axis of inputs and outputs is
/// the batch, of any size.
public struct OperatorGraph: Equatable, Sendable {
  /// The type of a value's elements.
  public enum ElementType: Equatable, Sendable {
    /// Single precision.
    case float
    /// Signed integers of 64 bits.
    case int64
  }

  /// A value that comes in or goes out.
  public struct Port: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// The type of its elements.
    public var type: ElementType
    /// The extents behind the batch.
    public var shape: [Int]

    /// Describes a value.
    public init(_ name: String, _ type: ElementType = .float, shape: [Int]) {
      (self.name, self.type, self.shape) = (name, type, shape)
    }
  }

  /// A setting of an operator.
  public enum Attribute: Equatable, Sendable {
    /// A number.
    case float(Float)
    /// A whole number, or a switch as 0 or 1.
    case int(Int)
    /// Whole numbers.
    case ints([Int])
    /// A word.
    case text(String)
  }

  /// One operator.
  public struct Node: Equatable, Sendable {
    /// The operator, such as `MatMul`.
    public var operation: String
    /// The node's own name.
    public var name: String
    /// The values it takes; an empty name for an optional one that is left out.
    public var inputs: [String]
    /// The values it writes; an empty name for an optional one that is left out.
    public var outputs: [String]
    /// Its settings, sorted by name when written.
    public var attributes: [String: Attribute]

    /// Creates an operator.
    public init(
      _ operation: String, name: String, inputs: [String], outputs: [String], attributes: [String: Attribute] = [:]
    ) {
      (self.operation, self.name, self.inputs, self.outputs) = (operation, name, inputs, outputs)
      self.attributes = attributes
    }
  }

  /// The graph's name.
  public var name: String
  /// What comes in.
  public var inputs: [Port]
  /// What goes out.
  public var outputs: [Port]
  /// Constants by name, in the order of their first use.
  public var constants: [(name: String, value: GraphConstant)]
  /// The operators.
  public var nodes: [Node]

  /// Puts a graph together.
  public init(
    name: String, inputs: [Port], outputs: [Port], constants: [(name: String, value: GraphConstant)], nodes: [Node]
  ) {
    (self.name, self.inputs, self.outputs) = (name, inputs, outputs)
    (self.constants, self.nodes) = (constants, nodes)
  }

  /// Whether both have the same operators on the same values.
  public static func == (one: OperatorGraph, other: OperatorGraph) -> Bool {
    one.name == other.name && one.inputs == other.inputs && one.outputs == other.outputs && one.nodes == other.nodes
      && one.constants.elementsEqual(other.constants) { $0.name == $1.name && $0.value == $1.value }
  }

  /// How many numbers the constants have.
  public var constantCount: Int { constants.reduce(0) { $0 + $1.value.count } }

  /// What is wrong with the graph: a value that is used before it is written, written twice or never used, or an output
  /// that nothing writes; nil where nothing is.
  public var fault: String? {
    var written: Set<String> = []
    var used: Set<String> = []
    func write(_ name: String) -> String? {
      written.insert(name).inserted && !name.isEmpty ? nil : "\"\(name)\" is written twice, or has no name"
    }
    for name in inputs.map(\.name) + constants.map(\.name) { if let fault = write(name) { return fault } }
    for node in nodes {
      for input in node.inputs where !input.isEmpty {
        guard written.contains(input) else { return "\(node.name) takes \"\(input)\" before it is written" }
        used.insert(input)
      }
      for output in node.outputs where !output.isEmpty { if let fault = write(output) { return fault } }
    }
    for output in outputs {
      guard written.contains(output.name) else { return "nothing writes the output \"\(output.name)\"" }
      used.insert(output.name)
    }
    if let idle = (inputs.map(\.name) + constants.map(\.name)).first(where: { !used.contains($0) }) {
      return "nothing uses \"\(idle)\""
    }
    if Set(nodes.map(\.name)).count != nodes.count { return "two operators have one name" }
    return nil
  }
}

/// Numbers of a graph that do not change, row-major.
public struct GraphConstant: Hashable, Sendable {
  /// The numbers, one after another.
  public enum Values: Hashable, Sendable {
    /// Single precision.
    case float([Float])
    /// Signed integers of 64 bits.
    case int64([Int64])
    /// Signed integers of 8 bits.
    case int8([Int8])
    /// Truth values.
    case bool([Bool])
  }

  /// The extents; empty for a single number.
  public let shape: [Int]
  /// The numbers.
  public let values: Values

  /// Creates a constant; the shape's product is the number of values.
  public init(_ values: Values, shape: [Int]) {
    (self.values, self.shape) = (values, shape)
    precondition(count == shape.reduce(1, *), "GraphConstant: shape \(shape) does not hold \(count) numbers")
  }

  /// Single-precision numbers.
  public init(_ floats: [Float], shape: [Int]) { self.init(.float(floats), shape: shape) }

  /// A single number.
  public init(_ number: Float) { self.init(.float([number]), shape: []) }

  /// Whole numbers in a row.
  public init(_ integers: [Int]) { self.init(.int64(integers.map { Int64($0) }), shape: [integers.count]) }

  /// How many numbers there are.
  public var count: Int {
    switch values {
    case .float(let values): values.count
    case .int64(let values): values.count
    case .int8(let values): values.count
    case .bool(let values): values.count
    }
  }

  /// The numbers in single precision; empty where they are of another type.
  public var floats: [Float] {
    if case .float(let values) = values { values } else { [] }
  }

  /// A matrix with rows and columns exchanged, `[rows, columns]` → `[columns, rows]`.
  public var transposed: GraphConstant {
    precondition(shape.count == 2, "GraphConstant.transposed: a shape of \(shape) is no matrix")
    return permuted([1, 0])
  }

  /// The same numbers in another order of axes; axis i of the result is axis `order[i]`.
  public func permuted(_ order: [Int]) -> GraphConstant {
    precondition(order.sorted() == Array(shape.indices), "GraphConstant.permuted: \(order) of a shape of \(shape)")
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    let extents = order.map { shape[$0] }
    let steps = order.map { strides[$0] }
    let old = floats
    var result = [Float](repeating: 0, count: old.count)
    var place = [Int](repeating: 0, count: extents.count)
    var source = 0
    for index in result.indices {
      result[index] = old[source]
      for axis in extents.indices.reversed() {
        place[axis] += 1
        source += steps[axis]
        if place[axis] < extents[axis] { break }
        source -= steps[axis] * extents[axis]
        place[axis] = 0
      }
    }
    return GraphConstant(result, shape: extents)
  }

  /// The same numbers with another shape.
  public func reshaped(to shape: [Int]) -> GraphConstant { GraphConstant(values, shape: shape) }

  /// The rows of a range, `[rows, …]`.
  public func rows(_ range: Range<Int>) -> GraphConstant {
    let size = shape.dropFirst().reduce(1, *)
    return GraphConstant(
      Array(floats[range.lowerBound * size..<range.upperBound * size]), shape: [range.count] + shape.dropFirst())
  }
}
