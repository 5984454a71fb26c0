import Kernels

/// A dense array of 32-bit floats with a shape, row-major, and its place on the tape where it is being recorded.
///
/// A tensor is a value: operations return new tensors. Its numbers may be shared, by a reshaped tensor for one, and
/// are never changed once an operation has returned them.
public struct Tensor {
  /// The size of each axis; empty for a scalar.
  public let shape: [Int]
  /// The block that holds the numbers.
  var storage: Storage
  /// Where in the block they begin.
  let offset: Int
  /// What the tape knows about this tensor; nil for a constant.
  let node: TapeNode?

  init(shape: [Int], storage: Storage, offset: Int = 0, node: TapeNode? = nil) {
    self.shape = shape
    self.storage = storage
    self.offset = offset
    self.node = node
  }

  /// A tensor whose numbers are still undefined, to be filled by a kernel.
  init(uninitialized shape: [Int]) {
    self.init(shape: shape, storage: Storage(count: shape.reduce(1, *)))
  }

  /// Creates a tensor from its numbers in row-major order.
  public init(_ values: [Float], shape: [Int]) {
    precondition(
      values.count == shape.reduce(1, *), "Tensor: \(values.count) values do not fill shape \(shape)")
    self.init(uninitialized: shape)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.pointer.update(from: base, count: source.count) }
    }
  }

  /// Creates a tensor of one axis.
  public init(_ values: [Float]) { self.init(values, shape: [values.count]) }

  /// Creates a scalar.
  public init(_ value: Float) { self.init([value], shape: []) }

  /// Creates a tensor of one repeated value.
  public init(repeating value: Float, shape: [Int]) {
    self.init(uninitialized: shape)
    Elementwise.fill(storage.pointer, with: value, count: count)
  }

  /// Creates the tensor of a matrix, `[rows, columns]`.
  public init(_ matrix: Matrix) { self.init(matrix.values, shape: [matrix.rows, matrix.columns]) }

  /// How many numbers there are.
  public var count: Int { shape.reduce(1, *) }
  /// How many axes there are.
  public var rank: Int { shape.count }
  /// Whether gradients flow through this tensor.
  public var isRecorded: Bool { node != nil }
  /// The numbers, in row-major order.
  public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// The only number of a tensor that has one.
  public var scalar: Float {
    precondition(count == 1, "Tensor.scalar: shape \(shape) has \(count) numbers")
    return pointer.pointee
  }

  /// The numbers as a matrix whose columns are the last axis.
  public var matrix: Matrix {
    let columns = shape.last ?? 1
    return Matrix(rows: columns == 0 ? 0 : count / columns, columns: columns, values: values)
  }

  /// The same numbers as a constant: no gradient flows through it.
  public var detached: Tensor { Tensor(shape: shape, storage: storage, offset: offset) }

  /// Whether every number is finite.
  public var isFinite: Bool { Elementwise.areFinite(pointer, count: count) }

  var pointer: UnsafeMutablePointer<Float> { storage.pointer + offset }

  /// The axis counted from the front, where `axis` may count from the back as −1, −2, ….
  func resolved(axis: Int, _ operation: StaticString) -> Int {
    let resolved = axis < 0 ? axis + rank : axis
    precondition(
      (0..<Swift.max(rank, 1)).contains(resolved), "\(operation): axis \(axis) of a tensor of shape \(shape)")
    return resolved
  }

  /// The sizes before, at and behind an axis.
  func sizes(around axis: Int) -> (outer: Int, count: Int, inner: Int) {
    rank == 0
      ? (1, 1, 1)
      : (shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *))
  }
}
