import Autograd
import Foundation
import Kernels
import Layers
import Objectives
import SampleTensors
import Testing

@Suite struct FiniteDiscreteTokensPartsTests {
  @Test func constantTemperatureStays() {
    let schedule = TemperatureSchedule(course: .constant, start: 1000)
    #expect(schedule.temperature(step: 0) == 1000 && schedule.temperature(step: 1_000_000) == 1000)
  }

  @Test func exponentialTemperatureFallsInStepsToItsFloor() {
    let schedule = TemperatureSchedule(course: .exponential, start: 1000, factor: 0.3, interval: 2700, floor: 0.01)
    #expect(schedule.temperature(step: 2699) == 1000)
    #expect(abs(schedule.temperature(step: 2700) - 300) < 1e-9)
    #expect(abs(schedule.temperature(step: 5400) - 90) < 1e-9)
    // 0.3⁹ · 1000 = 0.0197, one more interval is below the floor.
    #expect(abs(schedule.temperature(step: 9 * 2700) - 0.019683) < 1e-6)
    #expect(schedule.temperature(step: 10 * 2700) == 0.01)
    // The released configuration: the annealing is there and does nothing.
    let released = TemperatureSchedule(course: .exponential, start: 1000, factor: 1, interval: 2700, floor: 0.01)
    #expect(released.temperature(step: 86_560) == 1000)
  }

  @Test func orthogonalityByHand() {
    // Cosines of (1, 0), (0, 2), (3, 3): 0, √½, √½; twice each off the diagonal, so 4 · ½ / 9.
    var stream = RandomStream(seed: 1, name: "init")
    let head = FiniteDiscreteTokens(modalities: [], options: .official(codes: 3, dimensions: 2), stream: &stream)
    head.codebook.assign(Tensor([1, 0, 0, 2, 3, 3], shape: [3, 2]))
    #expect(abs(head.orthogonalityPenalty().scalar - 2 / 9) < 1e-6)
    head.codebook.assign(Tensor([1, 0, 0, 2, -5, 0], shape: [3, 2]))
    #expect(abs(head.orthogonalityPenalty().scalar - 2 / 9) < 1e-6)
    let error = GradientCheck(step: 2e-3).largestError(at: [randomTensor([4, 3], "codes")]) {
      let unit = $0[0].l2Normalised()
      let cosines = unit.multiplied(by: unit, otherTransposed: true)
      return (cosines.squared().sum() - cosines.diagonal().squared().sum()) * (1 / 16)
    }
    #expect(error < 2e-3)
  }

  @Test func theControlIsAsLargeAsTheHead() {
    var stream = RandomStream(seed: 1, name: "init")
    let modalities = [(name: "image", dimensions: 12), (name: "text", dimensions: 10)]
    let head = FiniteDiscreteTokens(
      modalities: modalities, options: .official(codes: 64, dimensions: 8), stream: &stream)
    let control = SharedPerceptron(modalities: modalities, codes: 64, dimensions: 8, stream: &stream)
    #expect(control.parameterCount == head.parameterCount)
    let feature = control(randomTensor([3, 12], "features"), modality: "image")
    #expect(feature.shape == [3, 8] && feature.isFinite)
  }

  @Test func observationsOfOneKeyAreNoNegatives() {
    let u = Tensor([1, 0, 0, 1, 1, 0], shape: [3, 2])
    let scale = Tensor(Float(0))
    // Without keys row 0 of S is (1, 0, 1): −log(e / (2 e + 1)).
    let e = expf(1)
    let all = clipLoss(u, u, logScale: scale).scalar
    let plain = (2 * -logf(e / (2 * e + 1)) + -logf(e / (e + 2))) / 3
    #expect(abs(all - plain) < 1e-6)
    // With equal keys of 0 and 2 they see only row 1; row 1 sees both.
    let spared = clipLoss(u, u, logScale: scale, sharing: [7, 1, 7]).scalar
    #expect(abs(spared - (2 * -logf(e / (e + 1)) + -logf(e / (e + 2))) / 3) < 1e-6)
    #expect(clipLoss(u, u, logScale: scale, sharing: [0, 1, 2]).scalar == all)
  }

  @Test func placesOfAResidualMapAreTokens() {
    var stream = RandomStream(seed: 3, name: "init")
    let network = ResNet(channels: 2, widths: [4, 6], blocksPerStage: 1, stream: &stream)
    let images = randomTensor([2, 5, 8, 2], "images")
    let tokens = network.tokens(images, normalised: true, in: .evaluation)
    #expect(tokens.patches.shape == [2, 3 * 4, 6] && tokens.classToken.shape == [2, 6])
    #expect(distance(tokens.patches.mean(axis: 1), tokens.classToken.values) < 1e-5)
    #expect(network.outputDimensions == 6)
  }
}
