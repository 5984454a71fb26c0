/// Holm's correction of several tests that are looked at together (Scandinavian Journal of Statistics, 1979).
///
///     p̃_(i) = max_{j ≤ i} min(1, (m − j + 1) · p_(j)),   p_(1) ≤ … ≤ p_(m)
///
/// The probability that any true hypothesis of the m is rejected stays below the level.
public enum HolmCorrection {
  /// The adjusted probabilities in the order of the given ones.
  ///
  /// - Parameter count: m, where it is more than are given: what was looked at, too, but is less probable to be told.
  public static func adjusted(_ probabilities: [Double], of count: Int? = nil) -> [Double] {
    let count = count ?? probabilities.count
    precondition(count >= probabilities.count, "Holm: \(probabilities.count) tests of \(count)")
    var adjusted = probabilities
    var largest = 0.0
    let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, Double(count - rank) * probabilities[index]))
      adjusted[index] = largest
    }
    return adjusted
  }
}
