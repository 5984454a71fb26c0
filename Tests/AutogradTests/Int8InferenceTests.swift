import Autograd
import Kernels
import Testing

/// Dense layers in 8-bit integers.
@Suite struct Int8InferenceTests {
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
    let found = Int8Inference().use { x.linear(weight: w, bias: b) }
    let expected = formula(x.values, w.values, inputs: 19, outputs: 7).enumerated().map { $1 + b.values[$0 % 7] }
    #expect(found.shape == [2, 3, 7])
    #expect(zip(found.values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    let rectified = Int8Inference().use { x.linear(weight: w, bias: b, followedBy: .relu) }
    #expect(rectified.values == found.values.map { max(0, $0) })
  }

  @Test func aPerceptronIsTwoDenseLayers() {
    let weights = PerceptronWeights(
      up: random([40, 12], "up"), upBias: random([40], "ub"), down: random([12, 40], "down"),
      downBias: random([12], "db"))
    let x = random([301, 12], "x")
    let whole = Int8Inference().use { x.perceptron(weights, function: .gelu) }
    let apart = Int8Inference().use {
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
    let (exact, found) = (branch(), Int8Inference().use { branch() })
    #expect(exact.values != found.values && similarity(exact - x, found - x) > 0.999)
  }

  @Test func gradientsAndTheRestAreFloats() {
    let (x, w) = (random([4, 9], "x"), random([6, 9], "w"))
    let exact = x.linear(weight: w)
    let parameter = Parameter(w)
    Int8Inference().use {
      #expect(x.multiplied(by: w, otherTransposed: true).values == exact.values)
      #expect(Int8Inference.without { x.linear(weight: w) }.values == exact.values)
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
