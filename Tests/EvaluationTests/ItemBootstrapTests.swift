import Evaluation
import Kernels
import Testing

struct ItemBootstrapTests {
  /// Runs whose families have shares of right answers that are sums of what the seed and what the family adds, in percent.
  private func runs(seeds: [Int], families: [Int], base: Int = 40) throws -> [ItemScore] {
    try seeds.map { seed in
      let values = families.flatMap { family in (0..<100).map { Int32($0 < base + seed + family ? 1 : 0) } }
      let table = ItemTable(
        families: families.indices.flatMap { family in [Int32](repeating: Int32(family), count: 100) },
        outcomes: [
          ItemOutcomes(
            evaluator: "accuracy", subject: "image", metric: "group", measure: .hit, values: values,
            observations: Array(0..<Int32(values.count)))
        ])
      return try #require(ItemScore(evaluator: "accuracy", subject: "image", metric: "group", of: table))
    }
  }

  private let seeds = [-6, 1, 3, -2, 4]
  private let families = (0..<40).map { ($0 * 17) % 41 - 20 }

  private func variance(_ values: [Int]) throws -> Double {
    let deviation = try #require(Estimate(of: values.map { Double($0) / 100 })?.standardDeviation)
    return deviation * deviation
  }

  @Test func itemsThatNoTwoSeedsShareAreCountedByTheSeedsAlone() throws {
    // Each seed tests families of its own, as seeds do that each have a fold.
    let runs = try (0..<10).map { seed in
      let own = try self.runs(seeds: [0], families: (0..<40).map { ($0 * 7 + seed) % 41 - 20 })[0]
      return try #require(moved(own, by: Int32(100 * seed)))
    }
    let found = try #require(CrossedBootstrap().variance(runs, isPaired: false))
    let whole = try variance((0..<41).map { $0 - 20 }) / 400
    #expect(found.families == 400 && abs(found.items) < whole / 20)
  }

  /// A run's score with other numbers for its families.
  private func moved(_ score: ItemScore, by offset: Int32) -> ItemScore? {
    guard let part = score.parts.first, score.parts.count == 1 else { return nil }
    let families = part.counts.keys.sorted()
    let table = ItemTable(
      families: families.flatMap { [Int32](repeating: $0 + offset, count: Int(part.counts[$0] ?? 0)) },
      outcomes: [
        ItemOutcomes(
          evaluator: "accuracy", subject: "image", metric: "group", measure: .hit,
          values: families.flatMap { family in
            (0..<Int(part.counts[family] ?? 0)).map { Double($0) < (part.sums[family] ?? 0) ? 1 : 0 }
          }, observations: Array(0..<Int32(part.counts.values.reduce(0, +))))
      ])
    return ItemScore(evaluator: "accuracy", subject: "image", metric: "group", of: table)
  }

  @Test func scoresComeFromRanksAndHits() throws {
    let table = ItemTable(
      families: [7, 7, 8, 9],
      outcomes: [
        ItemOutcomes(
          evaluator: "retrieval", subject: "a → b", metric: "", measure: .rank, values: [1, 6, 2, 300],
          observations: [0, 1, 2, 3]),
        ItemOutcomes(
          evaluator: "retrieval", subject: "b → a", metric: "", measure: .rank, values: [1, 1], observations: [0, 3]),
        ItemOutcomes(
          evaluator: "accuracy", subject: "a", metric: "group", measure: .hit, values: [1, 0, 1, 1],
          observations: [0, 1, 2, 3]),
      ])
    func value(_ evaluator: String, _ subject: String, _ metric: String) -> Double? {
      ItemScore(evaluator: evaluator, subject: subject, metric: metric, of: table)?.value
    }
    #expect(value("retrieval", "a → b", "R@1") == 0.25 && value("retrieval", "a → b", "R@5") == 0.5)
    #expect(value("retrieval", "a → b", "R@10") == 0.75 && value("accuracy", "a", "group") == 0.75)
    #expect(abs(try #require(value("rsum", "a – b", "rsum")) - 450) < 1e-9)
    #expect(value("retrieval", "a → b", "median rank") == nil && value("rsum", "a – c", "rsum") == nil)
    #expect(value("accuracy", "worst", "group") == nil)
    let one = try #require(ItemScore(evaluator: "accuracy", subject: "a", metric: "group", of: table))
    #expect(ItemScore.sum([(2, one), (-1, one)]).value == 0.75)
    let pooled = ItemTable(pooling: [table, table])
    #expect(pooled.families.count == 8 && pooled.outcomes[1].observations == [0, 3, 4, 7])
    #expect(ItemScore(evaluator: "accuracy", subject: "a", metric: "group", of: pooled)?.value == 0.75)
  }

  @Test func familiesAreASampleBesideTheSeeds() throws {
    let runs = try runs(seeds: seeds, families: families)
    let found = try #require(CrossedBootstrap().variance(runs, isPaired: false))
    let expected = try variance(families) / 40
    #expect(found.families == 40 && abs(found.items / expected - 1) < 0.12, "\(found.items) for \(expected)")
    // One seed's items alone say nothing of other trainings.
    #expect(CrossedBootstrap().variance(Array(runs.prefix(1)), isPaired: false) == nil)
    #expect(try CrossedBootstrap().variance(self.runs(seeds: seeds, families: [3]), isPaired: false) == nil)
  }

  @Test func whatTwoMethodsShareDoesNotCount() throws {
    let first = try runs(seeds: seeds, families: families)
    let second = try runs(seeds: seeds, families: families, base: 35)
    let paired = try #require(CrossedBootstrap().variance(first, second, isPaired: true))
    #expect(abs(paired.items) < 1e-10)
    // The items are the same even where the seeds have nothing in common.
    let apart = try #require(CrossedBootstrap().variance(first, second, isPaired: false))
    #expect(abs(apart.items) < 1e-10)
    // Methods that were tested on other families share nothing.
    let others = try runs(seeds: seeds, families: Array(families.prefix(20)))
    let unlike = try #require(CrossedBootstrap().variance(first, others, isPaired: true))
    let expected = try variance(families) / 40 + variance(Array(families.prefix(20))) / 20
    #expect(abs(unlike.items / expected - 1) < 0.15)
  }

  /// The runs' own scatter has the noise between run and item already; it is not the items'.
  @Test func noiseBetweenRunAndItemIsNotTheItems() throws {
    var stream = RandomStream(seed: 1, name: "noise")
    let count = 400
    let runs = try (0..<3).map { _ in
      let table = ItemTable(
        families: Array(0..<Int32(count)),
        outcomes: [
          ItemOutcomes(
            evaluator: "e", subject: "s", metric: "m", measure: .hit,
            values: (0..<count).map { _ in stream.uniform() < 0.5 ? 1 : 0 }, observations: Array(0..<Int32(count)))
        ])
      return try #require(ItemScore(evaluator: "e", subject: "s", metric: "m", of: table))
    }
    // One run's variance by its items is 0.25 / 400; none of it is what the items have in all runs.
    let found = try #require(CrossedBootstrap().variance(runs, isPaired: false))
    #expect(abs(found.items) < 0.2 * 0.25 / Double(count), "\(found.items)")
  }

  @Test func twinsAreOneFamily() throws {
    func spread(_ families: [Int32]) throws -> Double {
      // Observation 2k and its twin 2k + 1 are right together.
      let hits = (0..<200).map { Int32(($0 / 2 * 7) % 10 < 4 ? 1 : 0) }
      let table = ItemTable(
        families: families,
        outcomes: [
          ItemOutcomes(
            evaluator: "e", subject: "s", metric: "m", measure: .hit, values: hits, observations: Array(0..<200))
        ])
      let score = try #require(ItemScore(evaluator: "e", subject: "s", metric: "m", of: table))
      return try #require(CrossedBootstrap().variance([score, score], isPaired: false)).items
    }
    let twins = try spread((0..<200).map { Int32($0 / 2) })
    let strangers = try spread(Array(0..<200))
    #expect(abs(twins / strangers - 2) < 0.3, "\(twins) and \(strangers)")
  }

  @Test func aDifferenceCountsItems() throws {
    // Differences 1, 2, 3: s² = 1 / 3 with 2 degrees of freedom; families add 1 / 6 with 10.
    let plain = try #require(MeanDifference(paired: [11, 22, 33], [10, 20, 30]))
    #expect(plain.itemVariance == nil)
    let counted = plain.counting(CrossedBootstrap.Variance(items: 1.0 / 6, families: 11))
    #expect(abs(try #require(counted.standardError) - 0.5.squareRoot()) < 1e-12)
    #expect(abs(try #require(counted.itemVariance) - 1.0 / 6) < 1e-12)
    let degrees: Double = 0.25 / (1.0 / 18 + 1.0 / 360)
    #expect(abs(try #require(counted.degreesOfFreedom) - degrees) < 1e-9)
    // A share of the items that is below 0 by chance does not make an interval narrower.
    let less = plain.counting(CrossedBootstrap.Variance(items: -0.1, families: 11))
    #expect(less.standardError == plain.standardError && less.itemVariance == 0)
  }

  @Test func itemsMayUndoWhatSeedsDecide() throws {
    func methods(_ items: Bool) throws -> MethodComparison {
      let first = try runs(seeds: [0, 1, 2], families: families)
      // Better by 2 points in the mean of the families, from −40 to 44.
      let changes = families.map { $0 + 2 * $0 - 4 }
      let second = try runs(seeds: [0, 1, 3], families: changes.map { max(-45, min(45, $0)) })
      let values = [first, second].map { runs in
        Dictionary(uniqueKeysWithValues: runs.enumerated().map { ($0.offset, $0.element.value) })
      }
      let scores = [first, second].map { runs in
        Dictionary(uniqueKeysWithValues: runs.enumerated().map { ($0.offset, $0.element) })
      }
      return MethodComparison(values, higherIsBetter: true, items: items ? scores : []) { _, _ in true }
    }
    #expect(try methods(false).standsOut == 0)
    let counted = try methods(true)
    #expect(counted.standsOut == nil && counted.rivals == [1])
    #expect(try #require(counted.differences[1]).difference.itemVariance ?? 0 > 0)
  }

  @Test func furtherRunsArePredicted() throws {
    // 1, 2, 3: deviation 1, t of 2 degrees of freedom 4.302653.
    let one = try #require(PredictionInterval(from: [1, 2, 3]))
    #expect(one.mean == 2 && abs(one.halfWidth - 4.302652729911275 * (4.0 / 3).squareRoot()) < 1e-9)
    let three = try #require(PredictionInterval(from: [1, 2, 3], further: 3))
    #expect(abs(three.halfWidth - 4.302652729911275 * (2.0 / 3).squareRoot()) < 1e-9)
    #expect(one.contains(2 + one.halfWidth) && !one.contains(2.001 + one.halfWidth))
    #expect(abs(one.probability(of: 2 - one.halfWidth) - 0.05) < 1e-9 && one.probability(of: 2) == 1)
    #expect(PredictionInterval(from: [1]) == nil && PredictionInterval(from: [1, .nan]) == nil)
    let same = try #require(PredictionInterval(from: [2, 2]))
    #expect(same.contains(2) && !same.contains(2.1) && same.probability(of: 2.1) == 0)
  }
}
