import Datasets
import Evaluation
import Kernels
import Methods
import Options
import Training

/// How pictures and texts find each other among some observations: by a method that looks at both together every pair is scored
/// by itself; by others, beside it, the cosine of their vectors is the score, which takes no pass of a pair.
public struct PairRetrievalEvaluator: Evaluator {
  /// `pairRetrieval`
  public static var key: String { "pairRetrieval" }
  /// In a few words.
  public static var summary: String { "R@1, R@5, R@10 where every pair is scored by itself, on some observations" }

  /// The most observations, evenly spread: n of them take n² passes of a pair.
  public var observations = 100

  /// The defaults.
  public init() {}

  /// What the numbers must be.
  public var requirements: [OptionRequirement] { [.count("observations", observations, atLeast: 2, atMost: 2_000)] }

  /// Recalls of both directions; none where the method has neither scores of pairs nor vectors.
  public func tables(of model: FrozenModel, after earlier: [EvaluationTable]) throws -> [EvaluationTable] {
    guard let (vision, caption) = PairPlaces.places(of: model.method, in: model.data) else { return [] }
    let rows = model.data.presence(model.side).observations(having: [vision, caption]).evenlySpread(observations)
    let toTexts = model.relevance(of: [caption], for: [vision], among: rows)
    let toPictures = model.relevance(of: [vision], for: [caption], among: rows)
    let (pictures, texts) = (toTexts.queries, toTexts.candidates)
    guard pictures.count > 1, texts.count > 1 else { return [] }
    let matrix: Matrix
    var pairs = 0
    if let method = model.method.pairScorer {
      pairs = pictures.count * texts.count
      let read = try model.input(caption, texts, model.side)
      var scores: [Float] = []
      for start in stride(from: 0, to: pairs, by: PairPlaces.block) {
        try model.checkInterruption()
        let places = start..<min(start + PairPlaces.block, pairs)
        let first = start / texts.count
        let seen = try model.input(vision, pictures[first...(places.upperBound - 1) / texts.count], model.side)
        scores += model.pairScores(
          method, pictures: seen, texts: read,
          pairs: places.map { (picture: Int32($0 / texts.count - first), text: Int32($0 % texts.count)) })
      }
      matrix = Matrix(rows: pictures.count, columns: texts.count, values: scores)
    } else {
      guard let one = try model.view(vision), let other = try model.view(caption) else { return [] }
      let (seen, read) = (
        one.values.gathering(pictures).normalisingRows(), other.values.gathering(texts).normalisingRows()
      )
      var cosines = Matrix(rows: pictures.count, columns: texts.count)
      for row in pictures.indices {
        for column in texts.indices {
          cosines[row, column] = zip(seen[row: row], read[row: column]).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
      matrix = cosines
    }
    var turned = Matrix(rows: texts.count, columns: pictures.count)
    for row in 0..<matrix.rows { for column in 0..<matrix.columns { turned[column, row] = matrix[row, column] } }
    var table = EvaluationTable("pair retrieval")
    let names = model.names
    for (from, to, scores, relevance) in [
      (vision, caption, matrix, toTexts), (caption, vision, turned, toPictures),
    ] {
      // The product with an identity is the score itself.
      var identity = Matrix(rows: scores.columns, columns: scores.columns)
      for place in 0..<scores.columns { identity[place, place] = 1 }
      let found = Retrieval(queries: scores, candidates: identity, relevant: relevance.hits, by: .dot)
      let subject = EvaluationTable.Subject.direction(from: names[from], to: names[to])
      for count in [1, 5, 10] {
        table.add(subject, .recall(at: count), found.recall(at: count), chance: found.chanceRecall(at: count))
      }
      table.add(subject, .medianRank, found.medianRank)
      table.add(subject, .number("pairs", higherIsBetter: nil), Double(pairs))
      table.keep(found.ranks, of: subject, observations: relevance.queries)
    }
    return [table]
  }

  /// What was compared.
  public func notes(on model: FrozenModel) -> [String] {
    [
      "Pair retrieval is among at most \(observations) observations of the side, evenly spread, so these recalls are not those of "
        + "retrieval among all. "
        + (model.method.pairScorer != nil
          ? "Every pair takes a pass of its own." : "The score is the cosine of the vectors, and no pair is looked at.")
    ]
  }
}
