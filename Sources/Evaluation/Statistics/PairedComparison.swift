/// Methods by one score, their runs paired by seed.
///
///     d_m ± t_{0.975, n−1} · s_m / √n,   d_m = mean_seed (x_m − x_reference) over the seeds that both have
public struct PairedComparison: Equatable, Sendable {
  /// The mean difference of a method from the reference.
  public struct Difference: Equatable, Codable, Sendable {
    /// The mean of the method less the reference.
    public let mean: Double
    /// Half of the width of the interval; nil for a single seed.
    public let halfWidth: Double?
    /// The number of seeds that both have.
    public let count: Int
    /// Whether the interval leaves zero out.
    ///
    /// An interval of no width does not count: seeds that agree to the last digit, as small counts do, say little.
    public let excludesZero: Bool

    /// Compares values by seed; nil where no seed is common.
    public init?(_ method: [Int: Double], _ reference: [Int: Double], confidence: Double = 0.95) {
      let seeds = method.keys.filter { reference[$0] != nil }.sorted()
      let pairs = seeds.compactMap { seed in method[seed].flatMap { own in reference[seed].map { (own, $0) } } }
      guard let estimate = Estimate.difference(pairs.map(\.0), pairs.map(\.1), confidence: confidence) else {
        return nil
      }
      mean = estimate.mean
      halfWidth = estimate.halfWidth
      count = pairs.count
      // What rounding leaves of no scatter is none.
      let scale = pairs.reduce(0) { max($0, abs($1.0), abs($1.1)) }
      guard let width = estimate.halfWidth, width.isFinite, width > 1e-9 * scale else {
        excludesZero = false
        return
      }
      excludesZero = abs(mean) > width
    }
  }

  /// The method with the best mean, of those whose mean is finite; nil where no direction is better.
  public let best: Int?
  /// The method that the others are held against.
  public let reference: Int?
  /// Each method's difference from the reference; nil for a method without values and for the reference itself.
  public let differences: [Difference?]
  /// The best method, where its difference from every other one leaves zero out.
  public let standsOut: Int?

  /// Compares methods.
  ///
  /// - Parameters:
  ///   - values: each method's values by seed; empty for one without the score.
  ///   - higherIsBetter: which direction is better; nil for neither.
  ///   - reference: the method to hold the others against; the best where it is nil or has no values.
  public init(_ values: [[Int: Double]], higherIsBetter: Bool?, reference named: Int? = nil, confidence: Double = 0.95)
  {
    precondition(
      named.map(values.indices.contains) ?? true, "PairedComparison: no method \(named ?? 0) of \(values.count)")
    let means = values.map { own in
      Estimate(of: own.sorted { $0.key < $1.key }.map(\.value)).map(\.mean).flatMap { $0.isFinite ? $0 : nil }
    }
    var best: Int?
    if let higherIsBetter {
      for (index, mean) in means.enumerated() {
        guard let mean else { continue }
        guard let present = best.flatMap({ means[$0] }) else {
          best = index
          continue
        }
        if higherIsBetter ? mean > present : mean < present { best = index }
      }
    }
    self.best = best
    let reference = named.flatMap { values[$0].isEmpty ? nil : $0 } ?? best
    self.reference = reference
    differences = values.indices.map { index in
      guard let reference, index != reference else { return nil }
      return Difference(values[index], values[reference], confidence: confidence)
    }
    guard let best else {
      standsOut = nil
      return
    }
    let others = values.indices.filter { $0 != best && !values[$0].isEmpty }
    let isClear =
      !others.isEmpty
      && others.allSatisfy { Difference(values[best], values[$0], confidence: confidence)?.excludesZero == true }
    standsOut = isClear ? best : nil
  }
}
