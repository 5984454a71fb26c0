import Autograd
import Kernels
import Testing

/// The fused residual branches of a transformer against the operations that they are made of.
@Suite struct ResidualBranchTests {
  private static func stream() -> RandomStream { RandomStream(seed: 3, name: "dropout") }

  private func compare(
    _ inputs: [Tensor], fused: ([Tensor]) -> Tensor, composed: ([Tensor]) -> Tensor
  ) {
    #expect(distance(fused(inputs), composed(inputs).values) < 2e-5)
    let first = Tape.gradients(at: inputs) { (fused($0) + $0[0]).squared().mean() }.gradients
    let second = Tape.gradients(at: inputs) { (composed($0) + $0[0]).squared().mean() }.gradients
    for (index, (a, b)) in zip(first, second).enumerated() {
      #expect(distance(a, b.values) < 1e-4, "input \(index)")
    }
  }

  @Test(arguments: [1, 7, 400], [Float(0), 0.3]) func perceptron(rows: Int, rate: Float) {
    let inputs = [
      example([rows, 5]), example([5], seed: 1), example([5], seed: 2), example([9, 5], seed: 3),
      example([9], seed: 4), example([5, 9], seed: 5), example([5], seed: 6),
    ]
    compare(inputs) { x in
      var stream = Self.stream()
      return x[0].addingPerceptron(
        PerceptronWeights(up: x[3], upBias: x[4], down: x[5], downBias: x[6]), function: .gelu,
        behind: NormWeights(gain: x[1], bias: x[2], epsilon: 1e-5), dropoutRate: rate, using: &stream)
    } composed: { x in
      var stream = Self.stream()
      let branch = x[0].layerNormalised(gain: x[1], bias: x[2]).linear(weight: x[3], bias: x[4]).gelu()
        .linear(weight: x[5], bias: x[6])
      return x[0] + branch.droppingOut(rate: rate, using: &stream)
    }
  }

  @Test(
    arguments: [
      AttentionMask(), AttentionMask(isCausal: true),
      AttentionMask(allowedKeys: (0..<75 * 5).map { $0 % 5 < 3 || $0 % 7 == 0 }),
    ], [Float(0), 0.3])
  func selfAttention(mask: AttentionMask, rate: Float) {
    // 75 observations of 5 tokens are two blocks.
    let inputs = [
      example([75, 5, 6]), example([6], seed: 1), example([6], seed: 2), example([18, 6], seed: 3),
      example([18], seed: 4), example([6, 6], seed: 5), example([6], seed: 6),
    ]
    compare(inputs) { x in
      var stream = Self.stream()
      return x[0].addingSelfAttention(
        SelfAttentionWeights(project: x[3], projectBias: x[4], output: x[5], outputBias: x[6]), heads: 2, mask: mask,
        behind: NormWeights(gain: x[1], bias: x[2], epsilon: 1e-5), dropoutRate: rate, using: &stream)
    } composed: { x in
      var stream = Self.stream()
      let branch = x[0].layerNormalised(gain: x[1], bias: x[2]).linear(weight: x[3], bias: x[4])
        .selfAttention(heads: 2, mask: mask).linear(weight: x[5], bias: x[6])
      return x[0] + branch.droppingOut(rate: rate, using: &stream)
    }
  }

  @Test func nothingGivesNothing() {
    var stream = Self.stream()
    let norm = NormWeights(gain: example([4]), bias: example([4]), epsilon: 1e-5)
    let weights = SelfAttentionWeights(
      project: example([12, 4]), projectBias: example([12]), output: example([4, 4]), outputBias: example([4]))
    for shape in [[0, 3, 4], [2, 0, 4]] {
      let input = Tensor([], shape: shape)
      let gradients = Tape.gradients(at: [input]) {
        $0[0].addingSelfAttention(weights, heads: 2, behind: norm, dropoutRate: 0, using: &stream).sum()
      }.gradients
      #expect(gradients[0].shape == shape)
    }
  }

  @Test func sizesThatDoNotFitAreNamed() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var stream = RandomStream(seed: 3, name: "dropout")
      let norm = NormWeights(
        gain: Tensor(repeating: 1, shape: [3]), bias: Tensor(repeating: 0, shape: [3]), epsilon: 1e-5)
      let weights = PerceptronWeights(
        up: Tensor(repeating: 1, shape: [5, 4]), upBias: Tensor(repeating: 0, shape: [5]),
        down: Tensor(repeating: 1, shape: [4, 5]), downBias: Tensor(repeating: 0, shape: [4]))
      _ = Tensor(repeating: 1, shape: [2, 4]).addingPerceptron(
        weights, function: .gelu, behind: norm, dropoutRate: 0, using: &stream)
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("gain [3] and bias [3] for an input of shape [2, 4]"))
  }
}
