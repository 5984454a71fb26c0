import COpenBLAS
import Diagnostics

/// The LAPACK drivers that evaluation needs, for row-major matrices.
///
/// LAPACK works column by column. A row-major matrix read that way is its transpose, so the eigenvalue and singular
/// value drivers are called on the transpose and nothing is copied to change the order.
public enum LAPACK {
  /// The eigenvalues, in ascending order, and unit eigenvectors, one per row, of a symmetric matrix (`ssyevd`).
  ///
  ///     A = Σ_i values[i] · vectors[i]ᵀ vectors[i]
  ///
  /// Only the upper triangle is read. The sign of an eigenvector is LAPACK's choice.
  ///
  /// - Throws: `UserError` of kind `data` if the matrix holds values that are not finite or LAPACK does not converge.
  public static func symmetricEigenvectors(
    of matrix: Matrix
  ) throws(UserError) -> (values: [Float], vectors: Matrix) {
    let size = matrix.rows
    precondition(size == matrix.columns, "Eigenvectors: [\(size), \(matrix.columns)] is not square")
    guard size > 0 else { return ([], matrix) }
    try checkFinite(matrix, "eigenvectors")
    BLAS.prepare()
    var vectors = matrix.values
    var values = [Float](repeating: 0, count: size)
    let status = LAPACKE_ssyevd(
      columnMajor, letter("V"), letter("L"), Int32(size), &vectors, Int32(size), &values)
    try check(status, "eigenvectors")
    return (values, Matrix(rows: size, columns: size, values: vectors))
  }

  /// The thin singular value decomposition `A = U · diag(values) · V` (`sgesdd`), singular values in descending order.
  ///
  /// Shapes: `A` is `[m, n]`, `left` (U) is `[m, r]`, `right` (V, one right vector per row) is `[r, n]`, `r = min(m, n)`.
  ///
  /// - Throws: `UserError` of kind `data` if the matrix holds values that are not finite or LAPACK does not converge.
  public static func singularVectors(
    of matrix: Matrix
  ) throws(UserError) -> (left: Matrix, values: [Float], right: Matrix) {
    let (m, n) = (matrix.rows, matrix.columns)
    let rank = min(m, n)
    guard rank > 0 else { return (Matrix(rows: m, columns: 0), [], Matrix(rows: 0, columns: n)) }
    try checkFinite(matrix, "singular vectors")
    BLAS.prepare()
    var copy = matrix.values
    var values = [Float](repeating: 0, count: rank)
    var right = [Float](repeating: 0, count: rank * n)
    var left = [Float](repeating: 0, count: m * rank)
    let status = LAPACKE_sgesdd(
      columnMajor, letter("S"), Int32(n), Int32(m), &copy, Int32(n), &values, &right, Int32(n), &left, Int32(rank))
    try check(status, "singular vectors")
    return (Matrix(rows: m, columns: rank, values: left), values, Matrix(rows: rank, columns: n, values: right))
  }

  /// The matrix `X` of least norm that minimises `‖A · X − B‖²`, and the effective rank of `A` (`sgelsd`).
  ///
  /// Shapes: `A` is `[m, n]`, `B` is `[m, k]`, `X` is `[n, k]`. Singular values below `tolerance` times the largest one
  /// count as zero; a negative tolerance stands for the machine's precision.
  ///
  /// - Throws: `UserError` of kind `data` if a matrix holds values that are not finite or LAPACK does not converge.
  public static func leastSquares(
    _ a: Matrix, _ b: Matrix, tolerance: Float = -1
  ) throws(UserError) -> (solution: Matrix, rank: Int) {
    let (m, n, k) = (a.rows, a.columns, b.columns)
    precondition(m == b.rows, "Least squares: [\(m), \(n)] · X = [\(b.rows), \(k)] does not fit")
    guard m > 0, n > 0, k > 0 else { return (Matrix(rows: n, columns: k), 0) }
    try checkFinite(a, "least squares")
    try checkFinite(b, "least squares")
    BLAS.prepare()
    var copy = a.values
    var solution = b.values + [Float](repeating: 0, count: max(0, n - m) * k)
    var singularValues = [Float](repeating: 0, count: min(m, n))
    var rank: Int32 = 0
    let status = LAPACKE_sgelsd(
      rowMajor, Int32(m), Int32(n), Int32(k), &copy, Int32(n), &solution, Int32(k), &singularValues, tolerance, &rank)
    try check(status, "least squares")
    return (Matrix(rows: n, columns: k, values: Array(solution[..<(n * k)])), Int(rank))
  }

  private static let rowMajor: Int32 = 101
  private static let columnMajor: Int32 = 102

  private static func letter(_ character: Unicode.Scalar) -> CChar { CChar(UInt8(ascii: character)) }

  private static func checkFinite(_ matrix: Matrix, _ operation: String) throws(UserError) {
    guard !matrix.values.allSatisfy(\.isFinite) else { return }
    throw UserError(
      .data, "the \(operation) of a matrix with values that are not finite are undefined",
      mend: "look for a diverged run or a broken data file")
  }

  private static func check(_ status: Int32, _ operation: String) throws(UserError) {
    precondition(status >= 0, "LAPACK \(operation): argument \(-status) is not allowed, or memory ran out")
    guard status > 0 else { return }
    throw UserError(
      .data, "LAPACK did not converge on the \(operation)", mend: "look for values of very different sizes")
  }
}
