import Kernels

extension Matrix {
  /// The column of the largest value of each row, the first of equal ones; a value that is not a number is never the
  /// largest unless no other is there.
  public func largestColumns() -> [Int] {
    precondition(columns > 0 || rows == 0, "Largest columns: [\(rows), 0] has no columns")
    return (0..<rows).map { row in
      let values = self[row: row]
      var best = values.startIndex
      for i in values.indices where values[i] > values[best] || values[best].isNaN { best = i }
      return best - values.startIndex
    }
  }
}
