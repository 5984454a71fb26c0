import Kernels

/// What is added to a parameter wherever it is used, on the tape: an adapter of few numbers beside a weight that stays.
public protocol ParameterAdaptation: AnyObject {
  /// The change, of the parameter's shape.
  var change: Tensor { get }
}

/// A tensor that training changes, with the gradient collected for it.
///
/// Inside a recording, `tensor` is a leaf of the tape. Optimisers change the numbers in place, which no tape can see:
/// a recording ends before its gradients are there.
public final class Parameter {
  /// The size of each axis.
  public let shape: [Int]
  /// Whether gradients are collected.
  public var isTrainable = true
  /// What is added to the value wherever ``tensor`` is used; nil for nothing.
  public var adaptation: (any ParameterAdaptation)?
  /// Whether a gradient was collected since `clearGradient()`.
  public internal(set) var hasGradient = false
  private var storage: Storage
  /// Where in its block of memory the value begins.
  public private(set) var offset = 0
  private var gradientStorage: Storage?
  private var gradientOffset = 0
  private let node: TapeNode

  /// Creates a parameter from its first value.
  public init(_ value: Tensor) {
    shape = value.shape
    storage = Storage(count: value.count)
    node = TapeNode(shape: value.shape)
    Elementwise.copy(value.pointer, to: storage.pointer, count: value.count)
    node.parameter = self
  }

  /// How many numbers there are.
  public var count: Int { shape.reduce(1, *) }

  /// The value with what its adaptation adds; inside a recording, gradients flow to this parameter and to the adaptation's.
  public var tensor: Tensor {
    let records = isTrainable && Tape.isRecording
    let own = Tensor(shape: shape, storage: storage, offset: offset, node: records ? node : nil)
    return adaptation.map { own + $0.change } ?? own
  }

  /// Takes what the adaptation adds into the value itself, and forgets the adaptation.
  public func mergeAdaptation() {
    guard let adaptation else { return }
    assign(Tape.withoutRecording { value + adaptation.change })
    self.adaptation = nil
  }

  /// The value as a constant, also inside a recording; later updates change it.
  public var value: Tensor { Tensor(shape: shape, storage: storage, offset: offset) }

  /// The gradient collected so far; nil where there is none.
  public var gradient: Tensor? {
    guard hasGradient, let gradientStorage else { return nil }
    return Tensor(shape: shape, storage: gradientStorage, offset: gradientOffset)
  }

  /// Forgets the gradient.
  public func clearGradient() { hasGradient = false }

  /// Takes the numbers at ``gradientPointer`` for the gradient.
  package func keepGradient() { hasGradient = true }

  /// Copies a value of the same shape into this parameter.
  public func assign(_ value: Tensor) {
    precondition(value.shape == shape, "Parameter.assign: a value of shape \(value.shape) for a parameter of \(shape)")
    Elementwise.copy(value.pointer, to: valuePointer, count: count)
  }

  /// The value's first number, for optimisers.
  public var valuePointer: UnsafeMutablePointer<Float> { storage.pointer + offset }

  /// The gradient's first number, for optimisers and kernels.
  public var gradientPointer: UnsafeMutablePointer<Float> {
    if let gradientStorage { return gradientStorage.pointer + gradientOffset }
    let fresh = Storage(count: count)
    gradientStorage = fresh
    return fresh.pointer
  }

  /// Moves value and gradient into larger blocks, where neighbours are updated in one pass.
  ///
  /// - Parameter gradients: a block as large; nil for a parameter that collects none, or keeps its own.
  public func move(into values: Storage, gradients: Storage? = nil, at offset: Int) {
    Elementwise.copy(valuePointer, to: values.pointer + offset, count: count)
    storage = values
    hasGradient = false
    self.offset = offset
    guard let gradients else { return }
    gradientStorage = gradients
    gradientOffset = offset
  }

  /// Whether two values lie in one block.
  public func sharesStorage(with other: Parameter) -> Bool { storage === other.storage }

  /// Whether the value follows another one in one block, with nothing between them but padding to 16 numbers.
  public func isStored(behind other: Parameter) -> Bool {
    let end = other.offset + other.count
    return storage === other.storage && (end...(end + 15) / 16 * 16).contains(offset)
  }
}
