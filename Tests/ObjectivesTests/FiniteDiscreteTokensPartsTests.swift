import Autograd
import Foundation
import Kernels
import Layers
import Objectives
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
    let head = FiniteDiscreteTokens(modalities: [], options: .init(codes: 3, dimensions: 2), stream: &stream)
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
      modalities: modalities, options: .init(codes: 64, dimensions: 8), stream: &stream)
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

  private func encoder(_ change: (inout ImageTextEncoder.Options) -> Void) -> ImageTextEncoder {
    var stream = RandomStream(seed: 2, name: "init")
    var options = ImageTextEncoder.Options()
    (options.image.imageSize, options.image.imageWidth) = (8, 16)
    (options.image.dimensions, options.image.layers, options.image.heads) = (8, 1, 2)
    (options.text.dimensions, options.text.layers, options.text.heads) = (8, 1, 2)
    (options.text.vocabulary, options.text.length) = (11, 6)
    options.dimensions = 4
    change(&options)
    return ImageTextEncoder(options, stream: &stream)
  }

  @Test func everyUsedParameterOfControlAndResidualHasAGradient() {
    let texts: [Int32] = [1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 9, 10]
    for change: (inout ImageTextEncoder.Options) -> Void in [
      { $0.controlCodes = 6 },
      { $0.residual = .init(channels: 3, widths: [4, 6], blocksPerStage: 1) },
      {
        $0.residual = .init(channels: 3, widths: [4, 6], blocksPerStage: 1)
        $0.codebook = .init(codes: 9, dimensions: 4)
      },
    ] {
      let encoder = encoder(change)
      let pass = ForwardPass(dropout: RandomStream(seed: 0, name: "dropout"))
      Tape.backpropagate {
        encoder.loss(images: randomTensor([2, 8, 16, 3]), texts: texts, isReal: texts.map { $0 != 0 }, in: pass)
      }
      let idle = encoder.parameters.filter { $0.parameter.gradient == nil }
      #expect(idle.reduce(0) { $0 + $1.parameter.count } == encoder.idleParameterCount)
    }
  }

  @Test func partScoresAreThoseThatArePooled() {
    let encoder = encoder { $0.codebook = .init(codes: 9, dimensions: 4, temperature: 2) }
    let images = randomTensor([2, 8, 16, 3], "images")
    let codes = [7, 2]
    let scores = encoder.partScores(images: images, codes: codes)
    #expect(scores.shape == [2, 8, 2])
    let greatest = scores.max(axis: 1) * 0.5
    let all = encoder.partScores(images: images, codes: Array(0..<9)).max(axis: 1) * 0.5
    let attention = encoder.encode(images: images, in: .evaluation).attention
    #expect(distance(all.sparsemax(), attention?.values ?? []) < 1e-6)
    #expect(greatest.values == [all.values[7], all.values[2], all.values[16], all.values[11]])
    let texts = ImageTextEncoder.Texts([1, 2, 3, 0, 0, 0], count: 1)
    #expect(texts.isReal == [true, true, true, false, false, false])
    #expect(encoder.partScores(texts: texts, codes: codes).shape == [1, 6, 2])
    #expect(self.encoder { _ in }.partScores(texts: texts, codes: codes).shape == [1, 6, 8])
  }

  @Test func theScaleIsBroughtIntoItsRange() {
    let encoder = encoder { _ in }
    // ln(1 / 0.07) = 2.66 lies below the official range.
    encoder.clampScale(to: ImageTextEncoder.officialScaleRange)
    #expect(encoder.logScale.value.scalar == 3)
    encoder.logScale.assign(Tensor(Float(9)))
    encoder.clampScale(to: ImageTextEncoder.officialScaleRange)
    #expect(abs(expf(encoder.logScale.value.scalar) - 100) < 1e-3)
  }
}
