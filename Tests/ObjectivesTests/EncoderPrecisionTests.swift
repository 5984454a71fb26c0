import Autograd
import Kernels
import Layers
import Objectives
import Testing

/// Whole networks with factors rounded to bfloat16 against the same in float32: the error of each parameter's gradient.
@Suite(.enabled(if: OneDNN.bfloat16Implementation != nil)) struct EncoderPrecisionTests {
  private struct Gradient {
    let path: String
    let values: [Float]
  }

  private func gradients(of module: any Module, in precision: ArithmeticPrecision, _ body: () -> Tensor) -> [Gradient] {
    for (_, parameter) in module.parameters { parameter.clearGradient() }
    Tape.backpropagate {
      let output = precision.use(body)
      return (output * randomTensor(output.shape, "slopes")).sum()
    }
    return module.parameters.compactMap { path, parameter in
      parameter.gradient.map { Gradient(path: path, values: $0.values) }
    }
  }

  /// ‖a − b‖ / ‖b‖
  private func error(_ a: [Float], _ b: [Float]) -> Double {
    let squares = zip(a, b).reduce((0.0, 0.0)) { sums, pair in
      (sums.0 + Double((pair.0 - pair.1) * (pair.0 - pair.1)), sums.1 + Double(pair.1 * pair.1))
    }
    return (squares.0 / max(squares.1, 1e-12)).squareRoot()
  }

  private func compare(_ module: any Module, tolerance: Double, _ body: () -> Tensor) {
    let exact = gradients(of: module, in: .float32, body)
    let rounded = gradients(of: module, in: .bfloat16, body)
    #expect(exact.map(\.path) == rounded.map(\.path) && !exact.isEmpty)
    for (own, other) in zip(rounded, exact) {
      #expect(error(own.values, other.values) < tolerance, "\(own.path): \(error(own.values, other.values))")
    }
    #expect(zip(rounded, exact).contains { $0.values != $1.values }, "nothing is rounded")
    // Blocks of memory that held something else give the same bits, and so do fresh ones.
    StoragePool.releaseFreeBlocks()
    let again = gradients(of: module, in: .bfloat16, body)
    #expect(zip(rounded, again).allSatisfy { $0.values == $1.values }, "other bits the second time")
  }

  @Test func residualNetwork() {
    var stream = RandomStream(seed: 0, name: "init")
    let network = ResNet(channels: 3, widths: [16, 32], blocksPerStage: 2, groups: 2, stream: &stream)
    let images = randomTensor([8, 16, 16, 3])
    let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "init"))
    // A sum near 0 may fall on the other side of a rectifier, and takes its whole gradient along.
    compare(network, tolerance: 0.4) { network(images, in: pass) }
    // Offsets keep the rectifiers away from their corners.
    let norms = [network.stemNorm] + network.blocks.flatMap { [$0.firstNorm, $0.secondNorm] }
    for norm in norms { norm.bias.assign(Tensor(repeating: 4, shape: norm.bias.shape)) }
    compare(network, tolerance: 0.1) { network.featureMap(images, in: pass) }
  }

  @Test func residualNetworkEvaluates() {
    var stream = RandomStream(seed: 0, name: "init")
    let network = ResNet(channels: 3, widths: [16, 32], blocksPerStage: 1, stream: &stream)
    let images = randomTensor([8, 16, 16, 3])
    let rounded = ArithmeticPrecision.bfloat16.use { network(images, in: .evaluation) }
    let exact = network(images, in: .evaluation)
    #expect((1e-6..<0.02).contains(error(rounded.values, exact.values)))
  }

  @Test func visionTransformer() {
    var stream = RandomStream(seed: 0, name: "init")
    var options = VisionTransformer.Options()
    (options.imageSize, options.patchSize, options.dimensions, options.layers, options.heads) = (16, 4, 48, 3, 3)
    let network = VisionTransformer(options, stream: &stream)
    let images = randomTensor([6, 16, 16, 3])
    compare(network, tolerance: 0.03) {
      network(images, in: ForwardPass(dropout: RandomStream(seed: 0, name: "dropout")))
    }
  }

  @Test func textTransformer() {
    var stream = RandomStream(seed: 0, name: "init")
    var options = TextTransformer.Options()
    (options.vocabulary, options.length, options.dimensions, options.layers, options.heads) = (50, 12, 48, 3, 3)
    options.dropout = 0.1
    let network = TextTransformer(options, stream: &stream)
    let tokens = (0..<16 * 12).map { Int32($0 * 7 % 50) }
    let isReal = (0..<16 * 12).map { $0 % 12 < 4 + $0 / 12 % 9 }
    compare(network, tolerance: 0.05) {
      let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
      return TextTransformer.read(network(tokens, batch: 16, isReal: isReal, in: pass), .last, isReal: isReal)
    }
  }

  @Test func longShortTermMemory() {
    var stream = RandomStream(seed: 0, name: "init")
    var options = LSTMTextEncoder.Options()
    (options.vocabulary, options.embeddingDimensions, options.dimensions) = (50, 32, 40)
    let network = LSTMTextEncoder(options, stream: &stream)
    let tokens = (0..<16 * 12).map { Int32($0 * 7 % 50) }
    compare(network, tolerance: 0.02) { network(tokens, batch: 16, in: .evaluation) }
  }

  @Test func codebookHead() {
    var stream = RandomStream(seed: 0, name: "init")
    let head = FiniteDiscreteTokens(
      modalities: [(name: "image", dimensions: 48)], options: .official(codes: 256, dimensions: 64), stream: &stream)
    let tokens = randomTensor([8, 20, 48])
    // Where two tokens score alike, the greatest may be another one, and its gradient with it.
    compare(head, tolerance: 0.4) { head(tokens, modality: "image", temperature: 1).feature }
  }
}
