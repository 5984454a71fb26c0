import Kernels

/// A record of operations, in order, from which gradients are computed backwards.
///
/// Operations are recorded only inside `Tape.gradients(at:of:)` and `Tape.backpropagate(_:)`; elsewhere nothing is kept, so
/// evaluation needs no switch. Inside, `Tape.withoutRecording` pauses it.
public final class Tape: @unchecked Sendable {
  /// The tape that records in this task.
  @TaskLocal static var current: Tape?

  private var nodes: [any TapeEntry] = []

  private init() {}

  func append(_ node: any TapeEntry) { nodes.append(node) }

  /// Whether operations are being recorded.
  public static var isRecording: Bool { current != nil }

  /// Runs `body` without recording: what it returns is constant.
  public static func withoutRecording<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $current.withValue(nil, operation: body)
  }

  /// Computes a scalar loss and adds its gradient to every parameter that took part.
  ///
  /// - Returns: what `body` returned; the loss is its first element.
  public static func backpropagate<Extra>(_ body: () throws -> (loss: Tensor, extra: Extra)) rethrows -> (
    loss: Tensor, extra: Extra
  ) {
    let tape = Tape()
    let result = try $current.withValue(tape) { try body() }
    tape.run(from: result.loss)
    return (result.loss.detached, result.extra)
  }

  /// Computes a scalar loss and adds its gradient to every parameter that took part.
  @discardableResult
  public static func backpropagate(_ body: () throws -> Tensor) rethrows -> Tensor {
    try backpropagate { (try body(), ()) }.loss
  }

  /// The value of a scalar function and its gradients at the given tensors, each of its tensor's shape.
  public static func gradients(
    at inputs: [Tensor], of function: ([Tensor]) throws -> Tensor
  ) rethrows -> (value: Tensor, gradients: [Tensor]) {
    let leaves = inputs.map { input in
      Tensor(shape: input.shape, storage: input.storage, offset: input.offset, node: TapeNode(shape: input.shape))
    }
    let value = try backpropagate { try function(leaves) }
    return (value, leaves.map { $0.node?.takeGradient() ?? Tensor(repeating: 0, shape: $0.shape) })
  }

  private func run(from loss: Tensor) {
    precondition(loss.count == 1, "Tape: the loss must be a scalar, not of shape \(loss.shape)")
    loss.node?.accumulate(Tensor(repeating: 1, shape: loss.shape))
    while let node = nodes.popLast() { node.handOn() }
  }
}

/// What a tape records of an operation.
protocol TapeEntry: AnyObject {
  /// Hands the gradient that has arrived on to the operation's inputs, once.
  func handOn()
}

/// A recorded tensor's gradient so far, and how to hand it on to the operation's inputs.
final class TapeNode: TapeEntry {
  let shape: [Int]
  var pullback: ((Tensor) -> Void)?
  /// Where a parameter collects its gradient; nil for the result of an operation, whose gradient is its own.
  weak var parameter: Parameter?
  private var storage: Storage?
  private var offset = 0

  init(shape: [Int], pullback: ((Tensor) -> Void)? = nil) {
    self.shape = shape
    self.pullback = pullback
  }

  func handOn() {
    guard let pullback else { return }
    self.pullback = nil
    if let gradient = takeGradient() { pullback(gradient) }
  }

  func takeGradient() -> Tensor? {
    guard let storage else { return nil }
    self.storage = nil
    return Tensor(shape: shape, storage: storage, offset: offset)
  }

  /// Adds a gradient that an operation computed.
  func accumulate(_ addition: Tensor) {
    assert(addition.count == shape.reduce(1, *), "gradient of shape \(addition.shape) for a tensor of shape \(shape)")
    if parameter == nil, storage == nil {
      storage = addition.storage
      offset = addition.offset
      return
    }
    accumulate { target, adding in
      if adding {
        Elementwise.add(addition.pointer, scale: 1, to: target, count: addition.count)
      } else {
        Elementwise.copy(addition.pointer, to: target, count: addition.count)
      }
    }
  }

  /// Lets a kernel write the gradient in place, or add to what is there where its second argument says so.
  func accumulate(_ kernel: (_ target: UnsafeMutablePointer<Float>, _ adding: Bool) -> Void) {
    if let parameter {
      kernel(parameter.gradientPointer, parameter.hasGradient)
      parameter.hasGradient = true
      return
    }
    let count = shape.reduce(1, *)
    guard storage != nil else {
      let fresh = Storage(count: count)
      kernel(fresh.pointer, false)
      storage = fresh
      offset = 0
      return
    }
    // The numbers may be shared with a node that was handed the same gradient; then this one gets its own.
    let isUnique = isKnownUniquelyReferenced(&storage)
    guard let present = storage else { return }
    if isUnique {
      kernel(present.pointer + offset, true)
      return
    }
    let copy = Storage(count: count)
    Elementwise.copy(present.pointer + offset, to: copy.pointer, count: count)
    kernel(copy.pointer, true)
    storage = copy
    offset = 0
  }
}

extension Tensor {
  /// Records this tensor, the result of an operation, where a tape runs and an input is recorded.
  ///
  /// - Parameter pullback: hands the gradient of the result on to the inputs' nodes.
  func recorded(from inputs: Tensor..., pullback: @escaping (_ gradient: Tensor) -> Void) -> Tensor {
    recorded(from: inputs, pullback: pullback)
  }

  func recorded(from inputs: [Tensor], pullback: @escaping (_ gradient: Tensor) -> Void) -> Tensor {
    guard inputs.contains(where: { $0.node != nil }), let tape = Tape.current else { return self }
    let node = TapeNode(shape: shape, pullback: pullback)
    tape.append(node)
    return Tensor(shape: shape, storage: storage, offset: offset, node: node)
  }
}
