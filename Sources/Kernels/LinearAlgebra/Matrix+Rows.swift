extension Matrix {
  /// The matrix with each row divided by its Euclidean length, or by `epsilon` where the length is less.
  ///
  ///     x / max(‖x‖₂, ε)
  public func normalisingRows(epsilon: Float = 1e-12) -> Matrix {
    var result = self
    result.values.withUnsafeMutableBufferPointer { values in
      for row in 0..<rows {
        let start = row * columns
        var sum = 0.0
        for i in start..<start + columns { sum += Double(values[i]) * Double(values[i]) }
        let scale = 1 / max(sum.squareRoot(), Double(epsilon))
        for i in start..<start + columns { values[i] = Float(Double(values[i]) * scale) }
      }
    }
    return result
  }

  /// The Euclidean length of each row.
  public func rowLengths() -> [Float] {
    (0..<rows).map { row in
      Float(self[row: row].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
    }
  }

  /// The transposed matrix.
  public func transposed() -> Matrix {
    let transposed = [Float](unsafeUninitializedCapacity: values.count) { target, count in
      values.withUnsafeBufferPointer { source in
        for row in 0..<rows {
          for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
        }
      }
      count = rows * columns
    }
    return Matrix(rows: columns, columns: rows, values: transposed)
  }

  /// The mean of each column, summed in 64 bits; zeros for a matrix without rows.
  public func columnMeans() -> [Float] {
    var sums = [Double](repeating: 0, count: columns)
    values.withUnsafeBufferPointer { values in
      for row in 0..<rows {
        for column in 0..<columns { sums[column] += Double(values[row * columns + column]) }
      }
    }
    return sums.map { Float($0 / Double(max(rows, 1))) }
  }

  /// The matrix with one offset per column subtracted from every row.
  public func subtractingFromRows(_ offsets: [Float]) -> Matrix {
    precondition(
      offsets.count == columns, "Subtracting from rows: [\(rows), \(columns)] minus [\(offsets.count)] does not fit")
    var result = self
    result.values.withUnsafeMutableBufferPointer { values in
      for row in 0..<rows {
        for column in 0..<columns { values[row * columns + column] -= offsets[column] }
      }
    }
    return result
  }
}
