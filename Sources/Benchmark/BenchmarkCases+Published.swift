import Autograd
import Kernels
import Layers
import Objectives

/// Networks of the sizes that papers train, on few pictures of 224 pixels.
extension BenchmarkCases {
  /// CLIP with ViT-B/32 and its text transformer; a batch of 8, AdamW.
  package static func largeCLIP(
    _ sizes: BenchmarkSizes, network published: DualTransformer.Sizes = DualTransformer.Sizes()
  ) -> BenchmarkCase {
    var stream = RandomStream(seed: 0, name: "benchmark")
    let batch = sizes[.batch] ?? 8
    let network = DualTransformer(published, stream: &stream)
    let optimiser = Optimiser(
      .adamW(), for: network, options: { _ in ParameterGroupOptions(weightDecay: 0.01) })
    let images = random([batch, published.imageSize, published.imageSize, 3], &stream)
    let texts = (0..<batch * published.length).map { _ in Int32(1 + stream.below(published.vocabulary - 1)) }
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    let shape =
      "\(published.imageTokens) tokens of \(published.imageDimensions) in \(published.imageLayers) layers, "
      + "\(published.length) of \(published.textDimensions) in \(published.textLayers), "
      + "\(published.imageSize) × \(published.imageSize) pixels"
    return BenchmarkCase(name: "vit-b-32", batch: batch, shape: shape, parameters: network.parameterCount) {
      let loss = Tape.backpropagate {
        clipLoss(
          network.pictures(images, in: pass), network.texts(texts, batch: batch, in: pass),
          logScale: network.logScale.tensor)
      }
      optimiser.update(learningRate: 5e-4)
      return loss.scalar
    }
  }

  /// Two views of each picture contrasted as SimCLR does, ResNet-50 and a perceptron of two layers; a batch of 8, SGD.
  package static func largeResNet(_ sizes: BenchmarkSizes, blocks: [Int] = [3, 4, 6, 3]) -> BenchmarkCase {
    var stream = RandomStream(seed: 0, name: "benchmark")
    let (batch, side) = (sizes[.batch] ?? 8, sizes[.imageSize] ?? 224)
    let width = 4 * 64 << (blocks.count - 1)
    let network = Sequential(
      BottleneckResNet(widths: blocks.indices.map { 64 << $0 }, blocks: blocks, stream: &stream),
      MLP(widths: [width, width, 128], activation: Activation.relu, stream: &stream))
    let optimiser = Optimiser(
      .sgd(momentum: 0.9), for: network, options: { _ in ParameterGroupOptions(weightDecay: 1e-4) })
    let views = random([2 * batch, side, side, 3], &stream)
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
    let shape = "two views of \(side) × \(side) pixels, \(blocks.reduce(0, +)) blocks"
    return BenchmarkCase(name: "resnet-50", batch: batch, shape: shape, parameters: network.parameterCount) {
      let loss = Tape.backpropagate {
        let rows = network(views, in: pass).l2Normalised()
        return ntXent(
          rows.slice(axis: 0, 0..<batch), rows.slice(axis: 0, batch..<2 * batch), temperature: 0.5)
      }
      optimiser.update(learningRate: 0.03)
      return loss.scalar
    }
  }
}
