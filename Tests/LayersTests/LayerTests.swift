import Autograd
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing

@Suite struct LayerTests {
  private func paths(_ module: some Module) -> [String] { module.parameters.map(\.path) }

  @Test func linear() {
    var stream = initialStream()
    let layer = Linear(3, 2, stream: &stream)
    #expect(paths(layer) == ["weight", "bias"])
    #expect(layer.parameterCount == 8)
    layer.weight.assign(Tensor([1, 2, 3, 0, -1, 1], shape: [2, 3]))
    layer.bias?.assign(Tensor([10, 20]))
    #expect(layer(Tensor([1, 1, 1, 0, 2, 0], shape: [2, 3])).values == [16, 20, 14, 18])
    #expect(layer(example([2, 5, 3])).shape == [2, 5, 2])
    let plain = Linear(3, 2, bias: false, stream: &stream)
    #expect(paths(plain) == ["weight"])
    #expect(plain.parameterCount == 6)
  }

  @Test func convolution() {
    var stream = initialStream()
    let layer = Conv2d(3, 5, kernel: (3, 2), stride: (2, 1), padding: ImagePadding(1), stream: &stream)
    #expect(paths(layer) == ["weight", "bias"])
    #expect(layer.weight.shape == [5, 3, 2, 3])
    #expect(layer.parameterCount == 5 * 18 + 5)
    // (7 + 2 − 3) / 2 + 1 = 4 and (6 + 2 − 2) / 1 + 1 = 7
    #expect(layer(example([2, 7, 6, 3])).shape == [2, 4, 7, 5])
    let square = Conv2d(1, 1, kernel: 2, bias: false, stream: &stream)
    square.weight.assign(Tensor([1, 2, 3, 4], shape: [1, 2, 2, 1]))
    #expect(square(Tensor([1, 0, 0, 1], shape: [1, 2, 2, 1])).values == [5])
    #expect(paths(square) == ["weight"])
  }

  @Test func embedding() {
    var stream = initialStream()
    let layer = Embedding(vocabulary: 4, dimensions: 3, stream: &stream)
    #expect(paths(layer) == ["table"])
    #expect(layer.parameterCount == 12)
    let rows = layer([2, 0, 2])
    #expect(rows.shape == [3, 3])
    let table = layer.table.value.values
    let expected = [2, 0, 2].flatMap { row in table[3 * row..<3 * row + 3] }
    #expect(rows.values == expected)
  }

  @Test func recurrentLayers() {
    var stream = initialStream()
    let names = ["inputWeight", "hiddenWeight", "inputBias", "hiddenBias"]
    let lstm = LSTM(3, 4, stream: &stream)
    #expect(paths(lstm) == names)
    #expect(lstm.parameters.map(\.parameter.shape) == [[16, 3], [16, 4], [16], [16]])
    #expect(lstm(example([2, 5, 3])).shape == [2, 5, 4])
    let gru = GRU(3, 4, stream: &stream)
    #expect(paths(gru) == names)
    #expect(gru.parameterCount == 12 * 3 + 12 * 4 + 24)
    #expect(gru(example([2, 5, 3])).shape == [2, 5, 4])
  }

  @Test func gradientsReachRecurrentParameters() {
    var stream = initialStream()
    let input = example([2, 3, 3])
    let lstm = LSTM(3, 4, stream: &stream)
    let gru = GRU(3, 4, stream: &stream)
    let check = ModuleGradientCheck()
    #expect(check.largestError(at: lstm) { lstm(input) }.error < 2e-3)
    #expect(check.largestError(at: gru) { gru(input) }.error < 2e-3)
  }

  @Test func perceptron() {
    var stream = initialStream()
    let network = MLP(widths: [3, 4, 2], activation: .tanh, stream: &stream)
    #expect(paths(network) == ["0.weight", "0.bias", "1.weight", "1.bias"])
    #expect(network.parameterCount == 3 * 4 + 4 + 4 * 2 + 2)
    let input = example([5, 3])
    let expected = network.layers[1](network.layers[0](input).tanh())
    #expect(distance(network(input), expected) < 1e-6)
    let (error, path) = ModuleGradientCheck().largestError(at: network) { network(input) }
    #expect(error < 2e-3, "\(path)")
    // Nothing follows the last layer, so outputs may be negative behind a rectifier.
    let single = MLP(widths: [1, 1], activation: .relu, stream: &stream)
    single.layers[0].weight.assign(Tensor([-1], shape: [1, 1]))
    single.layers[0].bias?.assign(Tensor([0] as [Float]))
    #expect(single(Tensor([3], shape: [1, 1])).values == [-3])
  }

  @Test func batchNormalisedPerceptron() {
    var stream = initialStream()
    let network = BatchNormalisedPerceptron(widths: [3, 4, 5, 2], stream: &stream)
    #expect(network.layers.map { $0.bias != nil } == [true, true, false] && network.norms.count == 2)
    let input = example([6, 3])
    let pass = ForwardPass(streams: RandomStreams(seed: 1))
    // Linear, batch norm, ReLU, twice; and a dense layer without a bias.
    var expected = input
    for (layer, norm) in zip(network.layers, network.norms) {
      expected =
        layer(expected).batchNormalised(
          gain: norm.gain.value, bias: norm.bias.value, statistics: .batch, epsilon: 1e-5, rectified: true, groups: 1
        ).output
    }
    #expect(distance(network(input, in: pass), network.layers[2](expected)) < 1e-6)
    #expect(network.norms[0].runningMean.value.values != [0, 0, 0, 0])
    #expect(network(input, in: .evaluation).shape == [6, 2])
    let (error, path) = ModuleGradientCheck(step: 2e-3).largestError(at: network) { network(input, in: pass) }
    #expect(error < 2e-2, "\(path)")
  }

  @Test func sequence() {
    var stream = initialStream()
    let network = Sequential(
      Conv2d(1, 2, kernel: 3, bias: false, stream: &stream), BatchNorm(2), Activation.relu, Flatten(),
      Linear(8, 3, stream: &stream))
    #expect(paths(network) == ["0.weight", "1.gain", "1.bias", "4.weight", "4.bias"])
    #expect(network.buffers.map(\.path) == ["1.runningMean", "1.runningVariance"])
    #expect(network.parameterCount == 18 + 4 + 27)
    #expect(network(example([2, 4, 4, 1]), in: .evaluation).shape == [2, 3])
    let input = example([2, 3])
    #expect(Sequential()(input, in: .evaluation).values == input.values)
  }

  @Test func activations() {
    let input = Tensor([-1, 0, 2])
    #expect(Activation.relu(input).values == [0, 0, 2])
    #expect(Activation.identity(input).values == [-1, 0, 2])
    // x σ(x), x Φ(x) and tanh x
    #expect(distance(Activation.silu(input), Tensor([-0.268941, 0, 1.761594])) < 1e-5)
    #expect(distance(Activation.gelu(input), Tensor([-0.158655, 0, 1.954500])) < 1e-5)
    #expect(distance(Activation.tanh(input), Tensor([-0.761594, 0, 0.964028])) < 1e-5)
    #expect(Activation.allCases.allSatisfy { $0.parameterCount == 0 })
  }

  @Test func dropoutIsTheIdentityInEvaluation() {
    let layer = Dropout(rate: 0.5)
    let input = Tensor(repeating: 3, shape: [40, 50])
    #expect(layer(input, in: .evaluation).values == input.values)
    let pass = ForwardPass(dropout: RandomStream(seed: 1, name: "dropout"))
    let first = layer(input, in: pass)
    #expect(Set(first.values) == [0, 6])
    // Half of 2000, deviation 22.
    #expect(abs(first.values.filter { $0 == 0 }.count - 1000) < 120)
    #expect(pass.dropout.position == 2000)
    #expect(layer(input, in: pass).values != first.values)
    #expect(Dropout(rate: 0)(input, in: pass).values == input.values)
  }

  @Test func lossTermsAddUp() {
    let terms = LossTerms(summing: [("image", Tensor(2)), ("sound", Tensor(0.5))])
    #expect(terms.values.map(\.name) == ["total", "image", "sound"])
    #expect(terms.values.map(\.value) == [2.5, 2, 0.5])
  }

  @Test func emptyModulesAreRefused() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 0, name: "init")
      _ = MLP(widths: [3], activation: .relu, stream: &stream)
    }
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 0, name: "init")
      _ = ResNet(widths: [], stream: &stream)
    }
    await #expect(processExitsWith: .failure) { _ = LossTerms(summing: []) }
  }
}
