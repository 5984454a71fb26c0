import Kernels
import Synchronization

/// The variance of a difference of two methods whose runs and test items are both samples: families of items and seeds
/// are drawn anew together, crossed (the pigeonhole bootstrap; Owen, Annals of Applied Statistics, 2007).
///
/// Each draw gives every family a number of times that it was drawn, the same for all runs, and takes runs with
/// replacement; both methods have the same families, and where runs are paired the same seeds. The variance of the draws
/// counts the seeds' share (n − 1)/n times, as every bootstrap does, so what is missing is added.
public struct CrossedBootstrap: Sendable {
  /// How often families and seeds are drawn.
  public let resamples: Int

  /// Creates a bootstrap.
  public init(resamples: Int = 2_000) {
    precondition(resamples > 1, "CrossedBootstrap: \(resamples) resamples make no variance")
    self.resamples = resamples
  }

  /// What the draws tell.
  public struct Variance: Equatable, Sendable {
    /// The variance of the mean difference by seeds and items.
    public let total: Double
    /// The number of families.
    public let families: Int

    /// States a variance.
    public init(total: Double, families: Int) { (self.total, self.families) = (total, families) }
  }

  /// Draws of some families: how often each was drawn, `[resamples, families]`.
  public struct Draws: Sendable {
    /// The families.
    public let families: Set<Int32>
    fileprivate let places: [Int32: Int]
    fileprivate let weights: Matrix
    fileprivate let stream: RandomStream
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
      weights: weights, stream: stream)
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

  /// The variance of the mean of the first method's runs less that of the second's.
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
      return Variance(total: one.total + other.total, families: min(one.families, other.families))
    }
    return variance(own, DrawnRuns(second, in: draws), in: draws, isPaired: isPaired)
  }

  /// The variance of two methods' runs in the same draws.
  public func variance(
    _ first: DrawnRuns, _ second: DrawnRuns?, in draws: Draws, isPaired: Bool
  ) -> Variance? {
    precondition(
      !isPaired || second.map { $0.values.count == first.values.count } ?? true,
      "CrossedBootstrap: \(first.values.count) runs cannot be paired with \(second?.values.count ?? 0)")
    guard first.values.count > 1, second.map({ $0.values.count > 1 }) ?? true else { return nil }
    var stream = draws.stream
    func mean(_ runs: [Double], _ picks: [Int]) -> Double {
      picks.reduce(0) { $0 + runs[$1] } / Double(picks.count)
    }
    func picks(_ count: Int) -> [Int] { (0..<count).map { _ in stream.below(count) } }
    let differences = (0..<resamples).map { draw -> Double in
      let own = picks(first.values.count)
      guard let second else { return mean(first.drawn[draw], own) }
      let other = isPaired ? own : picks(second.values.count)
      return mean(first.drawn[draw], own) - mean(second.drawn[draw], other)
    }
    guard let deviation = Estimate(of: differences)?.standardDeviation else { return nil }
    return Variance(
      total: deviation * deviation + missing(first.values, second?.values ?? [], isPaired: isPaired),
      families: draws.families.count)
  }

  /// What draws of few runs leave out of the seeds' variance.
  private func missing(_ own: [Double], _ other: [Double], isPaired: Bool) -> Double {
    func part(_ values: [Double]) -> Double {
      guard let estimate = Estimate(of: values), let deviation = estimate.standardDeviation else { return 0 }
      return deviation * deviation / Double(values.count * values.count)
    }
    return isPaired && !other.isEmpty ? part(zip(own, other).map { $0 - $1 }) : part(own) + part(other)
  }
}
