import Autograd
import Kernels
import SampleTensors
import Testing

/// Layers with factors rounded to bfloat16 against the same in float32.
@Suite(.enabled(if: OneDNN.bfloat16Implementation != nil)) struct ArithmeticPrecisionTests {
  private static func stream() -> RandomStream { RandomStream(seed: 3, name: "dropout") }

  /// ‖a − b‖ / ‖b‖
  private func error(_ a: Tensor, _ b: Tensor) -> Double {
    let squares = zip(a.values, b.values).reduce((0.0, 0.0)) { sums, pair in
      (sums.0 + Double((pair.0 - pair.1) * (pair.0 - pair.1)), sums.1 + Double(pair.1 * pair.1))
    }
    return (squares.0 / squares.1).squareRoot()
  }

  /// Value and gradients differ by what eight bits of precision cost, and do differ.
  private func compare(_ name: String, _ inputs: [Tensor], tolerance: Double = 0.01, _ layer: ([Tensor]) -> Tensor) {
    let exact = layer(inputs)
    let slopes = example(exact.shape, seed: 99)
    func gradients() -> [Tensor] { Tape.gradients(at: inputs) { (layer($0) * slopes).sum() }.gradients }
    let expected = gradients()
    let (value, rounded) = ArithmeticPrecision.bfloat16.use { (layer(inputs), gradients()) }
    #expect((1e-6..<tolerance).contains(error(value, exact)), "\(name): \(error(value, exact))")
    for (index, (own, other)) in zip(rounded, expected).enumerated() {
      #expect(error(own, other) < tolerance, "\(name), gradient \(index): \(error(own, other))")
    }
    #expect(zip(rounded, expected).contains { error($0, $1) > 1e-6 }, "\(name): nothing is rounded")
    let again = ArithmeticPrecision.bfloat16.use { gradients() }
    #expect(zip(again, rounded).allSatisfy { $0.values == $1.values }, "\(name): other bits the second time")
  }

  @Test func dense() {
    let inputs = [example([100, 40]), example([48, 40], seed: 1), example([48], seed: 2)]
    compare("dense", inputs) { $0[0].linear(weight: $0[1], bias: $0[2]) }
    compare("dense, GELU", inputs) { $0[0].linear(weight: $0[1], bias: $0[2], followedBy: .gelu) }
    // A sum near 0 may fall on the other side of the rectifier.
    compare("dense, ReLU", inputs, tolerance: 0.1) { $0[0].linear(weight: $0[1], bias: $0[2], followedBy: .relu) }
  }

  /// Blocks of each thread's own, and blocks that threads share.
  @Test(arguments: [[400, 24, 48], [2100, 512, 1024]], [Float(0), 0.3]) func perceptron(sizes: [Int], rate: Float) {
    let (rows, width, hidden) = (sizes[0], sizes[1], sizes[2])
    let inputs = [
      example([rows, width]), example([width], seed: 1), example([width], seed: 2),
      example([hidden, width], seed: 3) * (24 / Float(width)), example([hidden], seed: 4),
      example([width, hidden], seed: 5) * (48 / Float(hidden)), example([width], seed: 6),
    ]
    compare("perceptron", inputs) { x in
      var stream = Self.stream()
      return x[0].addingPerceptron(
        PerceptronWeights(up: x[3], upBias: x[4], down: x[5], downBias: x[6]), function: .gelu,
        behind: NormWeights(gain: x[1], bias: x[2], epsilon: 1e-5), dropoutRate: rate, using: &stream)
    }
    compare("without a residual", [inputs[0]] + inputs[3...]) {
      $0[0].perceptron(PerceptronWeights(up: $0[1], upBias: $0[2], down: $0[3], downBias: $0[4]), function: .silu)
    }
  }

  @Test(
    arguments: [
      AttentionMask(), AttentionMask(isCausal: true),
      AttentionMask(allowedKeys: (0..<20 * 30).map { $0 % 30 < 12 && $0 < 18 * 30 }),
    ], [32, 424])
  func selfAttention(mask: AttentionMask, width: Int) {
    let inputs = [
      example([20, 30, width]), example([width], seed: 1), example([width], seed: 2),
      example([3 * width, width], seed: 3) * (32 / Float(width)), example([3 * width], seed: 4),
      example([width, width], seed: 5) * (32 / Float(width)), example([width], seed: 6),
    ]
    compare("self-attention", inputs, tolerance: 0.03) { x in
      var stream = Self.stream()
      return x[0].addingSelfAttention(
        SelfAttentionWeights(project: x[3], projectBias: x[4], output: x[5], outputBias: x[6]), heads: 2, mask: mask,
        behind: NormWeights(gain: x[1], bias: x[2], epsilon: 1e-5), dropoutRate: 0.1, using: &stream)
    }
  }

  @Test(
    arguments: [
      AttentionMask(), AttentionMask(isCausal: true), AttentionMask(allowedKeys: (0..<180).map { $0 % 30 < 17 }),
    ]
  ) func attention(mask: AttentionMask) {
    let inputs = [example([6, 40, 128]), example([6, 30, 128], seed: 1), example([6, 30, 128], seed: 2)]
    compare("attention", inputs, tolerance: 0.02) {
      Tensor.attention(query: $0[0], key: $0[1], value: $0[2], heads: 2, mask: mask)
    }
    let packed = [example([6, 30, 576])]
    compare("packed attention", packed, tolerance: 0.02) { $0[0].selfAttention(heads: 2, mask: mask) }
  }

  @Test(arguments: [3, 4]) func recurrences(gates: Int) {
    let inputs = [
      example([16, 5, 24]), example([gates * 32, 24], seed: 1), example([gates * 32, 32], seed: 2),
      example([gates * 32], seed: 3), example([gates * 32], seed: 4),
    ]
    compare("recurrence", inputs, tolerance: 0.02) { x in
      let weights = RecurrentWeights(inputWeight: x[1], hiddenWeight: x[2], inputBias: x[3], hiddenBias: x[4])
      return gates == 4 ? x[0].lstm(weights) : x[0].gru(weights)
    }
  }

  @Test func convolution() {
    compare("convolution", [example([3, 9, 8, 16]), example([24, 3, 3, 16], seed: 1), example([24], seed: 2)]) {
      $0[0].convolved(weight: $0[1], bias: $0[2], stride: (2, 1), padding: ImagePadding(1))
    }
    compare("one channel", [example([16, 8, 8, 1]), example([24, 3, 3, 1], seed: 1)]) {
      $0[0].convolved(weight: $0[1], padding: ImagePadding(1))
    }
    compare("whole images", [example([32, 4, 4, 16]), example([32, 4, 4, 16], seed: 1), example([32], seed: 2)]) {
      $0[0].convolved(weight: $0[1], bias: $0[2])
    }
  }

  @Test func codeScores() {
    let (tokens, codebook) = (example([8, 20, 64]), example([100, 64], seed: 1))
    let exact = tokens.greatestCodeScores(codebook: codebook, scale: 0.5)
    let rounded = ArithmeticPrecision.bfloat16.use { tokens.greatestCodeScores(codebook: codebook, scale: 0.5) }
    #expect((1e-6..<0.01).contains(error(rounded, exact)))
    for scale in [Float(-0.5), 0.5] {
      let inputs = [tokens, codebook]
      let isReal = (0..<8 * 20).map { $0 % 20 < 15 }
      let scores = { (x: [Tensor]) in x[0].greatestCodeScores(codebook: x[1], scale: scale, isReal: isReal) }
      let value = ArithmeticPrecision.bfloat16.use { scores(inputs) }
      #expect((1e-6..<0.01).contains(error(value, scores(inputs))), "scale \(scale)")
    }
  }

  @Test func productsOfObjectivesAreNotRounded() {
    let (u, v) = (example([64, 64]), example([64, 64], seed: 1))
    let exact = u.multiplied(by: v, otherTransposed: true)
    let (product, products) = ArithmeticPrecision.bfloat16.use {
      (u.multiplied(by: v, otherTransposed: true), u.products(own: v, others: v))
    }
    #expect(product.values == exact.values)
    #expect(products.values == u.products(own: v, others: v).values)
  }

  @Test func aGradientIsOfItsOperationsPrecision() {
    let inputs = [example([100, 40]), example([48, 40], seed: 1)]
    let inside = ArithmeticPrecision.bfloat16.use {
      Tape.gradients(at: inputs) { $0[0].linear(weight: $0[1]).squared().sum() }.gradients
    }
    let mixed = Tape.gradients(at: inputs) { x in
      ArithmeticPrecision.bfloat16.use { x[0].linear(weight: x[1]) }.squared().sum()
    }.gradients
    #expect(zip(inside, mixed).allSatisfy { $0.values == $1.values })
  }
}
