import Autograd
import Kernels
import SampleTensors
import Testing

@Suite struct NormalisationTests {
  @Test func rowsGetLengthOne() {
    let x = Tensor([3, 4, 0, 0], shape: [2, 2])
    #expect(x.l2Normalised().values == [0.6, 0.8, 0, 0])
    #expect(GradientCheck().largestError(at: [example([3, 5])]) { $0[0].l2Normalised() } < 2e-3)
  }

  @Test func layerNormByHand() {
    let x = Tensor([1, 3], shape: [1, 2])
    let y = x.layerNormalised(gain: Tensor([2, 1]), bias: Tensor([0, 5]), epsilon: 0)
    #expect(distance(y, [-2, 6]) < 1e-6)
    let inputs = [example([4, 6]), example([6], seed: 1), example([6], seed: 2)]
    #expect(GradientCheck().largestError(at: inputs) { $0[0].layerNormalised(gain: $0[1], bias: $0[2]) } < 4e-3)
  }

  @Test func batchNormByHandAndGradient() {
    let x = Tensor([1, 10, 3, 20], shape: [2, 2])
    let (y, mean, variance) = x.batchNormalised(
      gain: Tensor([1, 2]), bias: Tensor([0, 1]), statistics: .batch, epsilon: 0)
    #expect(distance(y, [-1, -1, 1, 3]) < 1e-5)
    #expect(mean.values == [2, 15])
    #expect(distance(variance, [1, 25]) < 1e-5)
    let running = x.batchNormalised(
      gain: Tensor([1, 2]), bias: Tensor([0, 1]), statistics: .running(mean: mean, variance: variance), epsilon: 0)
    #expect(distance(running.output, [-1, -1, 1, 3]) < 1e-5)
    let inputs = [example([2, 3, 2, 4]), example([4], seed: 1, low: 0.5), example([4], seed: 2, low: 0.3, high: 0.9)]
    for rectified in [false, true] {
      let error = GradientCheck(step: 3e-3).largestError(at: inputs) {
        $0[0].batchNormalised(gain: $0[1], bias: $0[2], statistics: .batch, rectified: rectified).output
      }
      #expect(error < (rectified ? 5e-2 : 5e-3))
    }
  }
}

@Suite struct ConvolutionTests {
  @Test func oneWindowByHand() {
    let image = Tensor([1, 2, 3, 4], shape: [1, 2, 2, 1])
    let kernel = Tensor([1, 10, 100, 1000], shape: [1, 2, 2, 1])
    #expect(image.convolved(weight: kernel, bias: Tensor([0.5])).values == [4321.5])
    #expect(image.convolved(weight: kernel, padding: ImagePadding(1)).shape == [1, 3, 3, 1])
  }

  @Test func gradientsAgree() {
    let inputs = [example([2, 5, 6, 3]), example([4, 3, 2, 3], seed: 1), example([4], seed: 2)]
    let error = GradientCheck().largestError(at: inputs) {
      $0[0].convolved(weight: $0[1], bias: $0[2], stride: (2, 1), padding: ImagePadding(vertical: 1, horizontal: 0))
    }
    #expect(error < 3e-3)
  }

  @Test func pooling() {
    let image = Tensor((1...16).map(Float.init), shape: [1, 4, 4, 1])
    #expect(image.maxPooled(window: 2).values == [6, 8, 14, 16])
    #expect(image.averagePooled(window: 2).values == [3.5, 5.5, 11.5, 13.5])
    #expect(image.globallyAveraged().values == [8.5])
    let x = example([2, 6, 6, 3])
    #expect(GradientCheck(step: 1e-3).largestError(at: [x]) { $0[0].maxPooled(window: 3, stride: 2) } < 2e-2)
    #expect(GradientCheck().largestError(at: [x]) { $0[0].averagePooled(window: 3, stride: 2, padding: 1) } < 2e-3)
    #expect(GradientCheck().largestError(at: [x]) { $0[0].globallyAveraged() } < 2e-3)
  }
}

@Suite struct AttentionTests {
  @Test func uniformScoresAverageTheValues() {
    let zero = Tensor(repeating: 0, shape: [1, 2, 2])
    let value = Tensor([1, 2, 3, 4], shape: [1, 2, 2])
    #expect(distance(Tensor.attention(query: zero, key: zero, value: value, heads: 1), [2, 3, 2, 3]) < 1e-6)
    let causal = AttentionMask(isCausal: true)
    #expect(
      distance(Tensor.attention(query: zero, key: zero, value: value, heads: 2, mask: causal), [1, 2, 2, 3]) < 1e-6)
    let padded = AttentionMask(allowedKeys: [true, false])
    #expect(
      distance(Tensor.attention(query: zero, key: zero, value: value, heads: 1, mask: padded), [1, 2, 1, 2]) < 1e-6)
    let none = AttentionMask(allowedKeys: [false, false])
    #expect(Tensor.attention(query: zero, key: zero, value: value, heads: 1, mask: none).values == [0, 0, 0, 0])
  }

  @Test func gradientsAgree() {
    let mask = AttentionMask(allowedKeys: [true, true, false, true, true, true, true, true])
    let inputs = [example([2, 3, 4]), example([2, 4, 4], seed: 1), example([2, 4, 4], seed: 2)]
    let cross = GradientCheck().largestError(at: inputs) {
      Tensor.attention(query: $0[0], key: $0[1], value: $0[2], heads: 2, mask: mask)
    }
    #expect(cross < 3e-3)
    let own = GradientCheck().largestError(at: [example([2, 4, 12], low: -2, high: 2)]) {
      $0[0].selfAttention(heads: 2, mask: AttentionMask(isCausal: true))
    }
    #expect(own < 4e-3)
  }
}

@Suite struct RecurrenceTests {
  private func weights(gates: Int, seed: UInt64) -> [Tensor] {
    [
      example([gates * 4, 3], seed: seed), example([gates * 4, 4], seed: seed + 1),
      example([gates * 4], seed: seed + 2), example([gates * 4], seed: seed + 3),
    ]
  }

  private func packed(_ tensors: [Tensor]) -> RecurrentWeights {
    RecurrentWeights(
      inputWeight: tensors[1], hiddenWeight: tensors[2], inputBias: tensors[3], hiddenBias: tensors[4])
  }

  @Test(arguments: [1, 2, 5]) func gradientsAgree(time: Int) {
    let x = example([2, time, 3])
    let lstm = GradientCheck().largestError(at: [x] + weights(gates: 4, seed: 1)) { $0[0].lstm(packed($0)) }
    #expect(lstm < 4e-3)
    let gru = GradientCheck().largestError(at: [x] + weights(gates: 3, seed: 1)) { $0[0].gru(packed($0)) }
    #expect(gru < 4e-3)
  }

  @Test func stepsAreTheSequence() {
    let (x, own) = (example([2, 4, 3]), packed([example([2, 4, 3])] + weights(gates: 4, seed: 1)))
    let all = x.lstm(own)
    var (hidden, cell) = (Tensor(repeating: 0, shape: [2, 4]), Tensor(repeating: 0, shape: [2, 4]))
    for time in 0..<4 {
      (hidden, cell) = x.selecting(time, axis: 1).lstmStep(own, hidden: hidden, cell: cell)
      let difference = (hidden - all.selecting(time, axis: 1)).magnitude().values.max() ?? 1
      #expect(difference < 1e-6, "step \(time)")
    }
    let states = [example([2, 3], seed: 7), example([2, 4], seed: 8), example([2, 4], seed: 9)]
    let error = GradientCheck().largestError(at: states + weights(gates: 4, seed: 1)) { all in
      let found = all[0].lstmStep(packed([all[0]] + all[3...]), hidden: all[1], cell: all[2])
      return found.hidden + 2 * found.cell
    }
    #expect(error < 4e-3)
  }

  @Test func gruByHand() {
    // One unit, one step, all weights 0: r = z = ½, n = tanh(b_in + ½ b_hn), h = ½ n.
    let zero = Tensor(repeating: 0, shape: [3, 1])
    let y = Tensor([5], shape: [1, 1, 1]).gru(
      RecurrentWeights(
        inputWeight: zero, hiddenWeight: zero, inputBias: Tensor([0, 0, 0.3]), hiddenBias: Tensor([0, 0, 0.4])))
    #expect(distance(y, [0.5 * 0.462117]) < 1e-5)
  }
}
