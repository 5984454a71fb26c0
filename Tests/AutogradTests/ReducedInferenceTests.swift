import Autograd
import Kernels
import Testing

/// Layers in 8-bit integers and in bfloat16, without gradients.
@Suite struct ReducedInferenceTests {
  private let integers: ReducedInference
  private let rounded: ReducedInference
  /// Whether this processor has products of bfloat16.
  private static let rounds = OneDNN.bfloat16Implementation != nil

  init() throws {
    integers = try #require(ReducedInference(.int8))
    rounded = try #require(ReducedInference(.bfloat16))
  }

  private func random(_ shape: [Int], _ name: String, scale: Float = 1) -> Tensor {
    var stream = RandomStream(seed: 8, name: name)
    return Tensor((0..<shape.reduce(1, *)).map { _ in scale * (stream.uniform() - 0.5) }, shape: shape)
  }

  /// The formula, row by row, in double precision of the same codes.
  private func formula(_ x: [Float], _ w: [Float], inputs: Int, outputs: Int) -> [Float] {
    (0..<x.count / inputs).flatMap { row -> [Float] in
      let x = x[row * inputs..<(row + 1) * inputs]
      let (low, high) = (min(0, x.min() ?? 0), max(0, x.max() ?? 0))
      let scale = (high - low) / 255
      let zero = (-low / scale).rounded(.toNearestOrEven)
      let codes = x.map { min(255, max(0, ($0 / scale).rounded(.toNearestOrEven) + zero)) - zero }
      return (0..<outputs).map { output in
        let w = w[output * inputs..<(output + 1) * inputs]
        let step = (w.map { abs($0) }.max() ?? 0) / 127
        let sum = zip(codes, w).reduce(Float(0)) { $0 + $1.0 * ($1.1 / step).rounded(.toNearestOrEven) }
        return sum * (scale * step)
      }
    }
  }

  @Test func aDenseLayerIsTheFormula() {
    let (x, w, b) = (random([2, 3, 19], "x"), random([7, 19], "w"), random([7], "b"))
    let found = integers.use { x.linear(weight: w, bias: b) }
    let expected = formula(x.values, w.values, inputs: 19, outputs: 7).enumerated().map { $1 + b.values[$0 % 7] }
    #expect(found.shape == [2, 3, 7])
    #expect(zip(found.values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    let rectified = integers.use { x.linear(weight: w, bias: b, followedBy: .relu) }
    #expect(rectified.values == found.values.map { max(0, $0) })
  }

  @Test func aPerceptronIsTwoDenseLayers() {
    let weights = PerceptronWeights(
      up: random([40, 12], "up"), upBias: random([40], "ub"), down: random([12, 40], "down"),
      downBias: random([12], "db"))
    let x = random([301, 12], "x")
    let whole = integers.use { x.perceptron(weights, function: .gelu) }
    let apart = integers.use {
      x.linear(weight: weights.up, bias: weights.upBias, followedBy: .gelu)
        .linear(weight: weights.down, bias: weights.downBias)
    }
    #expect(whole.values == apart.values)
    let exact = x.perceptron(weights, function: .gelu)
    #expect(exact.values != whole.values && similarity(exact, whole) > 0.999)
  }

  @Test func selfAttentionComesNear() {
    let width = 24
    let weights = SelfAttentionWeights(
      project: random([72, width], "p"), projectBias: random([72], "pb"), output: random([width, width], "o"),
      outputBias: random([width], "ob"))
    let norm = NormWeights(gain: Tensor(repeating: 1, shape: [width]), bias: random([width], "n"), epsilon: 1e-5)
    let x = random([3, 5, width], "x", scale: 0.1)
    var stream = RandomStream(seed: 0, name: "none")
    func branch() -> Tensor {
      x.addingSelfAttention(weights, heads: 4, behind: norm, dropoutRate: 0, using: &stream)
    }
    let exact = branch()
    for reduced in Self.rounds ? [integers, rounded] : [integers] {
      let found = reduced.use { branch() }
      #expect(exact.values != found.values && similarity(exact - x, found - x) > 0.999)
    }
  }

  @Test(.enabled(if: rounds)) func bfloat16RoundsAsTrainingDoesButOnce() {
    let (x, w, b) = (random([2, 3, 19], "x"), random([7, 19], "w"), random([7], "b"))
    let found = rounded.use { x.linear(weight: w, bias: b) }
    func bfloat16(_ values: [Float]) -> [Float] {
      values.map { value in
        let bits = value.bitPattern
        return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
      }
    }
    let (rows, weights) = (bfloat16(x.values), bfloat16(w.values))
    for row in 0..<6 {
      for output in 0..<7 {
        let sum = (0..<19).reduce(b.values[output]) { $0 + rows[row * 19 + $1] * weights[output * 19 + $1] }
        #expect(abs(found.values[row * 7 + output] - sum) < 1e-6)
      }
    }
  }

  /// Batches of one and of many give a row the same numbers, since weights are rounded whatever the batch.
  @Test(.enabled(if: rounds)) func bfloat16DoesNotDependOnTheBatch() {
    let weights = PerceptronWeights(
      up: random([40, 12], "up"), upBias: random([40], "ub"), down: random([12, 40], "down"),
      downBias: random([12], "db"))
    let x = random([301, 12], "x")
    let whole = rounded.use { x.perceptron(weights, function: .gelu) }
    let first = rounded.use { x.slice(axis: 0, 0..<1).perceptron(weights, function: .gelu) }
    #expect(zip(first.values, whole.values).allSatisfy { abs($0 - $1) < 1e-6 })
    let exact = x.perceptron(weights, function: .gelu)
    #expect(exact.values != whole.values && similarity(exact, whole) > 0.9999)
  }

  @Test func float32IsNotReduced() { #expect(ReducedInference(.float32) == nil) }

  @Test func gradientsAndTheRestAreFloats() {
    let (x, w) = (random([4, 9], "x"), random([6, 9], "w"))
    let exact = x.linear(weight: w)
    let parameter = Parameter(w)
    integers.use {
      #expect(x.multiplied(by: w, otherTransposed: true).values == exact.values)
      #expect(ReducedInference.without { x.linear(weight: w) }.values == exact.values)
      let recorded = Tape.backpropagate { x.linear(weight: parameter.tensor).sum() }
      #expect(recorded.values == exact.sum().values)
    }
  }

  private func similarity(_ a: Tensor, _ b: Tensor) -> Double {
    var (product, one, other) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a.values, b.values) {
      product += Double(x) * Double(y)
      one += Double(x) * Double(x)
      other += Double(y) * Double(y)
    }
    return product / (one * other).squareRoot()
  }
}
