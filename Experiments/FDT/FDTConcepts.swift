import Autograd
import Datasets
import Diagnostics
import Encoders
import Evaluation
import Foundation
import Interchange
import Kernels
import Objectives
import Training

/// What the codes stand for: the patches and words that activate each most, and how pure their classes are.
///
/// Without a codebook, k-means clusters of the same parts take the place of the codes.
struct FDTConcepts {
  /// A file that names the shown codes, their words and patches; the pictures stand in a ``PictureGridFile`` of the name
  /// `codes`.
  static let fileName = "codes.json"
  static let picturesName = "codes"

  let evaluation: FDTEvaluation
  let features: FDTFeatures

  var model: FDTModel { evaluation.model }
  var settings: FDTSettings.EvaluationSettings { evaluation.settings.evaluation }

  /// Parts of observations with what each has to do with each concept.
  struct Parts {
    /// `[parts, concepts]`, or the parts' own vectors without a codebook.
    var values: [Float] = []
    /// The observation, counted among those looked at, of each part.
    var owners: [Int] = []
    /// The place of each part in its observation: the number of its patch, or its token.
    var places: [Int] = []

    var matrix: Matrix {
      Matrix(rows: owners.count, columns: values.count / max(owners.count, 1), values: values)
    }
  }

  /// The purity of concepts, by patches and by the words of each modality of captions; writes the files of the codes.
  func scores() throws -> [Score] {
    guard settings.concepts > 0 else { return [] }
    let codes = mostUsedCodes
    let places = evaluation.spread(settings.shownObservations, over: evaluation.side)
    let patches = try patchParts(of: places, codes: codes)
    let patchExamples = examples(patches, name: "patches")
    var groups = [(name: "patches", examples: patchExamples, observations: patches.owners.map { places[$0] })]
    var words: [Parts] = []
    for texts in features.texts {
      let parts = try wordParts(of: texts, codes: codes)
      let observations = parts.owners.map { features.observations[texts.observations[$0]] }
      groups.append(("words of \(texts.caption.name)", examples(parts, name: texts.caption.name), observations))
      words.append(parts)
    }
    var scores: [Score] = []
    for group in groups {
      for labelling in evaluation.data.labellings {
        guard let labels = evaluation.side.labels[labelling],
          let value = group.examples?.purity(labels: group.observations.map { Int(labels[$0]) })
        else { continue }
        scores.append(Score(evaluator: "purity", subject: group.name, metric: labelling, value: value))
      }
    }
    if !codes.isEmpty, let patchExamples, settings.shownCodes > 0 {
      try write(codes, patches: patches, patchExamples, places: places, words: words)
    }
    return scores
  }

  /// The mean weights of images and of texts on each code.
  var use: [(image: Double, text: Double)] {
    guard let images = features.images.weights else { return [] }
    func means(_ weights: Matrix) -> [Double] { weights.columnMeans().map(Double.init) }
    let texts = features.texts.compactMap { $0.vectors.weights.map(means) }
    return means(images).enumerated().map { code, image in
      (image, texts.reduce(0) { $0 + $1[code] } / Double(max(texts.count, 1)))
    }
  }

  /// The codes of the greatest mean weight over both modalities; of equal ones the lower first.
  private var mostUsedCodes: [Int] {
    let use = use.map { $0.image + $0.text }
    return Array(use.indices.sorted { (use[$1], $0) < (use[$0], $1) }.prefix(settings.concepts)).filter { use[$0] > 0 }
  }

  /// The patches of some observations that are not of one colour.
  private func patchParts(of observations: [Int], codes: [Int], batchSize: Int = 64) throws -> Parts {
    let pairs = evaluation.pairs(evaluation.side)
    var parts = Parts()
    for start in stride(from: 0, to: observations.count, by: batchSize) {
      try evaluation.context.checkInterruption()
      let range = start..<min(start + batchSize, observations.count)
      let images = pairs.images(observations[range])
      let scores = model.encoder.partScores(images: FDTModel.centred(images), codes: codes)
      let (count, width) = (scores.shape[1], scores.shape[2])
      let values = scores.values
      let pixels = images.values
      let grid = PatchGrid(image: images.shape, patches: count, patchSize: patchSize)
      for (row, owner) in range.enumerated() {
        for patch in 0..<count where !grid.isPlain(patch, of: row, pixels) {
          let first = (row * count + patch) * width
          parts.values += values[first..<first + width]
          parts.owners.append(owner)
          parts.places.append(patch)
        }
      }
    }
    return parts
  }

  var patchSize: Int? {
    evaluation.settings.model.imageEncoder == .vit ? evaluation.settings.model.patchSize : nil
  }

  /// The words of the different texts of a modality.
  private func wordParts(of texts: FDTFeatures.Texts, codes: [Int], batchSize: Int = 256) throws -> Parts {
    var parts = Parts()
    for start in stride(from: 0, to: texts.tokens.count, by: batchSize) {
      try evaluation.context.checkInterruption()
      let range = start..<min(start + batchSize, texts.tokens.count)
      let part = texts.tokens.gathering(Array(range))
      let scores = model.encoder.partScores(texts: part, codes: codes)
      let (count, width) = (scores.shape[1], scores.shape[2])
      let values = scores.values
      for (row, owner) in range.enumerated() {
        for place in 0..<count where model.vocabulary.word(part.tokens[row * count + place]) != nil {
          let first = (row * count + place) * width
          parts.values += values[first..<first + width]
          parts.owners.append(owner)
          parts.places.append(Int(part.tokens[row * count + place]))
        }
      }
    }
    return parts
  }

  /// The strongest parts of each concept: by the codes' scores, or the nearest to each centre of clusters.
  private func examples(_ parts: Parts, name: String) -> ConceptExamples? {
    guard !parts.owners.isEmpty else { return nil }
    var scores = parts.matrix
    if features.images.weights == nil {
      let rows = scores.normalisingRows()
      var stream = RandomStream(seed: UInt64(bitPattern: Int64(evaluation.seed)), name: "clusters/\(name)")
      let centres = KMeansClusters(of: rows, count: min(settings.concepts, rows.rows), using: &stream).centres
      // ⟨x, c⟩ − ‖c‖² / 2 is the greater, the nearer c is to a row of length 1.
      scores = rows.multiplied(by: centres, transposingOther: true)
        .subtractingFromRows(centres.rowLengths().map { $0 * $0 / 2 })
    }
    return ConceptExamples(scores: scores, owners: parts.owners, count: settings.examplesPerConcept)
  }
}
