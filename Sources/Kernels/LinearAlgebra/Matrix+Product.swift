import COpenBLAS

extension Matrix {
  /// The matrix product `op(self) · op(other)`, where `op` transposes where asked.
  ///
  /// Shapes: `[m, k]` and `[k, n]` after transposing give `[m, n]`.
  public func multiplied(
    by other: Matrix, transposingSelf: Bool = false, transposingOther: Bool = false
  ) -> Matrix {
    let (m, inner) = transposingSelf ? (columns, rows) : (rows, columns)
    let (k, n) = transposingOther ? (other.columns, other.rows) : (other.rows, other.columns)
    precondition(inner == k, "Matrix product: [\(m), \(inner)] · [\(k), \(n)] does not fit")
    guard m > 0, n > 0, k > 0 else { return Matrix(rows: m, columns: n) }
    let product = [Float](unsafeUninitializedCapacity: m * n) { target, count in
      values.withUnsafeBufferPointer { a in
        other.values.withUnsafeBufferPointer { b in
          BLAS.multiply(
            m: m, n: n, k: k, a.baseAddress!, leading: columns, transposed: transposingSelf,
            b.baseAddress!, leading: other.columns, transposed: transposingOther,
            into: target.baseAddress!, leading: n)
        }
      }
      count = m * n
    }
    return Matrix(rows: m, columns: n, values: product)
  }
}
