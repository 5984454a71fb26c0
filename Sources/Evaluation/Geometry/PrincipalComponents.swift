import Diagnostics
import Kernels

/// The orthogonal directions of greatest variance of a data set (PCA).
///
///     C = (X − mean)ᵀ (X − mean) / (n − 1) = Σ_i variance_i · c_iᵀ c_i
///
/// The entry of largest magnitude of each component is positive, the first of equal ones, so that a plot does not flip
/// between machines.
public struct PrincipalComponents: Sendable {
  /// The mean of the data, `[dimension]`.
  public let mean: [Float]
  /// Unit directions by descending variance, one per row, `[count, dimension]`.
  public let components: Matrix
  /// The variance of the data along each component.
  public let variances: [Double]
  /// The variance of the data in all directions.
  public let totalVariance: Double

  /// Finds the leading components of `[observations, dimension]`; no more than both sizes allow.
  ///
  /// - Throws: `UserError` of kind `data` if the data hold values that are not finite.
  public init(of data: Matrix, count: Int) throws(UserError) {
    mean = data.columnMeans()
    let centred = data.subtractingFromRows(mean)
    let degrees = Double(max(data.rows - 1, 1))
    let (values, vectors): ([Double], Matrix)
    if data.rows >= data.columns {
      let scatter = centred.multiplied(by: centred, transposingSelf: true)
      let (ascending, rows) = try LAPACK.symmetricEigenvectors(of: scatter)
      // Rounding may turn a variance of zero negative.
      values = ascending.reversed().map { max(0, Double($0)) / degrees }
      vectors = rows.gathering((0..<rows.rows).reversed())
    } else {
      let (_, singular, right) = try LAPACK.singularVectors(of: centred)
      values = singular.map { Double($0) * Double($0) / degrees }
      vectors = right
    }
    totalVariance = centred.values.reduce(0.0) { $0 + Double($1) * Double($1) } / degrees
    let kept = min(max(count, 0), values.count)
    variances = Array(values[..<kept])
    var components = vectors.gathering(0..<kept)
    for row in 0..<kept {
      let largest = components[row: row].map(abs).max() ?? 0
      guard let first = components[row: row].first(where: { abs($0) == largest }), first < 0 else { continue }
      for column in 0..<components.columns { components[row, column].negate() }
    }
    self.components = components
  }

  /// The share of the total variance along each component; zeros if the data do not vary.
  public var varianceShares: [Double] { variances.map { totalVariance > 0 ? $0 / totalVariance : 0 } }

  /// The coordinates of rows along the components, `[observations, count]`.
  public func projection(of data: Matrix) -> Matrix {
    data.subtractingFromRows(mean).multiplied(by: components, transposingOther: true)
  }
}
