import Datasets
import Evaluation
import Kernels
import Options
import Training

/// How modalities find each other: recall among the first 1, 5 and 10, median rank, and the sum of recalls both ways.
public struct RetrievalEvaluator: Evaluator {
  /// How a hit is decided.
  public enum Match: String, Codable, CaseIterable, Sendable {
    /// What the same observation has, and whatever is equal to it.
    case observation
    /// Any item of the same class, for items that are paired by class.
    case label
  }

  /// `retrieval`
  public static var key: String { "retrieval" }
  /// In a few words.
  public static var summary: String { "R@1, R@5, R@10, median rank and rsum between modalities" }

  /// How a hit is decided.
  public var match = Match.observation
  /// Which pairs of modalities are compared.
  public var pairs = EvaluatedPairs.all
  /// Whether complete observations are queries, too.
  public var fromComplete = false
  /// How many different pictures, or items of a pair's first modality, are a part that is searched by itself, beside the
  /// whole: with 1,000 on COCO's 5,000 the protocol called 1K, the mean over five parts; nil for the whole alone.
  public var partSize: Int?

  /// The most queries of each direction, evenly spread; each is held against all candidates.
  public static let mostQueries = 50_000

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [.count("partSize", partSize ?? 2, atLeast: 2, atMost: 1_000_000)]
  }

  /// Recalls by pair, then the sums.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    let labels = match == .label ? model.data.labellings.first.flatMap { model.data.labels($0, of: model.side) } : nil
    var recalls = EvaluationTable(labels == nil ? "retrieval" : "retrieval by class")
    var sums = EvaluationTable("rsum")
    if fromComplete, let complete = try model.completeView() {
      for place in model.all {
        guard let view = try model.view(place) else { continue }
        add(complete, view, model, labels, to: &recalls)
      }
    }
    var (byCodes, sumsByCodes) = (EvaluationTable("retrieval by codes"), EvaluationTable("rsum by codes"))
    for (first, second) in pairs.places(in: model.data) {
      guard let one = try model.view(first), let other = try model.view(second) else { continue }
      let sum = add(one, other, model, labels, to: &recalls) + add(other, one, model, labels, to: &recalls)
      sums.add(.pair(one.name, other.name), .rsum, sum)
      guard labels == nil, let own = try codes(first, model), let others = try codes(second, model) else { continue }
      let coded = add(own, others, model, nil, to: &byCodes) + add(others, own, model, nil, to: &byCodes)
      sumsByCodes.add(.pair(own.name, others.name), .rsum, coded)
    }
    return [recalls, byCodes, sums, sumsByCodes] + (labels == nil ? try partTables(of: model) : [])
  }

  /// The means over whole parts of consecutive pictures, each searched by itself.
  private func partTables(of model: FrozenModel) throws -> [EvaluationTable] {
    guard let partSize else { return [] }
    var recalls = EvaluationTable("retrieval, parts of \(partSize)")
    var sums = EvaluationTable("rsum, parts of \(partSize)")
    for (first, second) in pairs.places(in: model.data) {
      guard let one = try model.view(first), let other = try model.view(second) else { continue }
      let parts = Self.parts(of: first, second, size: partSize, model)
      guard !parts.isEmpty else { continue }
      var sum = 0.0
      for (from, to) in [(one, other), (other, one)] {
        let found = parts.map { rows in
          Retrieval(
            queries: from.values, candidates: to.values,
            relevance: model.relevance(of: to.members, for: from.members, among: rows))
        }
        let subject = EvaluationTable.Subject.direction(from: from.name, to: to.name)
        func mean(_ value: (Retrieval) -> Double?) -> Double? {
          let values = found.compactMap(value)
          return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        for count in [1, 5, 10] {
          let recall = mean { $0.recall(at: count) }
          recalls.add(subject, .recall(at: count), recall, chance: mean { $0.chanceRecall(at: count) })
          sum += 100 * (recall ?? 0)
        }
        recalls.add(subject, .medianRank, mean { $0.medianRank })
      }
      sums.add(.pair(one.name, other.name), .rsum, sum)
    }
    return [recalls, sums]
  }

  /// The observations of each whole part that have both modalities: those of so many different items of the first, in the
  /// order in which these come.
  private static func parts(of first: Int, _ second: Int, size: Int, _ model: FrozenModel) -> [[Int]] {
    let items = model.itemNumbers(of: first, on: model.side)
    var (known, parts): ([Int: Int], [[Int]]) = ([:], [])
    for row in model.data.presence(model.side).observations(having: [first, second]) {
      let number = known[items[row]] ?? known.count
      known[items[row]] = number
      if number / size == parts.count { parts.append([]) }
      parts[number / size].append(row)
    }
    return Array(parts.prefix(known.count / size))
  }

  private func codes(_ place: Int, _ model: FrozenModel) throws -> FrozenModel.View? {
    try model.codeWeights(of: place, on: model.side).map {
      FrozenModel.View(name: model.names[place], members: [place], values: $0, place: place)
    }
  }

  /// Adds one direction.
  ///
  /// - Returns: the sum of its recalls in percent.
  @discardableResult private func add(
    _ from: FrozenModel.View, _ to: FrozenModel.View, _ model: FrozenModel, _ labels: [Int32]?,
    to table: inout EvaluationTable
  ) -> Double {
    let relevance = model.relevance(of: to.members, for: from.members, classes: labels).asking(atMost: Self.mostQueries)
    let result = Retrieval(queries: from.values, candidates: to.values, relevance: relevance)
    let subject = EvaluationTable.Subject.direction(from: from.name, to: to.name)
    var sum = 0.0
    for count in [1, 5, 10] {
      let recall = result.recall(at: count)
      table.add(subject, .recall(at: count), recall, chance: result.chanceRecall(at: count))
      sum += 100 * (recall ?? 0)
    }
    table.add(subject, .medianRank, result.medianRank)
    table.keep(result.ranks, of: subject, observations: relevance.queries)
    return sum
  }

  /// How hits are counted.
  public func notes(on model: FrozenModel) -> [String] {
    [
      match == .label
        ? "Retrieval counts any item of the same class as a hit, since items are paired by class; equal items count once."
        : "Retrieval counts every different item once: texts that are equal as texts are one, and so is a picture or sound "
          + "that several observations have. A hit is what any observation has beside the query.",
      "rsum is the sum of R@1, R@5 and R@10 of both directions in percent.",
    ]
      + (partSize.map {
        [
          "Retrieval in parts of \($0): so many consecutive different items and what belongs to them, the mean over whole parts."
        ]
      } ?? [])
      + (model.data.count(model.side) > Self.mostQueries
        ? ["Retrieval asks at most \(Self.mostQueries) queries in each direction, evenly spread, among all candidates."]
        : [])
  }
}

/// Which pairs of modalities an evaluator compares.
public enum EvaluatedPairs: String, Codable, CaseIterable, Sendable {
  /// Every two.
  case all
  /// The pictures with each of the others.
  case withImage

  /// The places of both of each pair.
  func places(in data: AlignedData) -> [(Int, Int)] {
    let places = data.modalities.indices
    if self == .withImage, let image = data.image { return places.filter { $0 != image }.map { (image, $0) } }
    return places.flatMap { first in (first + 1..<places.count).map { (first, $0) } }
  }
}
