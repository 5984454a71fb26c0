import Synchronization

/// The floating-point operations of matrix products and convolutions, counted from their shapes.
///
/// A multiplication and an addition are two; elementwise work is not counted.
public enum Work {
  private static let counter = Atomic<Int>(0)

  static func add(_ operations: Int) { counter.wrappingAdd(operations, ordering: .relaxed) }

  /// The operations since the program began.
  public static var operations: Int { counter.load(ordering: .relaxed) }
}
