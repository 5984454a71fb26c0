import Autograd
import Kernels
import Layers
import Objectives
import SampleTensors
import Testing

@Suite struct EncoderTests {
  @Test(arguments: [(0, 4_028_737), (1024, 4_243_521), (16_384, 6_209_601)])
  func parameterCounts(values: (codes: Int, parameters: Int)) {
    var stream = RandomStream(seed: 1, name: "init")
    let image = VisionTransformer(stream: &stream)
    let text = TextTransformer(TextTransformer.Options(), stream: &stream)
    let scale = LearntScale(temperature: 0.07)
    var modules: [any Module] = [image, text, scale]
    let widths = [("image", image.outputDimensions), ("text", TextTransformer.Options().dimensions)]
    for (_, width) in widths { modules.append(Linear(width, 128, bias: false, stream: &stream)) }
    if values.codes > 0 {
      modules.append(
        FiniteDiscreteTokens(
          modalities: widths.map { (name: $0.0, dimensions: $0.1) },
          options: .official(codes: values.codes, dimensions: 128), stream: &stream))
    }
    #expect(modules.reduce(0) { $0 + $1.parameterCount } == values.parameters)
  }

  @Test func parameterCountOfTheResidualNetwork() {
    var stream = RandomStream(seed: 1, name: "init")
    let network = Sequential(
      ResNet(widths: [32, 64, 128], stream: &stream),
      MLP(widths: [128, 128, 128], activation: .relu, stream: &stream))
    #expect(network.parameterCount == 728_352)
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
      var stream = RandomStream(seed: 2, name: "init")
      var options = TextTransformer.Options()
      (options.dimensions, options.layers, options.heads) = (8, 2, 2)
      (options.vocabulary, options.length, options.isCausal) = (11, 6, isCausal)
      let text = TextTransformer(options, stream: &stream)
      return text(tokens, batch: 1, isReal: isReal, in: .evaluation).matrix
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
    // A text without a token has nothing to be the mean of.
    #expect(TextTransformer.read(features, .mean, isReal: isReal).values == [1.5, 0])
    #expect(TextTransformer.read(features, .mean).values == [2, 5])
  }

  @Test func wrongImageSizeIsRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1, name: "init")
      _ = VisionTransformer(stream: &stream)(Tensor(repeating: 0, shape: [1, 16, 16, 3]), in: .evaluation)
    }
  }
}
