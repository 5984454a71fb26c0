import Autograd
import Datasets
import Kernels
import Layers
import Objectives
import Training

/// What the trained networks make of one side of a split, without views and gradients.
struct MCTFeatures {
  /// The features of images before the heads, `[observations, width]`.
  let image: Matrix
  /// The images in the space that they share with captions, rows of length 1; nil where there is none.
  let imageCommon: Matrix?
  /// The usual captions there.
  let captionCommon: Matrix?

  /// Computes the features of all observations.
  ///
  /// - Parameter withCommon: whether projections are wanted, too.
  init(
    of side: MCTData.Side, by model: MCTModel, withCommon: Bool = true, batchSize: Int = 256, context: SeedContext
  ) throws {
    let network = model.network
    let hasCommon = withCommon && model.settings.method.hasInterTerm
    let length = model.data.captionLength
    var (features, images, captions): ([Float], [Float], [Float]) = ([], [], [])
    for start in stride(from: 0, to: side.count, by: batchSize) {
      try context.checkInterruption()
      let batch = start..<min(start + batchSize, side.count)
      let feature = network.features(images: model.standardised(model.data.pixels(batch, of: side)), in: .evaluation)
      features += feature.values
      guard hasCommon else { continue }
      images += Self.common(network.projections(feature, ofImages: true, heads: [.imageCommon]), .imageCommon)
      let tokens = Array(side.captions[0][(batch.lowerBound * length)..<(batch.upperBound * length)])
      captions += Self.captions(tokens, count: batch.count, by: network)
    }
    func matrix(_ values: [Float]) -> Matrix {
      Matrix(rows: side.count, columns: values.count / max(side.count, 1), values: values)
    }
    image = matrix(features)
    imageCommon = hasCommon ? matrix(images) : nil
    captionCommon = hasCommon ? matrix(captions) : nil
  }

  /// Captions in the common space, `[captions, dimensions]`, from `captions · length` tokens.
  static func common(captions tokens: [Int32], count: Int, by network: MCTNetwork) -> Matrix {
    let values = captions(tokens, count: count, by: network)
    return Matrix(rows: count, columns: values.count / max(count, 1), values: values)
  }

  private static func captions(_ tokens: [Int32], count: Int, by network: MCTNetwork) -> [Float] {
    let features = network.features(captions: tokens, batch: count, in: .evaluation)
    return common(network.projections(features, ofImages: false, heads: [.captionCommon]), .captionCommon)
  }

  private static func common(_ projections: [MCT.Head: Tensor], _ head: MCT.Head) -> [Float] {
    projections[head]?.values ?? []
  }
}
