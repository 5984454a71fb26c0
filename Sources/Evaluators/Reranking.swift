import Autograd
import Datasets
import Encoders
import Evaluation
import Foundation
import Kernels
import Methods
import Options
import Training

/// Retrieval of which the first candidates by cosine are ranked once more by a method that looks at pairs, and how well it tells
/// pairs from hard wrong ones.
///
///     score = pair score + cosine     for the first k candidates; the others stay behind them (Li et al., BLIP, ICML 2022)
///
/// A score has to be computed for every pair, so the number of pairs is told beside.
public struct RerankingEvaluator: Evaluator {
  /// `reranking`
  public static var key: String { "reranking" }
  /// In a few words.
  public static var summary: String { "what retrieval gains where a method looks at the first candidates in pairs" }

  /// k, how many candidates of each query are looked at in pairs.
  public var candidates = 16
  /// The most queries of each direction, evenly spread; each is held against all candidates.
  public var queries = 1_000

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] {
    [.count("candidates", candidates, atMost: 100_000), .count("queries", queries, atMost: 10_000_000)]
  }

  /// Recalls before and after, and matching; none where the method does not look at pairs.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let method = model.method.pairScorer, let image = model.data.image,
      let pictures = try model.view(image)
    else { return [] }
    let began = ContinuousClock.now
    var (recalls, matching) = (EvaluationTable("reranking"), EvaluationTable("matching of hard pairs"))
    var pairs = 0
    for caption in model.data.captions {
      guard let texts = try model.view(caption) else { continue }
      let toTexts = try Direction(from: pictures, to: texts, of: model, options: self)
      let toPictures = try Direction(from: texts, to: pictures, of: model, options: self)
      for direction in [toTexts, toPictures] {
        pairs += try add(direction, of: model, method, picturesAreQueries: direction.from.place == image, to: &recalls)
      }
      pairs += try addMatching(toTexts, toPictures, of: model, method, to: &matching)
    }
    let seconds = (ContinuousClock.now - began).seconds
    try model.context?.events.receive(.note(String(format: "reranking: %d pairs in %.1f s", pairs, seconds)))
    return [recalls, matching].filter { !$0.entries.isEmpty }
  }

  /// What was compared.
  public func notes(on model: FrozenModel) -> [String] {
    [
      "Reranking: the first \(candidates) candidates of each query by cosine are sorted once more by the method's score of the "
        + "pair plus the cosine; the others stay behind them. Every such pair takes a pass of its own.",
      "Matching of hard pairs: each query's right answer, and the wrong one that is nearest by cosine, in both directions; a pair "
        + "is taken for right from a probability of ½ on.",
    ]
  }
}

extension RerankingEvaluator {
  /// The queries of one modality, with their shortlists of the other.
  private struct Direction {
    let from: FrozenModel.View
    let to: FrozenModel.View
    let relevance: Relevance
    let retrieval: Retrieval
    let shortlists: [Reranking.Shortlist]

    init(
      from: FrozenModel.View, to: FrozenModel.View, of model: FrozenModel, options: RerankingEvaluator
    ) throws {
      (self.from, self.to) = (from, to)
      relevance = model.relevance(of: to.members, for: from.members).asking(atMost: options.queries)
      retrieval = Retrieval(queries: from.values, candidates: to.values, relevance: relevance)
      shortlists = Reranking.shortlists(
        queries: from.values, candidates: to.values, relevance: relevance, count: options.candidates)
    }

    var subject: EvaluationTable.Subject { .direction(from: from.name, to: to.name) }
  }

  /// Adds the recalls of a direction.
  ///
  /// - Returns: the number of pairs.
  private func add(
    _ direction: Direction, of model: FrozenModel, _ method: any PairScoringMethod, picturesAreQueries: Bool,
    to table: inout EvaluationTable
  ) throws -> Int {
    guard let own = direction.from.place, let other = direction.to.place else { return 0 }
    var scores: [[Float]] = []
    let step = max(1, PairPlaces.block / candidates)
    for start in stride(from: 0, to: direction.shortlists.count, by: step) {
      try model.checkInterruption()
      let lists = direction.shortlists[start..<min(start + step, direction.shortlists.count)]
      var (places, taken) = ([Int: Int32](), [Int]())
      var pairs: [(query: Int32, candidate: Int32)] = []
      for (query, list) in lists.enumerated() {
        for candidate in list.candidates {
          let place = places[candidate] ?? Int32(taken.count)
          if places[candidate] == nil { taken.append(candidate) }
          places[candidate] = place
          pairs.append((Int32(query), place))
        }
      }
      let queries = try model.input(own, lists.indices.map { direction.relevance.queries[$0] }, model.side)
      let found = try model.input(other, taken.map { direction.relevance.candidates[$0] }, model.side)
      var values = model.pairScores(
        method, pictures: picturesAreQueries ? queries : found, texts: picturesAreQueries ? found : queries,
        pairs: pairs.map { picturesAreQueries ? ($0.query, $0.candidate) : ($0.candidate, $0.query) }
      )[...]
      for list in lists {
        scores.append(zip(values.prefix(list.candidates.count), list.cosines).map { $0 + $1 })
        values = values.dropFirst(list.candidates.count)
      }
    }
    let after = Reranking(
      direction.shortlists, scores: scores, relevance: direction.relevance, before: direction.retrieval)
    for count in [1, 5, 10] {
      let (old, new) = (direction.retrieval.recall(at: count), after.recall(at: count))
      let chance = direction.retrieval.chanceRecall(at: count)
      table.add(direction.subject, .recall(at: count), new, chance: chance)
      table.add(direction.subject, .share("R@\(count) by cosine"), old, chance: chance)
      if let old, let new {
        table.add(direction.subject, .number("gain of R@\(count)", higherIsBetter: true), new - old)
      }
    }
    let pairs = direction.shortlists.reduce(0) { $0 + $1.candidates.count }
    table.add(direction.subject, .number("pairs", higherIsBetter: nil), Double(pairs))
    table.keep(after.ranks, of: direction.subject, observations: direction.relevance.queries)
    return pairs
  }

  /// Adds how well pairs are told from hard wrong ones.
  ///
  /// - Returns: the number of pairs.
  private func addMatching(
    _ toTexts: Direction, _ toPictures: Direction, of model: FrozenModel, _ method: any PairScoringMethod,
    to table: inout EvaluationTable
  ) throws -> Int {
    guard let image = toTexts.from.place, let caption = toTexts.to.place else { return 0 }
    var pairs: [(picture: Int, text: Int, isRight: Bool)] = []
    for direction in [toTexts, toPictures] {
      let (queries, others) = (direction.relevance.queries, direction.relevance.candidates)
      for (query, list) in direction.shortlists.enumerated() {
        let hits = Set(direction.relevance.hits(of: query))
        guard let wrong = list.candidates.first(where: { !hits.contains($0) }), let right = hits.min() else { continue }
        for (candidate, isRight) in [(right, true), (wrong, false)] {
          let rows = (queries[query], others[candidate])
          pairs.append(
            direction.from.place == image ? (rows.0, rows.1, isRight) : (rows.1, rows.0, isRight))
        }
      }
    }
    var (told, truths, observations) = ([Int](), [Int](), [Int]())
    for start in stride(from: 0, to: pairs.count, by: PairPlaces.block) {
      try model.checkInterruption()
      let part = pairs[start..<min(start + PairPlaces.block, pairs.count)]
      guard
        let found = model.matchProbabilities(
          method, pictures: try model.input(image, part.map(\.picture), model.side),
          texts: try model.input(caption, part.map(\.text), model.side))
      else { return 0 }
      told += found.map { $0 >= 0.5 ? 1 : 0 }
      truths += part.map { $0.isRight ? 1 : 0 }
      observations += part.map(\.picture)
    }
    table.add(
      .pair(toTexts.from.name, toTexts.to.name), .share("accuracy"),
      Answers(told, truths: truths, of: observations), chance: 0.5)
    let (right, wrong) = (truths.indices.filter { truths[$0] == 1 }, truths.indices.filter { truths[$0] == 0 })
    for (name, places) in [("right pairs", right), ("wrong pairs", wrong)] where !places.isEmpty {
      table.add(
        .pair(toTexts.from.name, toTexts.to.name), .share("accuracy on \(name)"),
        Double(places.count { told[$0] == truths[$0] }) / Double(places.count))
    }
    return pairs.count
  }
}

extension FrozenModel {
  /// The scores of pairs, without gradients.
  func pairScores(
    _ method: any PairScoringMethod, pictures: ModalityInput, texts: ModalityInput,
    pairs: [(picture: Int32, text: Int32)]
  ) -> [Float] {
    Tape.withoutRecording { method.pairScores(pictures: pictures, texts: texts, pairs: pairs) }
  }

  /// The probabilities of pairs, without gradients.
  func matchProbabilities(
    _ method: any PairScoringMethod, pictures: ModalityInput, texts: ModalityInput
  ) -> [Float]? {
    Tape.withoutRecording { method.matchProbabilities(pictures: pictures, texts: texts) }
  }
}
