import Autograd
import Datasets
import Encoders
import Kernels
import Layers
import Objectives
import Training

/// The features of one side of a split by trained networks, without gradients.
struct FDTFeatures {
  /// Vectors of length 1 and, with a codebook, weights on the codes.
  struct Vectors {
    let features: Matrix
    let weights: Matrix?

    /// Those of some rows.
    func gathering(_ rows: [Int]) -> Vectors {
      Vectors(features: features.gathering(rows), weights: weights?.gathering(rows))
    }
  }

  /// The different texts of a modality of captions.
  struct Texts {
    let caption: CaptionVocabulary.Caption
    let vectors: Vectors
    let tokens: ImageTextEncoder.Texts
    /// The row of each observation's text.
    let rows: [Int]
    /// An observation of each text.
    let observations: [Int]
  }

  /// The observations, by their indices in the split.
  let observations: [Int]
  let images: Vectors
  let texts: [Texts]

  /// Represents some observations of a side.
  ///
  /// - Parameters:
  ///   - temperature: the codebook's after the training.
  ///   - withWeights: whether the weights on the codes are kept, which are many.
  init(
    of pairs: SplitPairs, observations: [Int], by model: FDTModel, temperature: Float, withWeights: Bool = true,
    batchSize: Int = 128, context: SeedContext
  ) throws {
    self.observations = observations
    images = try Self.vectors(
      count: observations.count, batchSize: batchSize, withWeights: withWeights, context: context
    ) { range in
      model.encoder.encode(
        images: FDTModel.centred(pairs.images(observations[range])), temperature: temperature, in: .evaluation)
    }
    texts = try model.vocabulary.captions.map { caption in
      let all = pairs.texts(observations, of: caption)
      let repetitions = all.repetitions
      let firsts = repetitions.indices.filter { repetitions[$0] == $0 }
      let rows = Dictionary(uniqueKeysWithValues: firsts.enumerated().map { ($1, $0) })
      let tokens = all.gathering(firsts)
      return Texts(
        caption: caption,
        vectors: try Self.vectors(
          of: tokens, by: model, temperature: temperature, withWeights: withWeights, context: context), tokens: tokens,
        rows: repetitions.map { rows[$0] ?? 0 }, observations: firsts)
    }
  }

  /// Represents texts.
  static func vectors(
    of texts: ImageTextEncoder.Texts, by model: FDTModel, temperature: Float, withWeights: Bool = true,
    batchSize: Int = 256, context: SeedContext
  ) throws -> Vectors {
    try vectors(count: texts.count, batchSize: batchSize, withWeights: withWeights, context: context) { range in
      let part = texts.gathering(Array(range))
      return model.encoder.encode(
        texts: part.tokens, batch: part.count, isReal: part.isReal, temperature: temperature, in: .evaluation)
    }
  }

  private static func vectors(
    count: Int, batchSize: Int, withWeights: Bool, context: SeedContext,
    encode: (Range<Int>) -> (feature: Tensor, attention: Tensor?)
  ) throws -> Vectors {
    var (features, weights): ([Float], [Float]) = ([], [])
    for start in stride(from: 0, to: count, by: batchSize) {
      try context.checkInterruption()
      let found = encode(start..<min(start + batchSize, count))
      features += found.feature.values
      if withWeights { weights += found.attention?.values ?? [] }
    }
    func matrix(_ values: [Float]) -> Matrix {
      Matrix(rows: count, columns: values.count / max(count, 1), values: values)
    }
    return Vectors(features: matrix(features), weights: weights.isEmpty ? nil : matrix(weights))
  }
}
