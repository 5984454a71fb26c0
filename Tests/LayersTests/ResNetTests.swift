import Autograd
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing

@Suite struct ResNetTests {
  private func training() -> ForwardPass { ForwardPass(dropout: initialStream()) }

  @Test(arguments: [(3, 3, 1, [2, 6, 6, 3]), (3, 5, 1, [2, 6, 6, 5]), (3, 3, 2, [2, 3, 3, 3])])
  func blocksChangeShapeByStrideAndWidth(input: Int, output: Int, stride: Int, shape: [Int]) {
    var stream = initialStream()
    let block = ResidualBlock(input, output, stride: stride, stream: &stream)
    #expect(block(example([2, 6, 6, input]), in: .evaluation).shape == shape)
    let changes = input != output || stride > 1
    #expect((block.shortcut != nil) == changes)
    #expect(block.parameters.contains { $0.path == "shortcut.weight" } == changes)
    #expect(
      block.parameterCount
        == 9 * input * output + 9 * output * output + 4 * output + (changes ? input * output + 2 * output : 0))
  }

  /// ResNet-50 is published with 25,557,032 parameters, 2,049,000 of them in the layer of its thousand classes.
  @Test func bottlenecksHaveThePublishedParameters() {
    var stream = initialStream()
    let network = BottleneckResNet(stream: &stream)
    #expect(network.parameterCount == 25_557_032 - 2_049_000 && network.outputDimensions == 2_048)
  }

  @Test func bottlenecksHaveParts() {
    var stream = initialStream()
    let network = BottleneckResNet(channels: 2, widths: [2, 3], blocks: [1, 2], groups: 2, stream: &stream)
    let input = example([4, 32, 24, 2])
    let map = network.featureMap(input, in: .evaluation)
    #expect(map.shape == [4, 4, 3, 12] && network.outputDimensions == 12)
    #expect(distance(network(input, in: .evaluation), map.globallyAveraged()) < 1e-6)
    // Two parts of a batch do not know of each other in training.
    let whole = network(input, in: training())
    let half = network(input.slice(axis: 0, 0..<2), in: training())
    var alone = initialStream()
    let single = BottleneckResNet(channels: 2, widths: [2, 3], blocks: [1, 2], stream: &alone)
    let first = single(input.slice(axis: 0, 0..<2), in: training())
    #expect(distance(whole.slice(axis: 0, 0..<2), first) < 1e-4)
    #expect(distance(half, first) > 1e-3)
  }

  @Test func bottleneckGradients() {
    var stream = initialStream()
    let network = BottleneckResNet(channels: 1, widths: [2], blocks: [2], stream: &stream)
    // Offsets keep the rectifiers away from their corners, where differences mislead.
    for (path, parameter) in network.parameters where path.hasSuffix("bias") {
      parameter.assign(Tensor(repeating: 4, shape: parameter.shape))
    }
    let input = example([3, 8, 8, 1])
    let pass = training()
    let (error, path) = ModuleGradientCheck(step: 3e-3).largestError(at: network) { network(input, in: pass) }
    #expect(error < 2e-2, "\(path)")
  }

  @Test func aBlockOfZerosIsItsShortcut() {
    var stream = initialStream()
    let block = ResidualBlock(2, 2, stream: &stream)
    block.second.weight.assign(Tensor(repeating: 0, shape: [2, 3, 3, 2]))
    let input = example([1, 4, 4, 2])
    #expect(distance(block(input, in: .evaluation), input.relu()) < 1e-6)
  }

  @Test func blockGradients() {
    var stream = initialStream()
    let block = ResidualBlock(2, 3, stride: 2, stream: &stream)
    // Offsets keep the rectifiers away from their corners, where differences mislead.
    for norm in [block.firstNorm, block.secondNorm] { norm.bias.assign(Tensor(repeating: 4, shape: [3])) }
    let input = example([4, 6, 6, 2])
    let pass = training()
    let (error, path) = ModuleGradientCheck(step: 3e-3).largestError(at: block) { block(input, in: pass) }
    #expect(error < 1e-2, "\(path)")
  }

  @Test func networkShapesAndPaths() {
    var stream = initialStream()
    let network = ResNet(channels: 3, widths: [4, 6, 8], blocksPerStage: 2, stream: &stream)
    #expect(network.outputDimensions == 8)
    #expect(network.blocks.count == 6)
    let images = example([2, 16, 16, 3])
    #expect(network.featureMap(images, in: .evaluation).shape == [2, 4, 4, 8])
    let output = network(images, in: .evaluation)
    #expect(output.shape == [2, 8])
    // The mean over the last map, written out.
    let map = network.featureMap(images, in: .evaluation).values
    let mean = (0..<16).reduce(Float(0)) { $0 + map[$1 * 8] } / 16
    #expect(abs(output.values[0] - mean) < 1e-5)
    let paths = network.parameters.map(\.path)
    #expect(paths.first == "stem.weight" && paths.contains("blocks.2.shortcut.weight"))
    #expect(!paths.contains("blocks.0.shortcut.weight") && !paths.contains("blocks.3.shortcut.weight"))
    #expect(Set(paths).count == paths.count)
    #expect(network.buffers.count == 2 * (1 + 6 * 2 + 2))
  }

  @Test func networkGradients() {
    var stream = initialStream()
    let network = ResNet(channels: 1, widths: [3, 4], blocksPerStage: 1, stream: &stream)
    network.stemNorm.bias.assign(Tensor(repeating: 4, shape: [3]))
    for block in network.blocks {
      let width = block.firstNorm.bias.count
      block.firstNorm.bias.assign(Tensor(repeating: 4, shape: [width]))
      block.secondNorm.bias.assign(Tensor(repeating: 4, shape: [width]))
    }
    let images = example([4, 6, 6, 1])
    let pass = training()
    let (error, path) = ModuleGradientCheck(step: 3e-3, samples: 4).largestError(at: network) {
      network(images, in: pass)
    }
    #expect(error < 1e-2, "\(path)")
  }
}
