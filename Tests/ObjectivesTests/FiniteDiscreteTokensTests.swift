import Autograd
import Kernels
import Layers
import Objectives
import SampleTensors
import Testing

@Suite struct FiniteDiscreteTokensTests {
  let queries = Tensor([1, 0, 0, 2, -1, 1], shape: [1, 3, 2])
  let codebook = Tensor([1, 0, 0, 1, 1, 1, -1, 0.5], shape: [4, 2])
  private let scale = 1 / Float(2).squareRoot()

  private func ground(
    _ temperature: Float, _ attention: FiniteDiscreteTokens.Attention = .sparsemax
  ) -> FiniteDiscreteTokens.Grounding {
    FiniteDiscreteTokens.grounding(
      queries: queries, codebook: codebook,
      options: .official(codes: 4, dimensions: 2, temperature: temperature, attention: attention))
  }

  @Test func goldenValues() {
    let sharp = ground(1)
    #expect(distance(sharp.attention, [0, 0.4511844635, 0.4511844635, 0.0976310729]) < 1e-6)
    #expect(distance(sharp.feature, [0.3535533906, 0.9511844635]) < 1e-6)
    #expect(distance(sharp.feature.l2Normalised(), [0.3484084737, 0.9373428057]) < 1e-6)
    let flat = ground(5)
    #expect(distance(flat.attention, [0.1616116524, 0.3030330086, 0.3030330086, 0.2323223305]) < 1e-6)
    #expect(distance(flat.feature.l2Normalised(), [0.306221678, 0.9519602323]) < 1e-6)
    let soft = ground(1, .softmax)
    #expect(distance(soft.attention, [0.1543126771, 0.3129638523, 0.3129638523, 0.2197596184]) < 1e-6)
  }

  @Test func goldenGradients() {
    let (value, gradients) = Tape.gradients(at: [queries, codebook]) { tensors in
      let grounding = FiniteDiscreteTokens.grounding(
        queries: tensors[0], codebook: tensors[1], options: .official(codes: 4, dimensions: 2))
      return (grounding.feature * Tensor([1, 2], shape: [1, 2])).sum()
    }
    #expect(abs(value.scalar - 2.2559223177) < 1e-5)
    #expect(
      distance(gradients[0], [0, 0, 0.9428090419, 1.1785113017, 1.1785113019, -0.5892556509]) < 2e-6)
    let expected: [Float] = [
      0, 0, 0.4511844636, 1.3737734479, 0.4511844636, 2.7879870104, 1.2761423747, -0.9832491563,
    ]
    #expect(distance(gradients[1], expected) < 2e-6)
    // Code 0 is outside the support.
    #expect(gradients[1].values[..<2] == [0, 0])
  }

  @Test func padding() {
    let isReal = [true, false, false]
    let zero = queries.greatestCodeScores(codebook: codebook, scale: scale, isReal: isReal)
    #expect(distance(zero, [0.7071067812, 0, 0.7071067812, 0]) < 1e-6)
    let excluded = queries.greatestCodeScores(codebook: codebook, scale: scale, isReal: isReal, padding: .excluded)
    #expect(distance(excluded, [0.7071067812, 0, 0.7071067812, -0.7071067812]) < 1e-6)
  }

  @Test(arguments: TokenPadding.allCases) func onlyPadding(padding: TokenPadding) {
    let tokens = Tensor([1, 0, 0, 2, -1, 1, 3, 1], shape: [2, 2, 2])
    let (value, gradients) = Tape.gradients(at: [tokens, codebook]) { tensors in
      let scores = tensors[0].greatestCodeScores(
        codebook: tensors[1], isReal: [false, false, true, true], padding: padding)
      #expect(Array(scores.values[..<4]) == [0, 0, 0, 0])
      return scores.sum()
    }
    #expect(value.isFinite)
    #expect(gradients[0].values[..<4] == [0, 0, 0, 0])
    #expect(gradients[0].values[4...].contains { $0 != 0 })
    let grounding = FiniteDiscreteTokens.grounding(
      queries: tokens, codebook: codebook, isReal: [false, false, true, true],
      options: .official(codes: 4, dimensions: 2, padding: padding))
    #expect(Array(grounding.attention.values[..<4]) == [0.25, 0.25, 0.25, 0.25])
  }

  @Test func oneCodeAndOneToken() {
    let token = Tensor([2, 3], shape: [1, 1, 2])
    let code = Tensor([1, -1], shape: [1, 2])
    let grounding = FiniteDiscreteTokens.grounding(
      queries: token, codebook: code, options: .official(codes: 1, dimensions: 2))
    #expect(grounding.attention.values == [1])
    #expect(grounding.feature.values == [1, -1])
    #expect(token.greatestCodeScores(codebook: code).values == [-1])
  }

  @Test func firstOfEqualTokensTakesTheGradient() {
    let tokens = Tensor([1, 1, 1, 1, 0, 0], shape: [1, 3, 2])
    let gradients = Tape.gradients(at: [tokens]) {
      $0[0].greatestCodeScores(codebook: Tensor([1, 2], shape: [1, 2])).sum()
    }.gradients
    #expect(gradients[0].values == [1, 2, 0, 0, 0, 0])
  }

  @Test func tieAtTheThresholdIsOutsideTheSupport() {
    // Pooled scores 0.5, 0.5 and 0: the third weight is exactly 0, and so is its code's gradient.
    let token = Tensor([0.5, 0], shape: [1, 1, 2])
    let codes = Tensor([1, 0, 1, 3, 0, 7], shape: [3, 2])
    let options = FiniteDiscreteTokens.Options.official(codes: 3, dimensions: 2, temperature: scale)
    #expect(
      distance(
        FiniteDiscreteTokens.grounding(queries: token, codebook: codes, options: options).attention, [0.5, 0.5, 0])
        < 1e-6)
    let gradients = Tape.gradients(at: [codes]) {
      FiniteDiscreteTokens.grounding(queries: token, codebook: $0[0], options: options).feature.sum()
    }.gradients
    #expect(gradients[0].values[4...] == [0, 0])
    #expect(gradients[0].values[..<4].allSatisfy { $0 != 0 })
  }

  /// The whole score tensor, then its maximum.
  private func dense(
    _ queries: Tensor, _ codebook: Tensor, scale: Float, isReal: [Bool]?, padding: TokenPadding
  ) -> Tensor {
    var scores = queries.multiplied(by: codebook, otherTransposed: true) * scale
    if let isReal {
      let shape = [queries.shape[0], queries.shape[1], 1]
      scores = scores * Tensor(isReal.map { $0 ? 1 : 0 }, shape: shape)
      if padding == .excluded { scores = scores + Tensor(isReal.map { $0 ? 0 : -1e9 }, shape: shape) }
    }
    return scores.max(axis: 1)
  }

  @Test(arguments: [1, 5, 64, 70, 512], [true, false]) func blocksAgreeWithTheWhole(block: Int, isMasked: Bool) {
    let (batch, tokens, codes, width) = (9, 33, 150, 12)
    let queries = randomTensor([batch, tokens, width], "queries")
    let codebook = randomTensor([codes, width], "codebook")
    let weights = randomTensor([batch, codes], "weights")
    let isReal = isMasked ? (0..<(batch * tokens)).map { $0 % tokens <= ($0 / tokens * 5) % tokens } : nil
    for padding in TokenPadding.allCases {
      let whole = Tape.gradients(at: [queries, codebook]) {
        let scores = self.dense($0[0], $0[1], scale: 0.3, isReal: isReal, padding: padding)
        return (scores * weights).sum()
      }
      let blocks = Tape.gradients(at: [queries, codebook]) {
        let scores = $0[0].greatestCodeScores(
          codebook: $0[1], scale: 0.3, isReal: isReal, padding: padding, codesPerBlock: block)
        #expect(distance(scores, self.dense($0[0], $0[1], scale: 0.3, isReal: isReal, padding: padding).values) < 1e-6)
        return (scores * weights).sum()
      }
      for (a, b) in zip(blocks.gradients, whole.gradients) {
        let size = b.values.reduce(1) { max($0, abs($1)) }
        #expect(distance(a, b.values) / size < 1e-6)
      }
    }
  }

  @Test func sparseAndDenseProductsAgree() {
    let codebook = randomTensor([200, 6], "codebook")
    let target = randomTensor([3, 6], "target")
    for active in [0, 1, 5, 100, 200] {
      var values = randomTensor([3, 200], "weights").values
      for i in values.indices where (i * 77) % 200 >= active { values[i] = 0 }
      let weights = Tensor(values, shape: [3, 200])
      let sparse = Tape.gradients(at: [weights, codebook]) { ($0[0].weightedCodes($0[1]) * target).sum() }
      let dense = Tape.gradients(at: [weights, codebook]) { ($0[0].multiplied(by: $0[1]) * target).sum() }
      #expect(abs(sparse.value.scalar - dense.value.scalar) < 1e-4)
      for (a, b) in zip(sparse.gradients, dense.gradients) { #expect(distance(a, b.values) < 1e-5) }
    }
  }

  @Test(arguments: FiniteDiscreteTokens.Pooling.allCases, FiniteDiscreteTokens.Attention.allCases)
  func gradientsAgree(pooling: FiniteDiscreteTokens.Pooling, attention: FiniteDiscreteTokens.Attention) {
    let inputs = [randomTensor([3, 4, 5], "queries"), randomTensor([7, 5], "codebook")]
    let isReal = [true, true, true, true, true, true, false, false, true, false, true, true]
    for padding in TokenPadding.allCases {
      let options = FiniteDiscreteTokens.Options.official(
        codes: 7, dimensions: 5, temperature: 2, pooling: pooling, attention: attention, padding: padding)
      let error = GradientCheck(step: 2e-3).largestError(at: inputs) {
        FiniteDiscreteTokens.grounding(queries: $0[0], codebook: $0[1], isReal: isReal, options: options).feature
      }
      #expect(error < 6e-3, "\(padding)")
    }
  }

  @Test func meanCountsOrLeavesOutPadding() {
    // The scores of two real tokens are 1, 0, 1, −1 and 0, 2, 2, 1 where the temperature takes 1/√2 away.
    let cases: [(FiniteDiscreteTokens.Pooling, TokenPadding, [Float])] = [
      (.mean, .excluded, [0.5, 1, 1.5, 0]), (.mean, .zero, [1.0 / 3, 2.0 / 3, 1, 0]), (.sum, .zero, [1, 2, 3, 0]),
      (.sum, .excluded, [1, 2, 3, 0]),
    ]
    for (pooling, padding, scores) in cases {
      let attention = FiniteDiscreteTokens.grounding(
        queries: queries, codebook: codebook, isReal: [true, true, false],
        options: .init(
          codes: 4, dimensions: 2, temperature: scale, pooling: pooling, attention: .softmax, padding: padding)
      ).attention
      #expect(distance(attention, Tensor(scores).softmax().values) < 1e-6, "\(pooling) \(padding)")
    }
  }

  @Test func sigmoidWeightsSumToOne() {
    // σ(0) = ½ and σ(ln 3) = ¾, divided by their sum.
    let attention = FiniteDiscreteTokens.grounding(
      queries: Tensor([1, 0], shape: [1, 1, 2]), codebook: Tensor([0, 5, 1.0986123, 0], shape: [2, 2]),
      options: .official(codes: 2, dimensions: 2, temperature: scale, attention: .sigmoid)
    ).attention
    #expect(distance(attention, [0.4, 0.6]) < 1e-6)
  }

  @Test func headSharesItsCodebookBetweenModalities() {
    var stream = RandomStream(seed: 5, name: "init")
    let head = FiniteDiscreteTokens(
      modalities: [("image", 6), ("text", 4)], options: .official(codes: 16, dimensions: 8), stream: &stream)
    #expect(head.parameterCount == 16 * 8 + (12 + 56 + 16 + 72) + (8 + 40 + 16 + 72))
    #expect(head.parameters.map(\.path).filter { $0.hasPrefix("query.image") }.count == 8)
    let (image, text) = (randomTensor([2, 3, 6], "image"), randomTensor([2, 5, 4], "text"))
    Tape.backpropagate {
      (head(image, modality: "image").feature * head(text, modality: "text", temperature: 3).feature).sum()
    }
    #expect(head.parameters.allSatisfy { $0.parameter.gradient?.isFinite == true })
    let wide = head(text, modality: "text", temperature: 1000).attention.values.filter { $0 > 0 }.count
    let narrow = head(text, modality: "text", temperature: 0.01).attention.values.filter { $0 > 0 }.count
    #expect(wide == 32 && narrow == 2)
  }
}

extension FiniteDiscreteTokens.Options {
  /// The head of the official code, at sizes of a test.
  static func official(
    codes: Int, dimensions: Int, temperature: Float = 1, pooling: FiniteDiscreteTokens.Pooling = .max,
    attention: FiniteDiscreteTokens.Attention = .sparsemax, padding: TokenPadding = .zero
  ) -> Self {
    .init(
      codes: codes, dimensions: dimensions, temperature: temperature, pooling: pooling, attention: attention,
      padding: padding)
  }
}
