import Diagnostics
import Foundation
import Kernels

extension Geometry {
  /// How far embeddings are apart: their mean squared distance from their centre; nil without rows.
  ///
  ///     spread = mean_i ‖u_i − mean_j u_j‖² = 1 − ‖mean_i u_i‖²
  ///
  /// It is 0 where all rows coincide, and near 1 where they fill the sphere; the mean cosine of two rows is 1 − spread.
  public static func spread(_ embeddings: Matrix) -> Double? {
    guard embeddings.rows > 0 else { return nil }
    let centred = centred(embeddings.normalisingRows())
    return centred.reduce(0) { $0 + $1 * $1 } / Double(embeddings.rows)
  }

  /// The number of directions that embeddings are spread over (Roy and Vetterli, EUSIPCO 2007); nil below two rows.
  ///
  ///     exp(−Σ_k p_k ln p_k),   p_k = σ_k / Σ_l σ_l
  ///
  /// σ are the singular values of the rows of length 1 less their centre. It is 1 where all rows lie on a line, and at most
  /// the smaller of width and rows less 1; rows that coincide have none, and give 1.
  ///
  /// - Throws: `UserError` where a number is not finite.
  public static func effectiveRank(_ embeddings: Matrix) throws(UserError) -> Double? {
    guard embeddings.rows > 1, embeddings.columns > 0 else { return nil }
    let (rows, columns) = (embeddings.rows, embeddings.columns)
    let values = centred(embeddings.normalisingRows())
    var products = [Float](repeating: 0, count: columns * columns)
    for first in 0..<columns {
      for second in first..<columns {
        var sum = 0.0
        for row in 0..<rows { sum += values[row * columns + first] * values[row * columns + second] }
        (products[first * columns + second], products[second * columns + first]) = (Float(sum), Float(sum))
      }
    }
    let found = try LAPACK.symmetricEigenvectors(
      of: Matrix(rows: columns, columns: columns, values: products)
    ).values
    // What single precision leaves of a 0 is below the square root of this share.
    let least = 1e-6 * Double(found.max() ?? 0)
    let singular = found.map { Double($0) > least ? Double($0).squareRoot() : 0 }
    let sum = singular.reduce(0, +)
    guard sum > 1e-6 else { return 1 }
    return exp(singular.reduce(0) { $1 > 0 ? $0 - $1 / sum * log($1 / sum) : $0 })
  }

  /// Rows less their mean, in double precision.
  private static func centred(_ rows: Matrix) -> [Double] {
    var values = rows.values.map(Double.init)
    for column in 0..<rows.columns {
      var sum = 0.0
      for row in 0..<rows.rows { sum += values[row * rows.columns + column] }
      let mean = sum / Double(rows.rows)
      for row in 0..<rows.rows { values[row * rows.columns + column] -= mean }
    }
    return values
  }
}
