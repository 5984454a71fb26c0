/// A dense matrix of 32-bit floats in row-major order: the plain numbers that evaluation works on, without gradients.
public struct Matrix: Equatable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// All values, row after row.
  public var values: [Float]

  /// Creates a matrix from its values, row after row.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(
      rows >= 0 && columns >= 0 && values.count == rows * columns,
      "Matrix: \(values.count) values do not fill \(rows) × \(columns)")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// Creates a matrix of one repeated value.
  public init(rows: Int, columns: Int, repeating value: Float = 0) {
    self.init(rows: rows, columns: columns, values: [Float](repeating: value, count: rows * columns))
  }

  /// The value at a row and a column.
  @inlinable public subscript(row: Int, column: Int) -> Float {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// The values of one row.
  @inlinable public subscript(row row: Int) -> ArraySlice<Float> { values[row * columns..<(row + 1) * columns] }

  /// The matrix made of the named rows, in their order.
  public func gathering(_ indices: some Collection<Int>) -> Matrix {
    var gathered: [Float] = []
    gathered.reserveCapacity(indices.count * columns)
    for index in indices { gathered += self[row: index] }
    return Matrix(rows: indices.count, columns: columns, values: gathered)
  }
}
