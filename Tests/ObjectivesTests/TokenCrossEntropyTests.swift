import Autograd
import Kernels
import Objectives
import SampleTensors
import Testing

@Suite struct TokenCrossEntropyTests {
  private let logits = Tensor([2, 0, 0, 0, 1, -1, 0.5, 0.5, 2], shape: [3, 3])

  @Test func goldenValues() {
    let plain = TokenCrossEntropy.loss(logits, labels: [0, 1, nil])
    #expect(abs(plain.loss.scalar - 0.3235753654) < 1e-6 && plain.count == 2 && plain.each.values[2] == 0)
    let smoothed = TokenCrossEntropy.loss(logits, labels: [0, 1, nil], smoothing: 0.1)
    #expect(abs(smoothed.loss.scalar - 0.440242032) < 1e-6)
    #expect(TokenCrossEntropy.loss(logits, labels: [nil, nil, nil]).loss.scalar == 0)
  }

  @Test func partsGiveTheSameLossAndGradients() {
    let (states, weight, bias) = (
      randomTensor([7, 5], "states"), randomTensor([9, 5], "weight"), randomTensor([9], "bias")
    )
    let labels: [Int32?] = [3, nil, 0, 8, nil, 2, 5]
    for smoothing in [Float(0), 0.1] {
      let whole = Tape.gradients(at: [states, weight, bias]) {
        TokenCrossEntropy.loss($0[0].linear(weight: $0[1], bias: $0[2]), labels: labels, smoothing: smoothing).loss
      }
      let parts = Tape.gradients(at: [states, weight, bias]) {
        TokenCrossEntropy.loss(
          of: $0[0], weight: $0[1], bias: $0[2], labels: labels, smoothing: smoothing, part: 2)
      }
      #expect(abs(whole.value.scalar - parts.value.scalar) < 1e-6)
      for (a, b) in zip(whole.gradients, parts.gradients) { #expect(distance(a, b.values) < 1e-6) }
    }
  }

  @Test func gradientsAgreeWithDifferences() {
    let error = GradientCheck().largestError(at: [logits]) {
      TokenCrossEntropy.loss($0[0], labels: [0, 1, nil], smoothing: 0.2).loss
    }
    #expect(error < 1e-2)
  }
}
