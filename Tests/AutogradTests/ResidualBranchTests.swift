import Autograd
import Kernels
import SampleTensors
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

  /// The last is as large that threads share blocks, of which there are two.
  @Test(arguments: [[1, 5, 9], [7, 5, 9], [400, 5, 9], [2100, 512, 1024]], [Float(0), 0.3])
  func perceptron(sizes: [Int], rate: Float) {
    let (rows, width, hidden) = (sizes[0], sizes[1], sizes[2])
    let inputs = [
      example([rows, width]), example([width], seed: 1), example([width], seed: 2),
      example([hidden, width], seed: 3) * (1 / Float(width)), example([hidden], seed: 4),
      example([width, hidden], seed: 5) * (1 / Float(hidden)), example([width], seed: 6),
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

  private enum Mask: CaseIterable { case none, causal, keys }

  /// 75 observations of 5 tokens are two blocks; 450 of 424 numbers are two blocks that threads share.
  @Test(arguments: Mask.allCases, [(75, 6, Float(0)), (75, 6, 0.3), (450, 424, 0), (450, 424, 0.3)])
  private func selfAttention(kind: Mask, sizes: (count: Int, width: Int, rate: Float)) {
    let (count, width, rate) = sizes
    let mask =
      switch kind {
      case .none: AttentionMask()
      case .causal: AttentionMask(isCausal: true)
      case .keys: AttentionMask(allowedKeys: (0..<count * 5).map { $0 % 5 < 3 || $0 % 7 == 0 })
      }
    let inputs = [
      example([count, 5, width]), example([width], seed: 1), example([width], seed: 2),
      example([3 * width, width], seed: 3) * (1 / Float(width)), example([3 * width], seed: 4),
      example([width, width], seed: 5) * (1 / Float(width)), example([width], seed: 6),
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
