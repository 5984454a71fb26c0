import Autograd
import Kernels
import Layers
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
