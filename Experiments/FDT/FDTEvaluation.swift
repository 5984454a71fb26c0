import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluation
import Foundation
import Interchange
import Kernels
import Objectives
import Recipes
import Runs
import Training

/// The protocol: retrieval, zero-shot classification, linear probes, completeness, geometry and the use of the codes.
struct FDTEvaluation {
  let model: FDTModel
  let data: FDTData
  let settings: FDTSettings
  /// The step whose temperature the codebook has.
  let step: Int
  let seed: Int
  let context: SeedContext

  var side: MultimodalSplit { settings.evaluation.side == .test ? data.test : data.validation }
  var temperature: Float { model.temperature(step: step) }

  func pairs(_ split: MultimodalSplit) -> SplitPairs {
    SplitPairs(split: split, imageName: data.imageName, image: data.image, vocabulary: model.vocabulary)
  }

  func features(
    of split: MultimodalSplit, observations: [Int]? = nil, withWeights: Bool = true
  ) throws -> FDTFeatures {
    try FDTFeatures(
      of: pairs(split), observations: observations ?? Array(0..<split.count), by: model, temperature: temperature,
      withWeights: withWeights, context: context)
  }

  /// Observations of a side that are evenly spread.
  func spread(_ count: Int, over split: MultimodalSplit) -> [Int] {
    let count = min(count, split.count)
    return (0..<count).map { $0 * split.count / count }
  }

  /// What a reader of the scores must know.
  var notes: [String] {
    let evaluation = settings.evaluation
    var notes = [
      "Scores are of the \(evaluation.side.rawValue) side: \(side.count) observations; training has "
        + "\(data.training.count).",
      "Retrieval: a caption that several pictures share counts once, and each of its pictures is a hit. rsum is the sum of "
        + "R@1, R@5 and R@10 of both directions in percent.",
      "Zero-shot: of each class the mean of its prompts' features, no training labels. Linear probes: ridge regression on "
        + "frozen features of the training side; tags are scored by mean average precision.",
    ]
    if settings.data.set == .shards {
      notes.append("No result of ours stands behind training on shards: the recipe is for whoever has the data.")
    }
    switch settings.method.head {
    case .codebook:
      notes.append(
        "Scores \"by codes\" compare the weights on the codes instead of the features. Purity: of the "
          + "\(evaluation.concepts) most used codes, the \(evaluation.examplesPerConcept) strongest patches or words.")
    case .projection, .control:
      notes.append(
        "Purity: of \(evaluation.concepts) k-means clusters of patches or words, the \(evaluation.examplesPerConcept) "
          + "nearest to the centre.")
    }
    return notes
  }

  /// All scores, and the files for the figures.
  ///
  /// - Parameter use: the codes used in training.
  func scores(use: CodeUse) throws -> [Score] {
    let reported = try features(of: side)
    try writeEmbeddings(reported)
    var scores = retrieval(reported)
    scores += try zeroShot(reported)
    scores += try probes(reported)
    scores += geometry(reported)
    scores += health(reported, use: use)
    scores += try FDTConcepts(evaluation: self, features: reported).scores()
    return scores
  }

  /// What is measured after an epoch.
  func trackedScores(use: CodeUse) throws -> [Score] {
    let found = try features(
      of: data.validation, observations: spread(settings.evaluation.trackedObservations, over: data.validation))
    let recalls = retrieval(found).filter { $0.evaluator == "retrieval" && $0.metric != "median rank" }
    return recalls + health(found, use: use)
  }

  private func retrieval(_ found: FDTFeatures) -> [Score] {
    var scores: [Score] = []
    var sums: [Score] = []
    for texts in found.texts {
      let numbers = Array(0..<texts.vectors.features.rows)
      for (suffix, images, candidates) in [
        ("", found.images.features as Matrix?, texts.vectors.features as Matrix?),
        (" by codes", found.images.weights, texts.vectors.weights),
      ] {
        guard let images, let candidates else { continue }
        let directions = [
          (
            "image → \(texts.caption.name)",
            Retrieval(queries: images, labelled: texts.rows, candidates: candidates, labelled: numbers)
          ),
          (
            "\(texts.caption.name) → image",
            Retrieval(queries: candidates, labelled: numbers, candidates: images, labelled: texts.rows)
          ),
        ]
        var sum = 0.0
        for (subject, result) in directions {
          for count in [1, 5, 10] {
            guard let value = result.recall(at: count) else { continue }
            sum += 100 * value
            scores.append(
              Score(evaluator: "retrieval\(suffix)", subject: subject, metric: "R@\(count)", value: value))
          }
          if let value = result.medianRank {
            scores.append(
              Score(evaluator: "retrieval\(suffix)", subject: subject, metric: "median rank", value: value))
          }
        }
        sums.append(
          Score(evaluator: "rsum\(suffix)", subject: "image – \(texts.caption.name)", metric: "rsum", value: sum))
      }
    }
    return scores + sums
  }

  private func geometry(_ found: FDTFeatures) -> [Score] {
    var scores: [Score] = []
    for texts in found.texts {
      let own = texts.vectors.features.gathering(texts.rows)
      let metrics: [(String, Double?)] = [
        ("cosine", Geometry.matchedCosine(found.images.features, own)),
        ("alignment", Geometry.alignment(found.images.features, own)),
        ("modality gap", Geometry.modalityGap(found.images.features, own)),
      ]
      scores += metrics.compactMap { metric, value in
        value.map {
          Score(evaluator: "geometry", subject: "image – \(texts.caption.name)", metric: metric, value: $0)
        }
      }
    }
    let all = [("image", found.images.features)] + found.texts.map { ($0.caption.name, $0.vectors.features) }
    for (name, features) in all {
      if let value = Geometry.uniformity(features) {
        scores.append(Score(evaluator: "uniformity", subject: name, metric: "uniformity", value: value))
      }
    }
    return scores
  }

  private func health(_ found: FDTFeatures, use: CodeUse) -> [Score] {
    guard let images = found.images.weights else { return [] }
    var scores: [Score] = []
    func add(_ subject: String, _ metrics: [(String, Double)]) {
      scores += metrics.map { Score(evaluator: "codebook", subject: subject, metric: $0.0, value: $0.1) }
    }
    func add(_ subject: String, _ use: CodebookHealth.Use) {
      add(subject, [("support", use.support), ("codes used", use.usedShare), ("perplexity", use.perplexity)])
    }
    var pairs: [Score] = []
    for (index, texts) in found.texts.enumerated() {
      guard let weights = texts.vectors.weights, let health = CodebookHealth(images, weights.gathering(texts.rows))
      else { continue }
      if index == 0 { add("image", health.first) }
      add(texts.caption.name, health.second)
      let metrics = [
        ("positive overlap", health.matchedOverlap), ("negative overlap", health.mismatchedOverlap),
        ("positive cosine", health.matchedCosine), ("negative cosine", health.mismatchedCosine),
      ]
      pairs += metrics.map {
        Score(evaluator: "codebook overlap", subject: "image – \(texts.caption.name)", metric: $0.0, value: $0.1)
      }
    }
    add("training", [("codes used", use.share)])
    return scores + pairs
  }

  /// Writes features and classes of evenly spread observations for the figures.
  private func writeEmbeddings(_ found: FDTFeatures) throws {
    guard let labelling = data.labellings.first, let labels = side.labels[labelling] else { return }
    let rows = spread(settings.evaluation.shownObservations, over: side)
    var arrays: [String: NumericArray] = [
      EmbeddingsFile.labels: NumericArray(rows.map { labels[$0] }, shape: [rows.count])
    ]
    func add(_ name: String, _ matrix: Matrix) {
      arrays[name] = NumericArray(matrix.values, shape: [matrix.rows, matrix.columns])
    }
    add("image", found.images.features.gathering(rows))
    for texts in found.texts {
      add(texts.caption.name, texts.vectors.features.gathering(rows.map { texts.rows[$0] }))
    }
    try NumpyArchive(arrays: arrays).write(to: context.folder.appending(path: EmbeddingsFile.name))
    let classNames = try JSONEncoder().encode(data.classNames[labelling] ?? [])
    try AtomicFile.write(classNames, to: context.folder.appending(path: EmbeddingsFile.classNames))
  }
}
