import Autograd
import Graphs
import Kernels

/// A named part of a module, in a fixed order.
public enum ModulePart {
  /// Trained numbers.
  case parameter(String, Parameter)
  /// Numbers that belong to the state but are not trained, such as running statistics.
  case buffer(String, StateBuffer)
  /// A module within.
  case module(String, any Module)
}

/// A piece of a network with parameters.
///
/// A module lists its parts itself: the list gives checkpoints their names and optimisers their groups.
public protocol Module {
  /// Parameters, buffers and modules by name.
  var parts: [ModulePart] { get }
}

/// A module that maps one tensor to another.
public protocol Layer: Module {
  /// Applies the layer.
  func callAsFunction(_ input: Tensor, in pass: ForwardPass) -> Tensor

  /// Writes what the layer does in evaluation as operators, for other programs.
  func described(_ input: GraphValue) -> GraphValue
}

extension Layer {
  /// Refuses: a layer that does not say what it does is not written.
  public func described(_ input: GraphValue) -> GraphValue { input.refused(by: "\(Self.self)") }
}

/// Numbers that belong to a module's state but are not trained.
public final class StateBuffer {
  /// The numbers now.
  public var value: Tensor

  /// Creates a buffer.
  public init(_ value: Tensor) { self.value = value }
}

extension Parameter {
  /// The value as it is now, for a graph.
  public var constant: GraphConstant { GraphConstant(value.values, shape: shape) }
}

extension StateBuffer {
  /// The numbers as they are now, for a graph.
  public var constant: GraphConstant { GraphConstant(value.values, shape: value.shape) }
}

/// One way through a network: training or evaluation, and the source of its randomness.
public final class ForwardPass {
  /// Whether layers behave as in training: batch statistics, dropout.
  public let isTraining: Bool
  /// Into how many chunks the batch is divided of which one passes; 1 for a whole batch.
  public let chunks: Int
  /// What becomes of the statistics of batch norm.
  let statistics: BatchNormStatistics
  private let streams: RandomStreams

  private static let dropout = "dropout"

  /// Creates a training pass that draws from the streams of a training.
  ///
  /// - Parameters:
  ///   - chunks: into how many chunks the batch is divided of which one passes.
  ///   - statistics: what becomes of the statistics of batch norm.
  public init(streams: RandomStreams, chunks: Int = 1, statistics: BatchNormStatistics = .moved) {
    precondition(chunks > 0, "ForwardPass: \(chunks) chunks")
    isTraining = true
    (self.streams, self.chunks, self.statistics) = (streams, chunks, statistics)
  }

  /// Creates a training pass that draws from a stream by itself.
  public convenience init(dropout: RandomStream) {
    self.init(streams: RandomStreams(seed: 0, positions: [Self.dropout: dropout]))
  }

  private init() {
    isTraining = false
    (streams, chunks, statistics) = (RandomStreams(seed: 0), 1, .moved)
  }

  /// A pass that evaluates.
  public static var evaluation: ForwardPass { ForwardPass() }

  /// The stream that dropout draws from.
  public var dropout: RandomStream {
    get { streams[Self.dropout] }
    set { streams[Self.dropout] = newValue }
  }
}

extension Module {
  /// All parameters with their paths, such as `encoder.weight`, in a fixed order.
  public var parameters: [(path: String, parameter: Parameter)] {
    parts.flatMap { part -> [(String, Parameter)] in
      switch part {
      case .parameter(let name, let parameter): [(name, parameter)]
      case .buffer: []
      case .module(let name, let module): module.parameters.map { ("\(name).\($0.path)", $0.parameter) }
      }
    }
  }

  /// All buffers with their paths, in a fixed order.
  public var buffers: [(path: String, buffer: StateBuffer)] {
    parts.flatMap { part -> [(String, StateBuffer)] in
      switch part {
      case .parameter: []
      case .buffer(let name, let buffer): [(name, buffer)]
      case .module(let name, let module): module.buffers.map { ("\(name).\($0.path)", $0.buffer) }
      }
    }
  }

  /// How many numbers are trained.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.parameter.count } }
}
