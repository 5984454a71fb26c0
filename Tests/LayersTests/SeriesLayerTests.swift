import Autograd
import Foundation
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing

/// a sin(b (k + 1)), row-major, as the reference values were made.
private func fill(_ shape: [Int], _ a: Double, _ b: Double) -> Tensor {
  Tensor((0..<shape.reduce(1, *)).map { Float(a * sin(b * Double($0 + 1))) }, shape: shape)
}

@Suite struct SeriesLayerTests {
  @Test func gruAgreesWithTorch() {
    let y = fill([1, 3, 2], 1, 0.5).gru(
      RecurrentWeights(
        inputWeight: fill([9, 2], 0.5, 0.7), hiddenWeight: fill([9, 3], 0.4, 1.1), inputBias: fill([9], 0.1, 0.3),
        hiddenBias: fill([9], 0.2, 0.9)))
    let expected: [Float] = [
      0.0067814671, -0.1925859532, -0.0029925695, 0.0590727856, -0.3832123491, -0.0513396735, 0.128449477,
      -0.2895171286, -0.0310319525,
    ]
    #expect(distance(y, Tensor(expected, shape: [1, 3, 3])) < 1e-6)
  }

  @Test func convolutionByHand() {
    let x = Tensor([1, 2, 3, 4], shape: [1, 4, 1])
    let kernel = Tensor([10, 1], shape: [1, 2, 1])
    #expect(x.convolvedInTime(weight: kernel).values == [12, 23, 34])
    #expect(x.convolvedInTime(weight: kernel, bias: Tensor([5])).values == [17, 28, 39])
    #expect(x.convolvedInTime(weight: kernel, stride: 2).values == [12, 34])
    #expect(x.convolvedInTime(weight: kernel, dilation: 2, padding: (2, 0)).values == [1, 2, 13, 24])
    #expect(x.convolvedInTime(weight: kernel, padding: (1, 1)).values == [1, 12, 23, 34, 40])
    #expect(x.convolvedInTime(weight: kernel, dilation: 2, padding: (7, 7)).shape == [1, 16, 1])
  }

  @Test(arguments: [(1, 1, 0, 0), (2, 1, 1, 0), (1, 2, 4, 0), (3, 2, 2, 2)])
  func convolutionGradients(stride: Int, dilation: Int, before: Int, after: Int) {
    let inputs = [example([2, 7, 3]), example([4, 3, 3], seed: 1), example([4], seed: 2)]
    let error = GradientCheck().largestError(at: inputs) {
      $0[0].convolvedInTime(
        weight: $0[1], bias: $0[2], stride: stride, dilation: dilation, padding: (before, after))
    }
    #expect(error < 3e-3)
  }

  @Test func causalConvolutionKeepsTheLengthAndSeesNoLaterStep() {
    var stream = initialStream()
    let layer = TemporalConvolution(2, 3, kernel: 3, dilation: 2, padding: .causal, stream: &stream)
    #expect(layer.parameterCount == 3 * 3 * 2 + 3)
    let before = example([1, 6, 2])
    var values = before.values
    for i in 8..<12 { values[i] += 1 }
    let (a, b) = (layer(before).values, layer(Tensor(values, shape: [1, 6, 2])).values)
    #expect(a.count == 18)
    #expect(a[..<12] == b[..<12])
    #expect(a[12...] != b[12...])
    #expect(ModuleGradientCheck().largestError(at: layer) { layer(before) }.error < 2e-3)
  }

  @Test func positionsAreThoseOfTheAuthors() {
    let first = SinusoidalPositions.row(1, dimensions: 30)
    let expected: [Int: Float] = [
      0: 0.841471, 1: 0.4950979, 14: 0.0001, 15: 0.5403023, 16: 0.8688372, 29: 1,
    ]
    for (place, value) in expected { #expect(abs(first[place] - value) < 1e-6) }
    let last = SinusoidalPositions.row(50, dimensions: 30)
    #expect(abs(last[0] + 0.2623748) < 1e-6 && abs(last[15] - 0.9649661) < 1e-6)
    #expect(SinusoidalPositions.row(3, dimensions: 5).count == 5 && SinusoidalPositions.row(3, dimensions: 5)[4] == 0)
    // A step whose first channel is 0 is padding; the count goes on over it.
    var values = [Float](repeating: 1, count: 6 * 30)
    for (step, value) in [0, 0, 0.3, -0.2, 0, 0.1].enumerated() { values[step * 30] = Float(value) }
    let rows = SinusoidalPositions.rows(for: Tensor(values, shape: [1, 6, 30])).values
    for (step, row) in [0, 0, 3, 4, 0, 6].enumerated() {
      #expect(Array(rows[step * 30..<(step + 1) * 30]) == SinusoidalPositions.row(row, dimensions: 30))
    }
  }

  @Test func causalCrossAttentionAgreesWithTheAuthors() {
    let (query, source) = (fill([1, 3, 4], 1, 0.45), fill([1, 3, 4], 1, 0.83))
    let (weight, bias) = (fill([12, 4], 0.6, 0.37), fill([12], 0.05, 0.8))
    func part(_ tensor: Tensor, _ third: Int) -> Tensor {
      let rows = third * 4..<(third + 1) * 4
      return tensor.linear(weight: weight.slice(rows), bias: bias.slice(rows))
    }
    let attended = Tensor.attention(
      query: part(query, 0), key: part(source, 1), value: part(source, 2), heads: 2,
      mask: AttentionMask(isCausal: true))
    let y = attended.linear(weight: fill([4, 4], 0.5, 0.61), bias: fill([4], 0.1, 1.3))
    let expected: [Float] = [
      0.472157065, 0.168736324, -0.623595045, 0.642025848, 0.323879276, 0.106291678, -0.379924916, 0.332232597,
      -0.094752784, -0.003361627, 0.206216868, -0.453522107,
    ]
    #expect(distance(y, Tensor(expected, shape: [1, 3, 4])) < 1e-6)
  }

  @Test func attentionWithDropoutIsThatWithoutInTheMean() {
    let (query, key) = (example([2, 3, 4]), example([2, 5, 4], seed: 1))
    let allowed = [true, true, false, true, true, true, true, true, true, false]
    let mask = AttentionMask(isCausal: true, offset: 2, allowedKeys: allowed)
    func attention(_ rate: Float, _ stream: inout RandomStream) -> Tensor {
      .attention(
        query: query, key: key, value: key, heads: 2, mask: mask, dropoutRate: rate, using: &stream)
    }
    var stream = initialStream()
    let plain = attention(0, &stream)
    #expect(distance(attention(1e-7, &stream), plain) < 1e-5)
    var sum = Tensor(repeating: 0, shape: plain.shape)
    for _ in 0..<400 { sum = sum + attention(0.2, &stream) }
    #expect(distance(sum / 400, plain) < 0.1)
    #expect(distance(attention(0.2, &stream), plain) > 0.01)
    let start = stream
    let error = GradientCheck().largestError(at: [query, key]) {
      var stream = start
      return .attention(
        query: $0[0], key: $0[1], value: $0[1], heads: 2, mask: mask, dropoutRate: 0.2, using: &stream)
    }
    #expect(error < 4e-3)
  }

  @Test func crossModalTransformerGradientsAndParameters() {
    var stream = initialStream()
    let network = CrossModalTransformer(.init(dimensions: 6, heads: 2, layers: 2), stream: &stream)
    // A layer: norms 24, projections 6 · 18 + 18 and 6 · 6 + 6, perceptron 6 · 24 + 24 + 24 · 6 + 6; the last norm 12.
    #expect(network.parameterCount == 2 * (24 + 126 + 42 + 168 + 150) + 12)
    let (x, source) = (example([2, 3, 6]), example([2, 5, 6], seed: 1))
    // A small step seldom crosses a rectifier's edge.
    let check = ModuleGradientCheck(step: 1e-3)
    let (error, path) = check.largestError(at: network) { network(x, source: source, in: .evaluation) }
    #expect(error < 2e-2, "\(path)")
    let own = check.largestError(at: network) { network(x, in: .evaluation) }
    #expect(own.error < 2e-2, "\(own.path)")
  }

  @Test func aStepSeesNoLaterStepOfItselfOrItsSource() {
    var stream = initialStream()
    let network = CrossModalTransformer(.init(dimensions: 6, heads: 2, layers: 2), stream: &stream)
    let (x, source) = (example([1, 4, 6]), example([1, 4, 6], seed: 1))
    var changed = source.values
    for i in 18..<24 { changed[i] += 1 }
    let a = network(x, source: source, in: .evaluation).values
    let b = network(x, source: Tensor(changed, shape: [1, 4, 6]), in: .evaluation).values
    #expect(a[..<18] == b[..<18])
    #expect(a[18...] != b[18...])
  }
}
