import Autograd
import Foundation
import Kernels
import Objectives
import Testing

@Suite struct VariationalTests {
  private let first = LatentDistribution(
    mean: Tensor([1], shape: [1, 1]), logVariance: Tensor([log(0.5)], shape: [1, 1]))
  private let second = LatentDistribution(
    mean: Tensor([-0.5], shape: [1, 1]), logVariance: Tensor([log(0.25)], shape: [1, 1]))

  @Test func productOfExpertsAddsPrecisions() {
    let one = Tensor(repeating: 1, shape: [1, 1])
    let with = LatentDistribution.product(of: [first, second], weights: [nil, nil], prior: one)
    let without = LatentDistribution.product(of: [first, second], weights: [nil, nil], prior: nil)
    #expect(abs(exp(with.logVariance.scalar) - 1 / 7) < 1e-6)
    #expect(abs(exp(without.logVariance.scalar) - 1 / 6) < 1e-6)
    #expect(abs(with.mean.scalar) < 1e-6 && abs(without.mean.scalar) < 1e-6)
    // An expert without weight is not there.
    let alone = LatentDistribution.product(
      of: [first, second], weights: [nil, Tensor(repeating: 0, shape: [1, 1])], prior: one)
    #expect(abs(exp(alone.logVariance.scalar) - 1 / 3) < 1e-6 && abs(alone.mean.scalar - 2 / 3) < 1e-6)
  }

  @Test func mixtureDivergesFromThePriorByTheMeanOfItsComponents() {
    let batch = VariationalBatch(experts: [first, second]) { codes, _ in (codes * 0).sum(axis: -1) }
    let found = MultimodalELBO.mopoe(
      batch, subsets: [[0], [1], [0, 1]], noise: Tensor([0.3], shape: [1, 1]), beta: 1)
    #expect(abs(found.divergence.scalar - 0.5280348056) < 1e-6)
    // A single observation is drawn from the last component, which takes the rest.
    #expect(abs(found.codes.scalar - 0.3 * (1 / Float(7)).squareRoot()) < 1e-6)
  }

  @Test func divergencesAreThoseOfNormalDistributions() {
    // KL(N(1, ½) ‖ N(−½, ¼)) = ½ (½/¼ + 2.25/¼ − 1 + ln (¼/½))
    let expected = 0.5 * (2 + 9 - 1 + log(0.5))
    #expect(abs(Double(first.divergence(from: second).scalar) - expected) < 1e-5)
    let standard = LatentDistribution(
      mean: Tensor([0], shape: [1, 1]), logVariance: Tensor([0], shape: [1, 1]))
    #expect(abs(first.divergence(from: standard).scalar - first.divergenceFromStandard.scalar) < 1e-6)
    #expect(abs(standard.divergenceFromStandard.scalar) < 1e-7)
    let golden = LatentDistribution(
      mean: Tensor([0.5], shape: [1, 1]), logVariance: Tensor([log(0.5)], shape: [1, 1]))
    #expect(abs(golden.divergenceFromStandard.scalar - 0.2215735903) < 1e-6)
  }

  /// Two modalities of a few observations, decoded linearly.
  private func batch(_ inputs: [Tensor], presence: [[Bool]?]? = nil) -> VariationalBatch {
    let items = randomTensor([5, 4], "items")
    return VariationalBatch(
      experts: [
        LatentDistribution(mean: inputs[0], logVariance: inputs[1]),
        LatentDistribution(mean: inputs[2], logVariance: inputs[3]),
      ], presence: presence
    ) { codes, place in
      let outputs = codes.linear(weight: inputs[4])
      let found = Likelihood.normal.logDensity(of: items * Float(place + 1), given: outputs, scale: 0.8)
      guard let present = presence?[place] else { return found }
      return found * Tensor(present.map { $0 ? 1 : 0 })
    }
  }

  private var inputs: [Tensor] {
    [
      randomTensor([5, 3], "m0"), randomTensor([5, 3], "v0") * 0.3, randomTensor([5, 3], "m1"),
      randomTensor([5, 3], "v1") * 0.3, randomTensor([4, 3], "decoder"),
    ]
  }

  @Test func gradientsAgreeWithDifferences() {
    let noise = (0..<3).map { randomTensor([5, 3], "noise \($0)") }
    let check = GradientCheck(step: 5e-3)
    let subsets = [[0, 1], [0], [1]]
    #expect(
      check.largestError(at: inputs) {
        let terms = MultimodalELBO.mvae(batch($0), subsets: subsets, noise: noise, beta: 0.7).terms
        return terms[0] + terms[1] + terms[2]
      } < 1e-2)
    #expect(
      check.largestError(at: inputs) {
        let found = MultimodalELBO.mopoe(batch($0), subsets: [[0], [1], [0, 1]], noise: noise[0], beta: 2.5)
        return found.reconstruction + found.divergence
      } < 1e-2)
    #expect(
      check.largestError(at: inputs) {
        let found = MultimodalELBO.jmvae(
          batch($0), joint: LatentDistribution(mean: $0[0] * 0.5 + $0[2], logVariance: $0[1]), noise: noise[1], beta: 1,
          alpha: 0.1)
        return found.reconstruction + found.prior + found.unimodal
      } < 1e-2)
    let drawn = randomTensor([2, 3, 5, 3], "draws")
    let prior = LatentDistribution(
      mean: Tensor(repeating: 0, shape: [3]), logVariance: Tensor(repeating: 0.2, shape: [3]))
    for bound in MixtureBound.Kind.allCases {
      #expect(
        check.largestError(at: inputs) {
          MixtureBound.loss(batch($0), prior: prior, noise: drawn, bound: bound, estimator: .plain).loss
        } < 1e-2)
    }
  }

  @Test func whatAnObservationLacksHasNoPart() {
    let present: [[Bool]?] = [[true, true, false, true, true], [true, false, true, true, true]]
    let noise = (0..<3).map { randomTensor([5, 3], "noise \($0)") }
    let drawn = randomTensor([2, 3, 5, 3], "draws")
    let prior = LatentDistribution(
      mean: Tensor(repeating: 0, shape: [3]), logVariance: Tensor(repeating: 0, shape: [3]))
    func losses(_ inputs: [Tensor]) -> [Float] {
      let batch = batch(inputs, presence: present)
      let mixture = MultimodalELBO.mopoe(batch, subsets: [[0], [1], [0, 1]], noise: noise[0], beta: 1)
      let bounds = MixtureBound.Kind.allCases.map {
        MixtureBound.loss(batch, prior: prior, noise: drawn, bound: $0, estimator: .dreg).loss.scalar
      }
      return MultimodalELBO.mvae(batch, subsets: [[0, 1], [0], [1]], noise: noise, beta: 1).terms.map(\.scalar)
        + [mixture.reconstruction.scalar, mixture.divergence.scalar] + bounds
    }
    // Row 2 lacks the first modality, row 1 the second: whatever their encoders say of it, nothing changes.
    var changed = inputs
    var values = inputs[0].values
    values[6] += 0.7
    changed[0] = Tensor(values, shape: [5, 3])
    values = inputs[3].values
    values[4] += 0.4
    changed[3] = Tensor(values, shape: [5, 3])
    for (before, after) in zip(losses(inputs), losses(changed)) {
      #expect(before.isFinite && abs(before - after) < 1e-4)
    }
    // Where all is there, it does change.
    values = inputs[0].values
    values[0] += 0.7
    changed = inputs
    changed[0] = Tensor(values, shape: [5, 3])
    #expect(abs(losses(inputs)[0] - losses(changed)[0]) > 1e-4)
  }

  /// A linear-Gaussian model, x = z + noise of variance ½: p(x) = N(0, 3/2) is known.
  private func bound(draws: Int, rows: Int) -> Float {
    let x = Tensor(repeating: 0.8, shape: [rows, 1])
    let batch = VariationalBatch(
      experts: [
        LatentDistribution(
          mean: Tensor(repeating: 0, shape: [rows, 1]), logVariance: Tensor(repeating: 0.4, shape: [rows, 1]))
      ]
    ) { codes, _ in Likelihood.normal.logDensity(of: x, given: codes, scale: Float(0.5).squareRoot()) }
    let prior = LatentDistribution(mean: Tensor([0]), logVariance: Tensor([0]))
    var stream = RandomStream(seed: 3, name: "bound")
    let noise = LatentDistribution.noise(.normal, shape: [1, draws, rows, 1], using: &stream)
    return -MixtureBound.loss(batch, prior: prior, noise: noise, bound: .tight, estimator: .plain).loss.scalar
  }

  @Test func boundRisesToTheLikelihoodWithTheDraws() {
    let exact = Float(-0.5 * log(2 * Double.pi * 1.5) - 0.5 * 0.64 / 1.5)
    let (one, few, many) = (bound(draws: 1, rows: 512), bound(draws: 8, rows: 512), bound(draws: 256, rows: 64))
    #expect(one < few && few < exact + 0.02)
    #expect(abs(many - exact) < 0.03)
    #expect(exact - one > 0.1)
  }

  @Test func estimatorsWeighGradientsAsPublished() {
    // One modality and one number: the gradients can be written down.
    let (mean, variance): (Double, Double) = (0.3, 0.6)
    let noise = [-1.2, 0.4, 0.9]
    let codes = noise.map { mean + variance.squareRoot() * $0 }
    func logWeight(_ z: Double) -> Double {
      -0.5 * z * z - (z - 1) * (z - 1) + 0.5 * (z - mean) * (z - mean) / variance
    }
    let slopes = codes.map { (logWeight($0 + 1e-5) - logWeight($0 - 1e-5)) / 2e-5 }
    let largest = codes.map(logWeight).max() ?? 0
    let sum = codes.map { exp(logWeight($0) - largest) }.reduce(0, +)
    let weights = codes.map { exp(logWeight($0) - largest) / sum }
    let expected: [MixtureBound.Estimator: Double] = [
      .dreg: -zip(weights, slopes).reduce(0) { $0 + $1.0 * $1.0 * $1.1 },
      .official: -zip(weights, slopes).reduce(0) { $0 + $1.0 * $1.1 },
    ]
    let prior = LatentDistribution(mean: Tensor([0]), logVariance: Tensor([0]))
    var values: [Float] = []
    for (estimator, slope) in expected {
      for bound in MixtureBound.Kind.allCases {
        let (value, gradients) = Tape.gradients(at: [Tensor([Float(mean)], shape: [1, 1])]) { inputs in
          let expert = LatentDistribution(
            mean: inputs[0], logVariance: Tensor([Float(log(variance))], shape: [1, 1]))
          let batch = VariationalBatch(experts: [expert]) { codes, _ in -(codes - 1).squared().sum(axis: -1) }
          return MixtureBound.loss(
            batch, prior: prior, noise: Tensor(noise.map(Float.init), shape: [1, 3, 1, 1]), bound: bound,
            estimator: estimator
          ).loss
        }
        #expect(abs(Double(gradients[0].scalar) - slope) < 1e-4, "\(estimator), \(bound)")
        values.append(value.scalar)
      }
    }
    #expect(values.allSatisfy { abs($0 - values[0]) < 1e-5 })
  }

  @Test func laplaceDistributionIsNormalised() {
    let distribution = LatentDistribution(
      .laplace, mean: Tensor([0.5], shape: [1, 1]), logVariance: Tensor([0], shape: [1, 1]))
    // One coordinate has scale 1.
    #expect(abs(distribution.scale.scalar - 1) < 1e-5)
    let points = stride(from: Float(-20), to: 20, by: 0.01).map { $0 }
    let density = distribution.logDensity(Tensor(points, shape: [points.count, 1])).values.map { exp($0) * 0.01 }
    #expect(abs(density.reduce(0, +) - 1) < 1e-3)
    var stream = RandomStream(seed: 5, name: "laplace")
    let noise = LatentDistribution.noise(.laplace, shape: [20_000], using: &stream).values
    // E|x| = 1, the median 0.
    let magnitude: Float = noise.map { abs($0) }.reduce(0, +) / 20_000
    let above = Float(noise.count { $0 > 0 }) / 20_000
    #expect(abs(magnitude - 1) < 0.03 && abs(above - 0.5) < 0.02)
  }
}
