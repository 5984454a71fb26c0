import Autograd
import Kernels
import Layers
import ModuleGradients
import SampleTensors
import Testing

@Suite struct NormalisationTests {
  private func training() -> ForwardPass { ForwardPass(dropout: initialStream()) }

  @Test func runningStatisticsFollowTheBatches() {
    // Channel 0 has 1, 3, 5, 7: mean 4, variance 5, unbiased 20/3. Channel 1 is constant 2.
    let norm = BatchNorm(2)
    let input = Tensor([1, 2, 3, 2, 5, 2, 7, 2], shape: [4, 2])
    let output = norm(input, in: training())
    let root = Float(5 + 1e-5).squareRoot()
    #expect(distance(output, Tensor([-3, 0, -1, 0, 1, 0, 3, 0].map { $0 / root }, shape: [4, 2])) < 1e-5)
    #expect(distance(norm.runningMean.value, Tensor([0.4, 0.2])) < 1e-6)
    #expect(distance(norm.runningVariance.value, Tensor([0.9 + 0.1 * 20 / 3, 0.9])) < 1e-6)
    _ = norm(input, in: training())
    #expect(distance(norm.runningMean.value, Tensor([0.76, 0.38])) < 1e-6)
    #expect(distance(norm.runningVariance.value, Tensor([0.81 + 0.19 * 20 / 3, 0.81])) < 1e-5)
  }

  @Test func imagesCountEveryPixel() {
    // Two images of 1 × 2: the same four numbers as above.
    let norm = BatchNorm(1, momentum: 1)
    _ = norm(Tensor([1, 3, 5, 7], shape: [2, 1, 2, 1]), in: training())
    #expect(distance(norm.runningMean.value, Tensor([4])) < 1e-6)
    #expect(distance(norm.runningVariance.value, Tensor([20 / 3])) < 1e-5)
  }

  @Test func evaluationUsesTheRunningStatistics() {
    let norm = BatchNorm(1)
    norm.runningMean.value = Tensor([2])
    norm.runningVariance.value = Tensor([4])
    norm.gain.assign(Tensor([3]))
    norm.bias.assign(Tensor([1]))
    let output = norm(Tensor([2, 6, -2], shape: [3, 1]), in: .evaluation)
    #expect(distance(output, Tensor([1, 7, -5], shape: [3, 1])) < 1e-4)
    #expect(norm.runningMean.value.values == [2])
    #expect(norm.runningVariance.value.values == [4])
    let rectified = BatchNorm(1, rectified: true)
    #expect(
      distance(rectified(Tensor([-1, 2], shape: [2, 1]), in: .evaluation), Tensor([0, 2], shape: [2, 1])) < 1e-4)
  }

  @Test(arguments: [false, true]) func batchNormGradients(rectified: Bool) {
    let norm = BatchNorm(3, rectified: rectified)
    norm.gain.assign(Tensor([0.5, 1, 2]))
    norm.bias.assign(Tensor([0.1, 0.3, -0.2]))
    let input = example([8, 3])
    let pass = training()
    let (error, path) = ModuleGradientCheck(step: 1e-3).largestError(at: norm) { norm(input, in: pass) }
    #expect(error < 1e-2, "\(path)")
  }

  @Test func groupsAreNormalisedEachByItself() {
    let input = example([5, 2, 3, 4])
    let (whole, split) = (BatchNorm(4, rectified: true), BatchNorm(4, rectified: true, groups: 2))
    let output = split(input, in: training())
    // Five items make parts of two and three.
    var parts: [Tensor] = []
    var (means, variances) = ([Tensor](), [Tensor]())
    for range in [0..<2, 2..<5] {
      let part = input.slice(range)
      parts.append(whole(part, in: training()))
      let (_, mean, variance) = part.batchNormalised(
        gain: whole.gain.value, bias: whole.bias.value, statistics: .batch)
      means.append(mean)
      variances.append(variance)
    }
    #expect(distance(output, Tensor.concatenated(parts)) < 1e-6)
    #expect(distance(split.runningMean.value, Float(0.05) * (means[0] + means[1])) < 1e-6)
    let unbiased: Float = 15 / 14
    let sum = variances[0] + variances[1]
    let expected = Tensor(repeating: 0.9, shape: [4]) + (0.05 * unbiased) * sum
    #expect(distance(split.runningVariance.value, expected) < 1e-5)
    #expect(
      distance(BatchNorm(4, groups: 2)(input, in: .evaluation), BatchNorm(4)(input, in: .evaluation)) == 0)
  }

  @Test func groupedGradients() {
    let norm = BatchNorm(3, rectified: true, groups: 3)
    norm.gain.assign(Tensor([0.5, 1, 2]))
    norm.bias.assign(Tensor([0.1, 0.3, -0.2]))
    let input = example([6, 2, 2, 3])
    let pass = training()
    let (error, path) = ModuleGradientCheck(step: 1e-3).largestError(at: norm) { norm(input, in: pass) }
    #expect(error < 1e-2, "\(path)")
    // The gradient at the input is that of each part alone.
    let weights = example(input.shape, seed: 9)
    let together = Tape.gradients(at: [input]) { (norm($0[0], in: pass) * weights).sum() }.gradients[0]
    let alone = BatchNorm(3, rectified: true)
    alone.gain.assign(norm.gain.value)
    alone.bias.assign(norm.bias.value)
    let apart = (0..<3).map { part in
      let range = 2 * part..<2 * part + 2
      return Tape.gradients(at: [input.slice(range)]) {
        (alone($0[0], in: pass) * weights.slice(range)).sum()
      }.gradients[0]
    }
    #expect(distance(together, Tensor.concatenated(apart)) < 1e-5)
  }

  @Test func chunksOfABatchHaveItsGroupsAndItsRunningStatistics() {
    var stream = RandomStream(seed: 6, name: "input")
    let batches = (0..<2).map { _ in Tensor((0..<8 * 3 * 2).map { _ in stream.uniform() }, shape: [8, 3, 2]) }
    let (whole, divided) = (BatchNorm(2, groups: 4), BatchNorm(2, groups: 4))
    let pass = ForwardPass(streams: RandomStreams(seed: 0))
    let expected = batches.map { whole($0, in: pass).values }
    let statistics = ChunkStatistics()
    var found: [[Float]] = [[], []]
    for chunk in 0..<2 {
      statistics.beginChunk()
      let rows = chunk * 4..<(chunk + 1) * 4
      for (number, batch) in batches.enumerated() {
        for statistics in [BatchNormStatistics.collected(statistics), .left] {
          let pass = ForwardPass(streams: RandomStreams(seed: 0), chunks: 2, statistics: statistics)
          let own = divided(batch.slice(rows), in: pass).values
          if case .left = statistics { found[number] += own }
        }
      }
    }
    #expect(found == expected)
    // Nothing has moved yet.
    #expect(divided.runningMean.value.values == [0, 0])
    statistics.move()
    for (own, other) in [(divided.runningMean, whole.runningMean), (divided.runningVariance, whole.runningVariance)] {
      #expect(zip(own.value.values, other.value.values).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    #expect(divided.runningMean.value.values != [0, 0])
  }

  @Test func chunksThatCannotShareGroupsAreRefused() async {
    await #expect(processExitsWith: .failure) {
      let pass = ForwardPass(streams: RandomStreams(seed: 0), chunks: 2)
      _ = BatchNorm(2, groups: 3)(Tensor(repeating: 1, shape: [6, 2]), in: pass)
    }
  }

  @Test func moreGroupsThanItemsAreRefused() async {
    await #expect(processExitsWith: .failure) {
      _ = BatchNorm(1, groups: 3)(
        Tensor([1, 2], shape: [2, 1]), in: ForwardPass(dropout: RandomStream(seed: 0, name: "dropout")))
    }
  }

  @Test func layerNorm() {
    let norm = LayerNorm(2)
    norm.gain.assign(Tensor([2, 1]))
    norm.bias.assign(Tensor([0, 5]))
    // Each row becomes (−1, 1), then scale and offset.
    let output = norm(Tensor([1, 3, 10, 30], shape: [2, 2]))
    #expect(distance(output, Tensor([-2, 6, -2, 6], shape: [2, 2])) < 1e-4)
    #expect(norm.parameters.map(\.path) == ["gain", "bias"])
    let wide = LayerNorm(5)
    let input = example([3, 2, 5])
    #expect(ModuleGradientCheck().largestError(at: wide) { wide(input) }.error < 2e-3)
  }
}
