/// Methods by one score: which is best, and what each is less a reference, with Holm's correction for the number of
/// methods that are held against it. Where the reference was picked by the score itself, as the best is, any two methods
/// might have been held against each other, so the correction is for all pairs.
public struct MethodComparison: Equatable, Sendable {
  /// The mean difference of a method from another.
  public struct Difference: Equatable, Codable, Sendable {
    /// The method less the reference.
    public let difference: MeanDifference
    /// The two-sided probability of such a difference between equal methods, by Holm for all differences that
    /// were looked at; `nil` where runs do not scatter, as with one run or small counts that agree.
    public let adjusted: Double?

    /// Whether the difference stays beyond chance after the correction, at a level of 5 %.
    public var isBeyondChance: Bool { adjusted.map { $0 < 0.05 } ?? false }
  }

  /// The method with the best mean, of those whose mean is finite; nil where no direction is better.
  public let best: Int?
  /// The method that the others are held against.
  public let reference: Int?
  /// Each method's difference from the reference; nil for a method without values and for the reference itself.
  public let differences: [Difference?]
  /// The methods that cannot be told from the best.
  public let rivals: [Int]
  /// The best method, where it is beyond chance better than every other one.
  public let standsOut: Int?

  /// Compares methods.
  ///
  /// - Parameters:
  ///   - values: each method's values by seed; empty for one without the score.
  ///   - higherIsBetter: which direction is better; nil for neither.
  ///   - reference: the method to hold the others against; the best where it is nil or has no values.
  ///   - isPicked: whether the reference was picked by the same values, as the best is.
  ///   - items: each method's values by seed as shares of test items, which then count as a sample, too; empty where they
  ///     are not known.
  ///   - arePaired: whether runs of one seed of two methods belong together, by their design.
  public init(
    _ values: [[Int: Double]], higherIsBetter: Bool?, reference named: Int? = nil, isPicked: Bool = false,
    items: [[Int: ItemScore]] = [], arePaired: (Int, Int) -> Bool
  ) {
    let sample = ItemSample(items, of: values)
    precondition(
      named.map(values.indices.contains) ?? true, "MethodComparison: no method \(named ?? 0) of \(values.count)")
    best = Self.best(of: values, higherIsBetter: higherIsBetter)
    reference = named.flatMap { values[$0].isEmpty ? nil : $0 } ?? best
    func differences(from reference: Int) -> [Difference?] {
      let isNamed = reference == named && !isPicked
      return Self.differences(of: values, from: reference, isPicked: !isNamed, sample, arePaired: arePaired)
    }
    self.differences = reference.map(differences) ?? values.map { _ in nil }
    guard let best else {
      (rivals, standsOut) = ([], nil)
      return
    }
    // Whoever was named, the best was picked.
    let fromBest = Self.differences(of: values, from: best, isPicked: true, sample, arePaired: arePaired)
    let others = values.indices.filter { $0 != best && !values[$0].isEmpty }
    rivals = others.filter { fromBest[$0]?.isBeyondChance != true }
    standsOut = others.isEmpty || !rivals.isEmpty ? nil : best
  }

  private static func best(of values: [[Int: Double]], higherIsBetter: Bool?) -> Int? {
    guard let higherIsBetter else { return nil }
    var best: (index: Int, mean: Double)?
    for (index, own) in values.enumerated() {
      guard let mean = Estimate(of: own.sorted { $0.key < $1.key }.map(\.value))?.mean, mean.isFinite else { continue }
      guard let present = best?.mean else {
        best = (index, mean)
        continue
      }
      if higherIsBetter ? mean > present : mean < present { best = (index, mean) }
    }
    return best?.index
  }

  private static func differences(
    of values: [[Int: Double]], from reference: Int, isPicked: Bool, _ sample: ItemSample,
    arePaired: (Int, Int) -> Bool
  ) -> [Difference?] {
    let found = values.indices.map { index -> MeanDifference? in
      guard index != reference else { return nil }
      let isPaired = arePaired(index, reference)
      let own = difference(values[index], values[reference], isPaired: isPaired)
      return own.map { sample.counting(index, reference, in: $0, isPaired: isPaired) }
    }
    let tested = found.indices.filter { found[$0]?.probability() != nil }
    let adjusted = HolmCorrection.adjusted(
      tested.compactMap { found[$0]?.probability() },
      of: isPicked ? (tested.count + 1) * tested.count / 2 : tested.count)
    let byIndex = Dictionary(uniqueKeysWithValues: zip(tested, adjusted))
    return found.enumerated().map { index, found in
      found.map { Difference(difference: $0, adjusted: byIndex[index]) }
    }
  }

  /// Pairs by the seeds that both have, or takes all of each.
  private static func difference(
    _ first: [Int: Double], _ second: [Int: Double], isPaired: Bool
  ) -> MeanDifference? {
    guard isPaired else {
      let (own, other) = (first.keys.sorted(), second.keys.sorted())
      return MeanDifference(independent: own.compactMap { first[$0] }, other.compactMap { second[$0] })
    }
    let seeds = first.keys.filter { second[$0] != nil }.sorted()
    return MeanDifference(paired: seeds.compactMap { first[$0] }, seeds.compactMap { second[$0] })
  }
}
