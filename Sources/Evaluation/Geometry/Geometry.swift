import Foundation
import Kernels

/// Measures of where embeddings lie on the unit sphere; every function first scales rows to length 1.
public enum Geometry {
  /// The mean distance of matched rows, to a power (Wang and Isola, ICML 2020); nil without rows.
  ///
  ///     align = mean_i ‖x_i − y_i‖₂^α
  public static func alignment(_ first: Matrix, _ second: Matrix, power: Double = 2) -> Double? {
    guard first.rows > 0 else { return nil }
    var sum = 0.0
    forEachMatchedBlock(first, second, "Alignment") { x, y in
      for row in 0..<x.rows {
        let squared = zip(x[row: row], y[row: row]).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
        sum += pow(squared, power / 2)
      }
    }
    return sum / Double(first.rows)
  }

  /// The most rows whose pairs ``uniformity(_:t:most:)`` looks at.
  public static let mostUniform = 20_000

  /// The logarithm of the mean Gaussian potential of all pairs (Wang and Isola, ICML 2020); nil below two rows.
  ///
  ///     uniform = log mean_{i<j} exp(−t ‖x_i − x_j‖²)
  ///
  /// Lower is more uniform; 0 means that all rows coincide.
  ///
  /// - Parameter most: the most rows whose pairs are looked at, evenly spread over all.
  public static func uniformity(_ embeddings: Matrix, t: Double = 2, most: Int = Geometry.mostUniform) -> Double? {
    precondition(most > 1, "Uniformity: pairs of \(most) rows")
    let rows = embeddings.rows
    let taken = rows > most ? embeddings.gathering((0..<most).map { $0 * rows / most }) : embeddings
    let x = taken.normalisingRows()
    guard x.rows > 1 else { return nil }
    // Rows may be zero, so their squared lengths are 1 or 0.
    let squares = x.rowLengths().map { $0 * $0 }
    var sum = 0.0
    SimilarityBlocks(queries: x, candidates: x).forEachRow { row, cosines in
      var rowSum = 0.0
      for other in row + 1..<x.rows {
        let distance = max(0, squares[row] + squares[other] - 2 * cosines[other])
        rowSum += exp(-t * Double(distance))
      }
      sum += rowSum
    }
    return log(sum / (Double(x.rows) * Double(x.rows - 1) / 2))
  }

  /// The distance between the centres of two modalities (Liang et al., NeurIPS 2022); nil if either has no rows.
  ///
  ///     gap = ‖mean_i u_i − mean_j v_j‖₂
  public static func modalityGap(_ first: Matrix, _ second: Matrix) -> Double? {
    guard first.rows > 0, second.rows > 0 else { return nil }
    precondition(
      first.columns == second.columns, "Modality gap: widths \(first.columns) and \(second.columns) are unlike")
    return length(zip(unitCentre(of: first), unitCentre(of: second)).map { $0 - $1 })
  }

  /// Moves two modalities towards each other along the line between their centres (Liang et al., NeurIPS 2022).
  ///
  ///     u' = n(u − δ/2 · Δ/‖Δ‖),   v' = n(v + δ/2 · Δ/‖Δ‖),   Δ = mean u − mean v,   n(x) = x / ‖x‖₂
  ///
  /// A negative `distance` (δ) moves them apart; without a gap, or without rows, nothing moves.
  public static func shifting(_ first: Matrix, _ second: Matrix, by distance: Double) -> (Matrix, Matrix) {
    let (u, v) = (first.normalisingRows(), second.normalisingRows())
    guard u.rows > 0, v.rows > 0 else { return (u, v) }
    let gap = gapVector(u, v)
    let length = length(gap)
    guard length > 0 else { return (u, v) }
    let step = gap.map { Float($0 * distance / 2 / length) }
    return (
      u.subtractingFromRows(step).normalisingRows(), v.subtractingFromRows(step.map { -$0 }).normalisingRows()
    )
  }

  /// The mean cosine of matched rows; nil without rows.
  ///
  ///     mean_i u_i · v_i
  public static func matchedCosine(_ first: Matrix, _ second: Matrix) -> Double? {
    guard first.rows > 0 else { return nil }
    var sum = 0.0
    forEachMatchedBlock(first, second, "Matched cosine") { u, v in
      for (one, other) in zip(u.values, v.values) { sum += Double(one) * Double(other) }
    }
    return sum / Double(first.rows)
  }

  /// The mean cosine of all pairs of unlike rows of one modality: the cone effect; nil below two rows.
  ///
  ///     mean_{i≠j} u_i · u_j = (‖Σ_i u_i‖² − Σ_i ‖u_i‖²) / (n (n − 1))
  public static func coneCosine(_ embeddings: Matrix) -> Double? {
    let u = embeddings.normalisingRows()
    guard u.rows > 1 else { return nil }
    let count = Double(u.rows)
    let centre = centre(of: u)
    let squares = u.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    return (centre.reduce(0) { $0 + $1 * $1 } * count * count - squares) / (count * (count - 1))
  }

  /// How many rows of length 1 are made at a time.
  private static let block = 1 << 12

  /// Calls `body` with rows of length 1, some of both at a time, in their order.
  private static func forEachMatchedBlock(
    _ first: Matrix, _ second: Matrix, _ operation: String, _ body: (Matrix, Matrix) -> Void
  ) {
    precondition(
      first.rows == second.rows && first.columns == second.columns,
      "\(operation): [\(first.rows), \(first.columns)] and [\(second.rows), \(second.columns)] do not match")
    let (x, y) = (ComparedRows(first, by: .cosine), ComparedRows(second, by: .cosine))
    for start in stride(from: 0, to: first.rows, by: block) {
      let range = start..<min(start + block, first.rows)
      body(x[range], y[range])
    }
  }

  /// The centre of rows of length 1.
  private static func unitCentre(of rows: Matrix) -> [Double] {
    var sums = [Double](repeating: 0, count: rows.columns)
    let units = ComparedRows(rows, by: .cosine)
    for start in stride(from: 0, to: rows.rows, by: block) {
      add(units[start..<min(start + block, rows.rows)], to: &sums)
    }
    return sums.map { $0 / Double(rows.rows) }
  }

  private static func add(_ rows: Matrix, to sums: inout [Double]) {
    for row in 0..<rows.rows {
      for column in 0..<rows.columns { sums[column] += Double(rows[row, column]) }
    }
  }

  private static func centre(of rows: Matrix) -> [Double] {
    var sums = [Double](repeating: 0, count: rows.columns)
    add(rows, to: &sums)
    return sums.map { $0 / Double(rows.rows) }
  }

  private static func gapVector(_ u: Matrix, _ v: Matrix) -> [Double] {
    precondition(u.columns == v.columns, "Modality gap: widths \(u.columns) and \(v.columns) are unlike")
    return zip(centre(of: u), centre(of: v)).map { $0 - $1 }
  }

  private static func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
