import Autograd
import Kernels
import Layers
import Objectives
import Testing

@Suite struct EncoderTests {
  @Test(arguments: [(0, 4_028_737), (1024, 4_243_521), (16_384, 6_209_601)])
  func parameterCounts(values: (codes: Int, parameters: Int)) {
    var stream = RandomStream(seed: 1, name: "init")
    var options = ImageTextEncoder.Options()
    if values.codes > 0 { options.codebook = .init(codes: values.codes, dimensions: 128) }
    #expect(ImageTextEncoder(options, stream: &stream).parameterCount == values.parameters)
  }

  @Test func parameterCountOfTheResidualNetwork() {
    var stream = RandomStream(seed: 1, name: "init")
    let network = Sequential(
      ResNet(widths: [32, 64, 128], stream: &stream),
      MLP(widths: [128, 128, 128], activation: .relu, stream: &stream))
    #expect(network.parameterCount == 728_352)
  }

  private func encoder(codes: Int? = nil, isCausal: Bool = true) -> ImageTextEncoder {
    var stream = RandomStream(seed: 2, name: "init")
    var options = ImageTextEncoder.Options()
    options.image.imageSize = 8
    (options.image.dimensions, options.image.layers, options.image.heads) = (8, 2, 2)
    (options.text.dimensions, options.text.layers, options.text.heads) = (8, 2, 2)
    (options.text.vocabulary, options.text.length, options.text.isCausal) = (11, 6, isCausal)
    options.dimensions = 4
    options.codebook = codes.map { .init(codes: $0, dimensions: 4) }
    return ImageTextEncoder(options, stream: &stream)
  }

  @Test(arguments: [nil, 9]) func everyUsedParameterHasAGradient(codes: Int?) {
    let encoder = encoder(codes: codes)
    let texts: [Int32] = [1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 9, 10]
    let loss = Tape.backpropagate {
      encoder.loss(
        images: randomTensor([2, 8, 8, 3]), texts: texts, isReal: texts.map { $0 != 0 }, in: .evaluation)
    }
    #expect(loss.isFinite && loss.scalar > 0)
    let idle = encoder.parameters.filter { $0.parameter.gradient == nil }.map(\.path)
    #expect(idle == (codes == nil ? [] : ["imageProjection.weight", "textProjection.weight"]))
  }

  @Test func patchesAreThoseOfTheImage() {
    // Changing one patch changes its own embedding alone, where there is no block to mix them.
    var stream = RandomStream(seed: 3, name: "init")
    var options = VisionTransformer.Options()
    (options.imageSize, options.patchSize, options.channels) = (8, 4, 2)
    (options.dimensions, options.layers, options.heads) = (6, 0, 1)
    let network = VisionTransformer(options, stream: &stream)
    let images = randomTensor([2, 8, 8, 2])
    var values = images.values
    // Row 5, column 1 of the second image lies in its patch 2.
    values[(8 * 8 + 5 * 8 + 1) * 2] += 1
    let before = network.tokens(images, normalised: false, in: .evaluation)
    let after = network.tokens(Tensor(values, shape: images.shape), normalised: false, in: .evaluation)
    #expect(before.patches.shape == [2, 4, 6] && before.classToken.values == after.classToken.values)
    for row in 0..<8 {
      let same = before.patches.matrix[row: row] == after.patches.matrix[row: row]
      #expect(same == (row != 6), "patch \(row)")
    }
    // The dense layer sees the patch row by row, channels last.
    let patch = images.slice(0..<1).slice(axis: 1, 0..<4).slice(axis: 2, 4..<8).reshaped(to: [1, 32])
    let embedded = network.patch(patch) + network.positions.value.selecting(2, axis: 1)
    #expect(distance(embedded, Array(before.patches.matrix[row: 1])) < 1e-5)
    let all = network(images, in: .evaluation)
    #expect(all.shape == [2, 5, 6])
    let apart = network.tokens(images, in: .evaluation)
    #expect(distance(apart.patches, all.slice(axis: 1, 1..<5).values) < 1e-6)
    #expect(distance(before.classToken, apart.classToken.values) < 1e-6)
  }

  @Test func textSeesWhatItsMaskAllows() {
    func features(_ tokens: [Int32], isCausal: Bool, isReal: [Bool]? = nil) -> Matrix {
      encoder(isCausal: isCausal).text(tokens, batch: 1, isReal: isReal, in: .evaluation).matrix
    }
    let (a, b): ([Int32], [Int32]) = ([1, 2, 3, 4], [1, 2, 3, 9])
    #expect(features(a, isCausal: true)[row: 2] == features(b, isCausal: true)[row: 2])
    #expect(features(a, isCausal: true)[row: 3] != features(b, isCausal: true)[row: 3])
    #expect(features(a, isCausal: false)[row: 0] != features(b, isCausal: false)[row: 0])
    let isReal = [true, true, true, false]
    #expect(
      features(a, isCausal: false, isReal: isReal)[row: 0] == features(b, isCausal: false, isReal: isReal)[row: 0])
  }

  @Test func readouts() {
    let features = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3, 1])
    let isReal = [true, true, false, false, false, false]
    #expect(TextTransformer.read(features, .first).values == [1, 4])
    #expect(TextTransformer.read(features, .last).values == [3, 6])
    #expect(TextTransformer.read(features, .last, isReal: isReal).values == [2, 4])
    #expect(TextTransformer.read(features, .mean, isReal: isReal).values == [1.5, 4])
    #expect(TextTransformer.read(features, .mean).values == [2, 5])
  }

  @Test func wrongImageSizeIsRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1, name: "init")
      _ = VisionTransformer(stream: &stream)(Tensor(repeating: 0, shape: [1, 16, 16, 3]), in: .evaluation)
    }
  }
}
