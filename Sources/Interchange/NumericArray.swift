/// Numbers of one type with a shape, row-major, as files of arrays hold them.
public struct NumericArray: Equatable, Sendable {
  /// The numbers, one after another.
  public enum Values: Equatable, Sendable {
    /// Single precision.
    case float32([Float])
    /// Double precision.
    case float64([Double])
    /// Signed integers of 32 bits.
    case int32([Int32])
    /// Signed integers of 64 bits.
    case int64([Int64])
    /// Bytes.
    case uint8([UInt8])
    /// Truth values.
    case bool([Bool])

    /// How many numbers there are.
    public var count: Int {
      switch self {
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .int32(let values): values.count
      case .int64(let values): values.count
      case .uint8(let values): values.count
      case .bool(let values): values.count
      }
    }
  }

  /// The extents, outermost first; empty for a single number.
  public let shape: [Int]
  /// The numbers.
  public let values: Values

  /// Creates an array; the shape's product is the number of values.
  public init(shape: [Int], values: Values) {
    precondition(
      shape.elementCount == values.count, "NumericArray: shape \(shape) does not hold \(values.count) values")
    self.shape = shape
    self.values = values
  }

  /// Creates an array of floats; without a shape it is a vector.
  public init(_ floats: [Float], shape: [Int]? = nil) {
    self.init(shape: shape ?? [floats.count], values: .float32(floats))
  }

  /// Creates an array of doubles; without a shape it is a vector.
  public init(_ doubles: [Double], shape: [Int]? = nil) {
    self.init(shape: shape ?? [doubles.count], values: .float64(doubles))
  }

  /// Creates an array of integers; without a shape it is a vector.
  public init(_ integers: [Int32], shape: [Int]? = nil) {
    self.init(shape: shape ?? [integers.count], values: .int32(integers))
  }

  /// Creates an array of integers; without a shape it is a vector.
  public init(_ integers: [Int64], shape: [Int]? = nil) {
    self.init(shape: shape ?? [integers.count], values: .int64(integers))
  }

  /// How many numbers there are.
  public var count: Int { values.count }

  /// The values as floats, doubles rounded to the nearest; `nil` for integers and truth values.
  public var floats: [Float]? {
    switch values {
    case .float32(let values): values
    case .float64(let values): values.map { Float($0) }
    default: nil
    }
  }

  /// The values as doubles; `nil` for integers and truth values.
  public var doubles: [Double]? {
    switch values {
    case .float32(let values): values.map { Double($0) }
    case .float64(let values): values
    default: nil
    }
  }

  /// The values as integers; `nil` for floating-point numbers and truth values.
  public var integers: [Int]? {
    switch values {
    case .int32(let values): values.map { Int($0) }
    case .int64(let values): values.map { Int($0) }
    case .uint8(let values): values.map { Int($0) }
    default: nil
    }
  }

  /// The values as truth values; `nil` for numbers.
  public var booleans: [Bool]? {
    if case .bool(let values) = values { values } else { nil }
  }
}

extension [Int] {
  /// The product of extents, or `nil` where there are over 64 of them, one is negative, or the product of those that
  /// are not zero has no place in an `Int`, so that no reader of an empty array meets sizes that overflow.
  var elementCount: Int? {
    if count > 64 { return nil }
    var product = 1
    for extent in self where extent != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if extent < 0 || overflow { return nil }
      product = next
    }
    return contains(0) ? 0 : product
  }
}
