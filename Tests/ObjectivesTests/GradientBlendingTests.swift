import Autograd
import Kernels
import Layers
import Objectives
import Testing

@Suite struct GradientBlendingTests {
  private typealias Losses = GradientBlending.Losses
  private let start = Losses(training: 1, validation: 1.1)
  private let end = Losses(training: 0.4, validation: 0.8)

  @Test func goldenValues() {
    let change = GradientBlending.Change(from: start, to: end)
    #expect(abs(change.overfitting - 0.3) < 1e-12 && abs(change.generalisation - 0.3) < 1e-12)
    #expect(abs(change.ratio - 1) < 1e-12)
    #expect(abs(GradientBlending().merit(of: change) - 3.3333333333) < 1e-9)
  }

  @Test func ratiosAtTheEdge() {
    let same = GradientBlending.Change(from: start, to: start)
    #expect(same.ratio == 0)
    let overfitted = GradientBlending.Change(from: start, to: Losses(training: 0.5, validation: 1.1))
    #expect(overfitted.ratio == .infinity)
  }

  @Test func weightsByHand() {
    let method = GradientBlending(.init(leastOverfitting: 0.1))
    // ΔO is −0.1, so the floor counts: 0.2 / 0.01 = 20, beside 10/3.
    let other = (Losses(training: 1, validation: 1), Losses(training: 0.9, validation: 0.8))
    let weights = method.weights(from: [start, other.0], to: [end, other.1])
    #expect(abs(weights[0] - 1 / 7) < 1e-9 && abs(weights[1] - 6 / 7) < 1e-9)
    #expect(method.weights(from: [other.0, start], to: [other.1, end]) == weights.reversed())
  }

  @Test func aHeadThatGetsWorseCountsNothing() {
    let method = GradientBlending()
    let worse = Losses(training: 0.2, validation: 1.4)
    #expect(method.weights(from: [start, start], to: [end, worse]) == [1, 0])
    #expect(method.weights(from: [start, start], to: [worse, worse]) == [0.5, 0.5])
    #expect(method.weights(from: [start], to: [worse]) == [1])
  }

  @Test func commonScaleDoesNotMatter() {
    let method = GradientBlending()
    func scaled(_ losses: Losses, _ factor: Double) -> Losses {
      Losses(training: losses.training * factor, validation: losses.validation * factor)
    }
    let other = Losses(training: 0.5, validation: 0.7)
    let weights = method.weights(from: [start, start], to: [end, other])
    let double = method.weights(
      from: [scaled(start, 2), scaled(start, 2)], to: [scaled(end, 2), scaled(other, 2)])
    #expect(abs(weights[0] - double[0]) < 1e-12 && abs(weights.reduce(0, +) - 1) < 1e-12)
  }

  @Test func offlineAndOnline() {
    let method = GradientBlending()
    let history = (0..<6).map { time -> [Losses] in
      let t = Double(time)
      return [
        Losses(training: 1 / (1 + t), validation: 1 / (1 + 0.5 * t)),
        Losses(training: 1 / (1 + 2 * t), validation: 1 / (1 + t)),
      ]
    }
    #expect(method.offlineWeights(history: history) == method.weights(from: history[0], to: history[5]))
    let online = method.onlineWeights(history: history, superEpoch: 2)
    // The sixth time belongs to a super-epoch that is not over.
    #expect(
      online == [
        method.weights(from: history[0], to: history[2]), method.weights(from: history[2], to: history[4]),
      ])
    #expect(method.onlineWeights(history: Array(history[..<2]), superEpoch: 2).isEmpty)
  }

  @Test func lossIsTheWeightedSum() {
    let result = Tape.gradients(at: [Tensor(2), Tensor(3)]) {
      GradientBlending.loss([("image", $0[0]), ("fused", $0[1].squared())], weights: [0.25, 0.75]).total
    }
    #expect(abs(result.value.scalar - (0.5 + 0.75 * 9)) < 1e-6)
    #expect(abs(result.gradients[0].scalar - 0.25) < 1e-6 && abs(result.gradients[1].scalar - 4.5) < 1e-6)
    let terms = GradientBlending.loss([("image", Tensor(2)), ("fused", Tensor(3))], weights: [1, 0])
    #expect(terms.values.map(\.name) == ["total", "image", "fused"] && terms.values.map(\.value) == [2, 2, 0])
    let error = GradientCheck().largestError(at: [randomTensor([3], "a"), randomTensor([3], "b")]) {
      GradientBlending.loss([("a", $0[0].squared().sum()), ("b", $0[1].squared().sum())], weights: [0.3, 0.7]).total
    }
    #expect(error < 2e-3)
  }

  @Test func badLossesAreRefused() async {
    await #expect(processExitsWith: .failure) {
      let losses = GradientBlending.Losses(training: 1, validation: .nan)
      _ = GradientBlending.Change(from: losses, to: losses)
    }
    await #expect(processExitsWith: .failure) {
      _ = GradientBlending().weights(from: [.init(training: 1, validation: 1)], to: [])
    }
    await #expect(processExitsWith: .failure) { _ = GradientBlending(.init(leastOverfitting: 0)) }
  }
}
