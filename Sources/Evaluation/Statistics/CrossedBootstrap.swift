import Kernels
import Synchronization

/// What the test items add to the variance of a difference of two methods whose runs are a sample, too: families of items
/// are drawn anew, the same for all runs.
///
/// The variance of n runs' mean over draws of families has the items' own part and a part of the noise between run and
/// item, σ²_item / F + σ²_noise / (n F); that of one run has the noise in full. Since the runs' own variance counts the
/// noise already, the items' part alone is wanted:
///
///     σ²_item / F = (n · var(mean of the runs) − mean of var(run)) / (n − 1)
///
/// Drawing seeds and families together instead (the pigeonhole bootstrap; Owen, Annals of Applied Statistics, 2007) would
/// count the noise three times.
public struct CrossedBootstrap: Sendable {
  /// How often families are drawn.
  public let resamples: Int

  /// Creates a bootstrap.
  public init(resamples: Int = 2_000) {
    precondition(resamples > 1, "CrossedBootstrap: \(resamples) resamples make no variance")
    self.resamples = resamples
  }

  /// What the draws tell.
  public struct Variance: Equatable, Sendable {
    /// The variance of the mean difference by the items; by chance below 0 where it is small.
    public let items: Double
    /// The number of families.
    public let families: Int

    /// States a variance.
    public init(items: Double, families: Int) { (self.items, self.families) = (items, families) }
  }

  /// Draws of some families: how often each was drawn, `[resamples, families]`.
  public struct Draws: Sendable {
    /// The families.
    public let families: Set<Int32>
    fileprivate let places: [Int32: Int]
    fileprivate let weights: Matrix
  }

  /// Draws the families of some runs; `nil` for fewer than two.
  public func draws(for runs: [ItemScore]) -> Draws? {
    let members = Set(runs.flatMap(\.parts).flatMap(\.counts.keys))
    guard members.count > 1 else { return nil }
    let count = resamples
    if let found = Self.known.withLock({ known in
      known.first { $0.weights.rows == count && $0.families == members }
    }) {
      return found
    }
    let families = members.sorted()
    var stream = RandomStream(seed: 0, name: "crossed bootstrap")
    var weights = Matrix(rows: resamples, columns: families.count)
    for draw in 0..<resamples {
      for _ in families.indices { weights[draw, stream.below(families.count)] += 1 }
    }
    let drawn = Draws(
      families: members, places: Dictionary(uniqueKeysWithValues: families.enumerated().map { ($1, $0) }),
      weights: weights)
    Self.known.withLock { $0 = [drawn] + $0.prefix(3) }
    return drawn
  }

  /// The draws that were made last, since many scores of one test side have the same families.
  private static let known = Mutex<[Draws]>([])

  /// Runs of a method with what each draw of families makes of their scores.
  public struct DrawnRuns: Sendable {
    /// The runs' own scores.
    let values: [Double]
    /// `[draw][run]`.
    fileprivate let drawn: [[Double]]
    /// The mean of the runs in each draw.
    fileprivate var means: [Double] { drawn.map(SampleStatistic.mean) }

    /// Scores runs in draws of all their families.
    public init(_ runs: [ItemScore], in draws: Draws) {
      values = runs.map(\.value)
      let sums = Sums(runs, places: draws.places)
      let weighted = draws.weights.multiplied(by: sums.columns)
      drawn = (0..<draws.weights.rows).map { sums.scores(weighted, draw: $0) }
    }
  }

  /// The scores of runs summed up by family.
  private struct Sums {
    /// `[families, parts · runs · 2]`: sums and counts of each part of each run.
    let columns: Matrix
    let parts: Int
    let count: Int

    init(_ runs: [ItemScore], places: [Int32: Int]) {
      (parts, count) = (runs.first?.parts.count ?? 0, runs.count)
      var columns = Matrix(rows: places.count, columns: 2 * runs.count * parts)
      for (run, score) in runs.enumerated() {
        for (index, part) in score.parts.enumerated() {
          let column = 2 * (run * parts + index)
          for (family, count) in part.counts {
            guard let row = places[family] else { continue }
            columns[row, column] = Float(part.sums[family] ?? 0)
            columns[row, column + 1] = Float(count)
          }
        }
      }
      self.columns = columns
    }

    /// The score of each run in a draw of families, one row of weighted sums.
    func scores(_ sums: Matrix, draw: Int) -> [Double] {
      (0..<count).map { run in
        (0..<parts).reduce(0.0) { sum, part in
          let column = 2 * (run * parts + part)
          let count = Double(sums[draw, column + 1])
          return sum + (count > 0 ? Double(sums[draw, column]) / count : 0)
        }
      }
    }
  }

  /// What the items add to the variance of the mean of the first method's runs less that of the second's.
  ///
  /// Where both were tested on the same families each draw has the same of both; else their variances add up.
  ///
  /// - Parameters:
  ///   - second: the runs of the other method; empty where the first is held against a number.
  ///   - isPaired: whether runs of the same place were trained with one seed and belong together.
  /// - Returns: `nil` for fewer than two runs or families.
  public func variance(_ first: [ItemScore], _ second: [ItemScore] = [], isPaired: Bool) -> Variance? {
    guard let draws = draws(for: first) else { return nil }
    let own = DrawnRuns(first, in: draws)
    guard !second.isEmpty else { return variance(own, nil, in: draws, isPaired: false) }
    guard let others = self.draws(for: second) else { return nil }
    guard others.families == draws.families else {
      guard let one = variance(own, nil, in: draws, isPaired: false),
        let other = variance(DrawnRuns(second, in: others), nil, in: others, isPaired: false)
      else { return nil }
      return Variance(items: one.items + other.items, families: min(one.families, other.families))
    }
    return variance(own, DrawnRuns(second, in: draws), in: draws, isPaired: isPaired)
  }

  /// What the items add to the variance of two methods' runs in the same draws.
  public func variance(
    _ first: DrawnRuns, _ second: DrawnRuns?, in draws: Draws, isPaired: Bool
  ) -> Variance? {
    precondition(
      !isPaired || second.map { $0.values.count == first.values.count } ?? true,
      "CrossedBootstrap: \(first.values.count) runs cannot be paired with \(second?.values.count ?? 0)")
    guard first.values.count > 1, second.map({ $0.values.count > 1 }) ?? true else { return nil }
    let families = draws.families.count
    guard let second else {
      return Variance(items: Self.variance(first.means) - Self.noise(first.drawn), families: families)
    }
    let whole = Self.variance(zip(first.means, second.means).map { $0 - $1 })
    let noise =
      isPaired
      ? Self.noise(zip(first.drawn, second.drawn).map { own, other in zip(own, other).map { $0 - $1 } })
      : Self.noise(first.drawn) + Self.noise(second.drawn)
    return Variance(items: whole - noise, families: families)
  }

  /// The noise between run and item in the variance of the runs' mean, from `[draw][run]`.
  private static func noise(_ drawn: [[Double]]) -> Double {
    let count = drawn.first?.count ?? 0
    let single = (0..<count).reduce(0) { sum, run in sum + variance(drawn.map { $0[run] }) } / Double(count)
    return (single - variance(drawn.map(SampleStatistic.mean))) / Double(count - 1)
  }

  private static func variance(_ values: [Double]) -> Double {
    let deviation = Estimate(of: values)?.standardDeviation ?? 0
    return deviation * deviation
  }
}
