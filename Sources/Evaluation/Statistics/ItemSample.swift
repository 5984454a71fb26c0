/// The test items behind the values of several methods, all drawn anew alike.
struct ItemSample {
  private let bootstrap = CrossedBootstrap()
  private let draws: CrossedBootstrap.Draws?
  /// Each method's runs in the draws; nil for one that lacks a run's items, or was tested on other ones.
  private let runs: [CrossedBootstrap.DrawnRuns?]
  private let seeds: [[Int]]

  /// Draws the items of methods; of one without items only runs are a sample.
  ///
  /// - Parameters:
  ///   - items: each method's scores by seed.
  ///   - values: each method's values by seed.
  init(_ items: [[Int: ItemScore]], of values: [[Int: Double]]) {
    seeds = values.map { $0.keys.sorted() }
    let ordered = zip(items, seeds).map { items, seeds -> [ItemScore]? in
      let own = seeds.compactMap { items[$0] }
      return own.isEmpty || own.count != seeds.count ? nil : own
    }
    guard let first = ordered.compactMap({ $0 }).first, let draws = bootstrap.draws(for: first) else {
      (draws, runs) = (nil, [])
      return
    }
    self.draws = draws
    runs = ordered.map { own in
      own.flatMap { own in
        Set(own.flatMap(\.parts).flatMap(\.counts.keys)) == draws.families
          ? CrossedBootstrap.DrawnRuns(own, in: draws) : nil
      }
    }
  }

  /// The difference of two methods with the items as a sample, too, where both know theirs.
  func counting(_ first: Int, _ second: Int, in difference: MeanDifference, isPaired: Bool) -> MeanDifference {
    guard let draws, let own = runs[first], let other = runs[second], !isPaired || seeds[first] == seeds[second],
      let variance = bootstrap.variance(own, other, in: draws, isPaired: isPaired)
    else { return difference }
    return difference.counting(variance)
  }
}
