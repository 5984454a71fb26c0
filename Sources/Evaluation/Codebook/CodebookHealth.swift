import Foundation
import Kernels

/// Whether observations that match activate the same codes of a shared codebook, and, by ``Use``, how many codes an
/// observation activates and how many are in use at all.
///
/// The weights of each observation on the codes, `[observations, codes]`, are not negative and sum to 1. A code is in an
/// observation's support where its weight is above 0.
public struct CodebookHealth: Equatable, Sendable {
  /// One modality's use of the codes.
  public struct Use: Equatable, Sendable {
    /// The mean number of codes in the support.
    public let support: Double
    /// The share of codes that are in the support of some observation.
    public let usedShare: Double
    /// exp of the entropy of the mean weights: as many codes, used evenly, would be as diverse.
    ///
    ///     perplexity = exp(− Σ_c p_c log p_c),   p = mean_i w[i]
    public let perplexity: Double
  }

  /// The mean overlap of matching supports, |A ∩ B| / |A ∪ B| (Jaccard).
  public let matchedOverlap: Double
  /// The mean overlap of the supports of observations that do not match.
  public let mismatchedOverlap: Double
  /// The share of matching observations whose heaviest code is the same.
  public let matchedAgreement: Double
  /// The share of observations that do not match whose heaviest code is the same.
  public let mismatchedAgreement: Double
  /// The mean cosine of matching weights.
  public let matchedCosine: Double
  /// The mean cosine of the weights of observations that do not match.
  public let mismatchedCosine: Double

  /// Compares matching rows with each other, and with rows that do not match: those half of the rows further on.
  ///
  /// - Returns: nil for fewer than two observations.
  public init?(_ first: Matrix, _ second: Matrix) {
    precondition(
      first.rows == second.rows && first.columns == second.columns,
      "Codebook health: weights [\(first.rows), \(first.columns)] and [\(second.rows), \(second.columns)]")
    guard first.rows > 1, first.columns > 0 else { return nil }
    let shift = max(1, first.rows / 2)
    var sums = (overlap: 0.0, other: 0.0, cosine: 0.0, otherCosine: 0.0)
    for row in 0..<first.rows {
      let own = Self.comparison(first, row, second, row)
      let other = Self.comparison(first, row, second, (row + shift) % first.rows)
      sums.overlap += own.overlap
      sums.cosine += own.cosine
      sums.other += other.overlap
      sums.otherCosine += other.cosine
    }
    let count = Double(first.rows)
    let (heaviest, others) = (Self.heaviest(of: first), Self.heaviest(of: second))
    func agreement(_ shift: Int) -> Double {
      Double((0..<first.rows).count { heaviest[$0] == others[($0 + shift) % first.rows] }) / count
    }
    (matchedAgreement, mismatchedAgreement) = (agreement(0), agreement(shift))
    (matchedOverlap, mismatchedOverlap) = (sums.overlap / count, sums.other / count)
    (matchedCosine, mismatchedCosine) = (sums.cosine / count, sums.otherCosine / count)
  }

  /// The use of the codes by observations of the weights `[observations, codes]`; nil for none of them.
  public static func use(of weights: Matrix) -> Use? {
    guard weights.rows > 0, weights.columns > 0 else { return nil }
    var sums = [Double](repeating: 0, count: weights.columns)
    var active = 0
    weights.values.withUnsafeBufferPointer { values in
      for row in 0..<weights.rows {
        for column in 0..<weights.columns {
          let weight = values[row * weights.columns + column]
          sums[column] += Double(weight)
          if weight > 0 { active += 1 }
        }
      }
    }
    let total = sums.reduce(0, +)
    let entropy = sums.reduce(0.0) { entropy, sum in
      let share = total > 0 ? sum / total : 0
      return share > 0 ? entropy - share * log(share) : entropy
    }
    return Use(
      support: Double(active) / Double(weights.rows),
      usedShare: Double(sums.count { $0 > 0 }) / Double(weights.columns), perplexity: exp(entropy))
  }

  /// The code of the greatest weight of each observation, the first of equals.
  private static func heaviest(of weights: Matrix) -> [Int] {
    (0..<weights.rows).map { row in
      let own = weights[row: row]
      return own.indices.max { own[$0] < own[$1] || own[$0] == own[$1] && $0 > $1 }.map { $0 - own.startIndex } ?? 0
    }
  }

  private static func comparison(
    _ a: Matrix, _ row: Int, _ b: Matrix, _ other: Int
  ) -> (overlap: Double, cosine: Double) {
    var (both, either) = (0, 0)
    var (product, first, second) = (0.0, 0.0, 0.0)
    let width = a.columns
    a.values.withUnsafeBufferPointer { a in
      b.values.withUnsafeBufferPointer { b in
        for column in 0..<width {
          let (x, y) = (Double(a[row * width + column]), Double(b[other * width + column]))
          both += x > 0 && y > 0 ? 1 : 0
          either += x > 0 || y > 0 ? 1 : 0
          product += x * y
          first += x * x
          second += y * y
        }
      }
    }
    let lengths = (first * second).squareRoot()
    return (either > 0 ? Double(both) / Double(either) : 0, lengths > 0 ? product / lengths : 0)
  }
}
