import Evaluation
import Foundation
import Runs
import Training

extension ScoreRelation {
  /// Says whether it is true of two values, with the words and numbers for it.
  ///
  /// - Parameters:
  ///   - other: the value of the reference; `nil` where that is a number.
  ///   - pairing: how runs are held against each other where both have the same seeds.
  func decide(
    _ own: CommittedResults.Value, against other: CommittedResults.Value?, pairing: Pairing
  ) -> (decision: Decision, text: String, figures: TestOutcome.Figures) {
    let metric = term.metric
    let (bySeeds, isApart) = difference(of: own, and: other, pairing: pairing)
    let difference = bySeeds.map { counting(own, other, in: $0) }
    let halfWidth = difference?.halfWidth()
    let mean = difference?.mean ?? .nan
    var text = "\(metric.text(own.summary.mean, halfWidth: own.summary.halfWidth)) \(words(for: other))"
    text += "; difference \(metric.text(mean, halfWidth: halfWidth))"
    if let difference { text += ", " + Self.words(difference, isNumber: other == nil, seedsDiffer: isApart) }
    let smallest = smallestDifference / metric.scale
    let figures = TestOutcome.Figures(
      term: own.summary, reference: other?.summary, difference: difference, smallestDifference: smallest,
      probability: difference.flatMap(probability), seedsNeeded: difference.flatMap(seedsNeeded),
      seedsAsSeen: difference.flatMap(seedsAsSeen), familiesNeeded: difference.flatMap(familiesNeeded))
    return (difference.map(decision) ?? .open, text, figures)
  }

  /// d, and whether runs that were to be paired have other seeds.
  private func difference(
    of own: CommittedResults.Value, and other: CommittedResults.Value?, pairing: Pairing
  ) -> (MeanDifference?, seedsDiffer: Bool) {
    guard let other else {
      var number = 0.0
      if case .number(let shown) = reference { number = shown / term.metric.scale }
      return (MeanDifference(paired: own.summary.values, own.seeds.map { _ in share * number }), false)
    }
    let values = other.summary.values.map { share * $0 }
    let haveSameSeeds = Set(own.seeds) == Set(other.seeds)
    guard pairing == .paired, haveSameSeeds else {
      return (MeanDifference(independent: own.summary.values, values), pairing == .paired)
    }
    let bySeed = Dictionary(zip(other.seeds, values), uniquingKeysWith: { first, _ in first })
    return (MeanDifference(paired: own.summary.values, own.seeds.map { bySeed[$0] ?? .nan }), false)
  }

  /// The difference with the test items as a sample, too, where both values know theirs.
  private func counting(
    _ own: CommittedResults.Value, _ other: CommittedResults.Value?, in difference: MeanDifference
  ) -> MeanDifference {
    guard let first = own.items else { return difference }
    var second: [ItemScore] = []
    if let other {
      guard let items = other.items else { return difference }
      let scaled = items.map { ItemScore.sum([(weight: share, score: $0)]) }
      // Runs that are paired have the same seeds, if not in the same order.
      let bySeed = Dictionary(zip(other.seeds, scaled), uniquingKeysWith: { first, _ in first })
      second = difference.method == .paired ? own.seeds.compactMap { bySeed[$0] } : scaled
    }
    let variance = CrossedBootstrap().variance(first, second, isPaired: difference.method == .paired)
    return variance.map(difference.counting) ?? difference
  }

  /// The value that d is held against, in the metric's own unit, and whether it must lie above.
  private var border: (value: Double, isAbove: Bool, admitsEquality: Bool)? {
    switch kind {
    case .greater(_, let by): (by / term.metric.scale, true, false)
    case .less(_, let by): (-by / term.metric.scale, false, false)
    case .atLeast: (0, true, true)
    case .atMost: (0, false, true)
    case .within: nil
    }
  }

  private func decision(_ difference: MeanDifference) -> Decision {
    guard let halfWidth = difference.halfWidth(), halfWidth.isFinite, difference.mean.isFinite else { return .open }
    let smallest = smallestDifference / term.metric.scale
    // As far as rounding goes.
    let slack = 1e-9 * max(smallest, abs(difference.mean), 1e-3)
    // Differences that agree to the last digit, as small counts do, show no small difference, unless they are none.
    let showsCloseness = difference.scatters || abs(difference.mean) <= slack
    guard let border else {
      guard showsCloseness else { return .open }
      if abs(difference.mean) + halfWidth <= smallest + slack { return .yes }
      return abs(difference.mean) - halfWidth > smallest ? .no : .open
    }
    let distance = border.isAbove ? difference.mean - border.value : border.value - difference.mean
    if showsCloseness, abs(distance) + halfWidth <= smallest + slack { return .equivalent }
    // A score at its ceiling in every run is beyond a bound all the same.
    guard difference.scatters || border.admitsEquality else { return .open }
    if border.admitsEquality, distance - halfWidth >= -slack { return .yes }
    if distance - halfWidth > slack { return .yes }
    return distance + halfWidth < -slack ? .no : .open
  }

  /// The two-sided probability of what was seen if d lay at the border, which Holm's correction needs.
  private func probability(_ difference: MeanDifference) -> Double? {
    guard border == nil else { return border.flatMap { difference.probability(of: $0.value) } }
    let tolerance = smallestDifference / term.metric.scale
    return difference.probability(of: difference.mean < 0 ? -tolerance : tolerance)
  }

  private func seedsNeeded(_ difference: MeanDifference) -> Int? {
    guard let spread = difference.spread, spread.isFinite else { return nil }
    return RunsNeeded().count(
      spread: spread, difference: smallestDifference / term.metric.scale,
      fixedVariance: difference.itemVariance ?? 0, isPaired: difference.method == .paired
    ).map { max($0, difference.count) }
  }

  /// The families of test items that decide with ten seeds.
  private func familiesNeeded(_ difference: MeanDifference) -> Int? {
    guard let spread = difference.spread, let items = difference.itemVariance, let families = difference.families else {
      return nil
    }
    return RunsNeeded().families(
      runs: 10, spread: spread, difference: smallestDifference / term.metric.scale, fixedVariance: items,
      families: families, isPaired: difference.method == .paired)
  }

  /// The seeds that decide where the true difference lies as far from the border as the one that was seen.
  private func seedsAsSeen(_ difference: MeanDifference) -> Int? {
    guard let spread = difference.spread, spread.isFinite, difference.mean.isFinite else { return nil }
    let tolerance = smallestDifference / term.metric.scale
    let distance = border.map { abs(difference.mean - $0.value) } ?? abs(tolerance - abs(difference.mean))
    guard distance > 0 else { return nil }
    return RunsNeeded().countToDetect(
      distance, spread: spread, fixedVariance: difference.itemVariance ?? 0, isPaired: difference.method == .paired
    ).map { max($0, difference.count) }
  }

  private func words(for held: CommittedResults.Value?) -> String {
    let metric = term.metric
    let against =
      switch reference {
      case .number(let shown): Self.number(shown)
      case .term(let other):
        other.description(besides: term)
          + (held.map { " \(metric.text($0.summary.mean, halfWidth: $0.summary.halfWidth))" } ?? "")
      }
    let margin = share == 1 ? "" : "\(Self.number(share)) of "
    return switch kind {
    case .greater(_, let by): "greater\(by > 0 ? " by \(Self.number(by))" : "") than \(against)"
    case .less(_, let by): "less\(by > 0 ? " by \(Self.number(by))" : "") than \(against)"
    case .within(let tolerance, _): "within \(Self.number(tolerance)) of \(against)"
    case .atLeast: "at least \(margin)\(against)"
    case .atMost: "at most \(margin)\(against)"
    }
  }

  private static func words(_ difference: MeanDifference, isNumber: Bool, seedsDiffer: Bool) -> String {
    let items = difference.itemVariance == nil ? "" : " and items"
    return switch difference.method {
    case .paired: (isNumber ? "over the seeds" : "paired by seed") + items
    case .independent: "by Welch" + items + (seedsDiffer ? ", the seeds differ" : "")
    case .none: "no interval with one seed"
    }
  }

  static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
  }
}
