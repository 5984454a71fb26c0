import Autograd
import Foundation
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing

@Suite struct ConvolutionalImageEncoderTests {
  private func encoder(_ height: Int, _ width: Int? = nil, channels: Int = 1, widths: (Int, Int) = (1, 1), to d: Int)
    -> ConvolutionalImageEncoder
  {
    var stream = initialStream()
    var options = ConvolutionalImageEncoder.Options()
    (options.imageSize, options.imageWidth, options.channels) = (height, width, channels)
    (options.firstWidth, options.secondWidth, options.dimensions) = (widths.0, widths.1, d)
    return ConvolutionalImageEncoder(options, stream: &stream)
  }

  @Test func oneImageByHand() {
    let network = encoder(4, to: 1)
    // Kernels that copy their middle, so that only pooling and the dense layer are left.
    for layer in [network.first, network.second] {
      layer.weight.assign(Tensor([0, 0, 0, 0, 1, 0, 0, 0, 0], shape: [1, 3, 3, 1]))
      layer.bias?.assign(Tensor([0] as [Float]))
    }
    network.projection.weight.assign(Tensor([2], shape: [1, 1]))
    network.projection.bias?.assign(Tensor([1] as [Float]))
    let rising = Tensor((0..<16).map(Float.init), shape: [1, 4, 4, 1])
    #expect(network(rising, in: .evaluation).values == [31])
    // Nothing below 0 passes the rectifiers.
    #expect(network(rising - 20, in: .evaluation).values == [1])
  }

  @Test func shapesAndParameters() {
    let network = encoder(5, 9, channels: 3, widths: (4, 6), to: 7)
    #expect(network(example([2, 5, 9, 3]), in: .evaluation).shape == [2, 7])
    #expect(network.outputDimensions == 7)
    // One row and two columns are left of 5 × 9.
    #expect(network.parameterCount == (27 * 4 + 4) + (36 * 6 + 6) + (12 * 7 + 7))
    #expect(network.parameters.map(\.path).first == "first.weight")
    var stream = initialStream()
    #expect(ConvolutionalImageEncoder(stream: &stream).parameterCount == 896 + 18_496 + 4096 * 128 + 128)
  }

  @Test func imagesDoNotTouchEachOther() {
    let network = encoder(8, channels: 2, widths: (3, 4), to: 5)
    let images = example([2, 8, 8, 2])
    let apart = (0..<2).map { network(images.slice($0..<$0 + 1), in: .evaluation) }
    #expect(distance(network(images, in: .evaluation), Tensor.concatenated(apart)) < 1e-5)
  }

  @Test func gradients() {
    let network = encoder(8, channels: 2, widths: (3, 4), to: 3)
    // Offsets keep the rectifiers away from their corners, where differences mislead.
    for layer in [network.first, network.second] {
      layer.bias?.assign(Tensor(repeating: 4, shape: [layer.weight.shape[0]]))
    }
    let images = example([2, 8, 8, 2])
    let (error, path) = ModuleGradientCheck(step: 2e-3).largestError(at: network) {
      network(images, in: .evaluation)
    }
    #expect(error < 1e-2, "\(path)")
  }

  @Test func wrongSizesAreRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 0, name: "init")
      _ = ConvolutionalImageEncoder(stream: &stream)(Tensor(repeating: 0, shape: [1, 16, 16, 3]), in: .evaluation)
    }
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 0, name: "init")
      var options = ConvolutionalImageEncoder.Options()
      options.imageSize = 3
      _ = ConvolutionalImageEncoder(options, stream: &stream)
    }
  }
}

@Suite struct LSTMTextEncoderTests {
  private func encoder(seed: UInt64 = 0) -> LSTMTextEncoder {
    var stream = initialStream(seed)
    var options = LSTMTextEncoder.Options()
    (options.vocabulary, options.embeddingDimensions, options.dimensions) = (7, 3, 4)
    return LSTMTextEncoder(options, stream: &stream)
  }

  @Test func statesByHand() {
    let network = encoder()
    for (path, parameter) in network.memory.parameters {
      var values = [Float](repeating: 0, count: parameter.count)
      // The new value is tanh 1, every gate is half open.
      if path == "inputBias" { for unit in 8..<12 { values[unit] = 1 } }
      parameter.assign(Tensor(values, shape: parameter.shape))
    }
    let first = 0.5 * tanhf(1)
    let second = 0.5 * first + 0.5 * tanhf(1)
    let output = network([1, 2, 3, 0], batch: 2, isReal: [true, true, true, false], in: .evaluation)
    let expected = [Float](repeating: 0.5 * tanhf(second), count: 4) + [Float](repeating: 0.5 * tanhf(first), count: 4)
    #expect(distance(output, Tensor(expected, shape: [2, 4])) < 1e-5)
  }

  @Test func paddingIsNotRead() {
    let network = encoder()
    func vector(_ tokens: [Int32], real: Int) -> [Float] {
      network(tokens, batch: 1, isReal: tokens.indices.map { $0 < real }, in: .evaluation).values
    }
    #expect(vector([3, 5, 0, 0], real: 2) == vector([3, 5, 6, 1], real: 2))
    #expect(vector([3, 5, 0, 0], real: 2) != vector([5, 3, 0, 0], real: 2))
    // A text without words reads its first state.
    #expect(vector([3, 5, 0, 0], real: 0) == vector([3, 5, 0, 0], real: 1))
    let whole = network([3, 5, 6, 1], batch: 1, in: .evaluation)
    #expect(whole.values == network.states([3, 5, 6, 1], batch: 1).selecting(3, axis: 1).values)
  }

  @Test func shapesAndParameters() {
    let network = encoder()
    #expect(network.parameterCount == 7 * 3 + 16 * 3 + 16 * 4 + 32)
    #expect(network.parameters.map(\.path).first == "embedding.table")
    #expect(network([1, 2, 3, 4, 5, 6], batch: 2, in: .evaluation).shape == [2, 4])
    #expect(network.states([1, 2, 3, 4, 5, 6], batch: 2).shape == [2, 3, 4])
    #expect(network.outputDimensions == 4)
  }

  @Test func gradients() {
    let network = encoder()
    let tokens: [Int32] = [1, 2, 0, 3, 4, 5]
    let (error, path) = ModuleGradientCheck().largestError(at: network) {
      network(tokens, batch: 2, isReal: tokens.map { $0 != 0 }, in: .evaluation)
    }
    #expect(error < 2e-3, "\(path)")
  }

  @Test func unevenTextsAreRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 0, name: "init")
      _ = LSTMTextEncoder(stream: &stream)([1, 2, 3], batch: 2, in: .evaluation)
    }
  }
}
