import Foundation
import Kernels
import Testing

@Suite struct ConvolutionTests {
  static let shapes: [ConvolutionShape] = [
    // 5 → 6 channels, odd image, same padding.
    .init(batch: 2, height: 7, width: 9, channels: 5, filters: 6, kernelHeight: 3, kernelWidth: 3, padding: .init(1)),
    // Stride 2 leaves a row over; asymmetric padding.
    .init(
      batch: 3, height: 8, width: 9, channels: 5, filters: 6, kernelHeight: 3, kernelWidth: 4, strideHeight: 2,
      strideWidth: 3, padding: .init(top: 0, bottom: 1, left: 2, right: 1)),
    // One channel, kernel 4, stride 2.
    .init(
      batch: 2, height: 10, width: 8, channels: 1, filters: 16, kernelHeight: 4, kernelWidth: 4, strideHeight: 2,
      strideWidth: 2, padding: .init(1)),
    // One channel and more products than fit into the cache at once.
    .init(
      batch: 27, height: 28, width: 28, channels: 1, filters: 3, kernelHeight: 4, kernelWidth: 4,
      padding: .init(top: 1, bottom: 2, left: 2, right: 1)),
    // 1 × 1, plain and strided.
    .init(batch: 2, height: 5, width: 3, channels: 7, filters: 4, kernelHeight: 1, kernelWidth: 1),
    .init(
      batch: 2, height: 6, width: 7, channels: 32, filters: 16, kernelHeight: 1, kernelWidth: 1, strideHeight: 2,
      strideWidth: 2),
    // The kernel is the image.
    .init(batch: 4, height: 3, width: 5, channels: 6, filters: 7, kernelHeight: 3, kernelWidth: 5),
    // The kernel covers the width and slides down, without and with padding.
    .init(batch: 3, height: 6, width: 12, channels: 1, filters: 8, kernelHeight: 1, kernelWidth: 12),
    .init(batch: 3, height: 6, width: 4, channels: 3, filters: 8, kernelHeight: 3, kernelWidth: 4, strideHeight: 2),
    // Images one column wide, rows overlapping under the kernel.
    .init(
      batch: 3, height: 8, width: 1, channels: 16, filters: 9, kernelHeight: 4, kernelWidth: 1, strideHeight: 2,
      padding: .init(vertical: 1, horizontal: 0)),
    .init(batch: 2, height: 9, width: 1, channels: 4, filters: 3, kernelHeight: 4, kernelWidth: 1, strideHeight: 2),
    .init(
      batch: 16, height: 1, width: 10, channels: 3, filters: 5, kernelHeight: 1, kernelWidth: 3, strideWidth: 2,
      padding: .init(vertical: 0, horizontal: 1)),
    // A stride wider than the kernel: some of the input is never seen.
    .init(
      batch: 2, height: 9, width: 8, channels: 4, filters: 5, kernelHeight: 2, kernelWidth: 2, strideHeight: 3,
      strideWidth: 3),
    // A single value.
    .init(batch: 1, height: 1, width: 1, channels: 1, filters: 1, kernelHeight: 1, kernelWidth: 1),
  ]

  static func values(_ count: Int, _ name: String) -> [Float] {
    var stream = RandomStream(seed: 7, name: name)
    return (0..<count).map { _ in stream.uniform() * 2 - 1 }
  }

  static func largestError(_ computed: [Float], _ expected: [Float]) -> Float {
    zip(computed, expected).reduce(computed.count == expected.count ? 0 : .infinity) { worst, pair in
      // A NaN must not hide behind a comparison.
      let error = abs(pair.0 - pair.1)
      return error.isNaN ? .infinity : max(worst, error)
    }
  }

  @Test(arguments: shapes, [false, true]) func forwardAgreesWithTheDefinition(shape: ConvolutionShape, hasBias: Bool) {
    let input = Self.values(shape.inputCount, "input")
    let weights = Self.values(shape.weightCount, "weights")
    let bias = hasBias ? Self.values(shape.filters, "bias") : nil
    var output = [Float](repeating: .nan, count: shape.outputCount)
    if let bias {
      Convolution.forward(shape, input: input, weights: weights, bias: bias, output: &output)
    } else {
      Convolution.forward(shape, input: input, weights: weights, output: &output)
    }
    let expected = DirectConvolution(shape: shape).forward(input: input, weights: weights, bias: bias)
    #expect(Self.largestError(output, expected) < 1e-5)
  }

  @Test(arguments: shapes) func aRectifierFollows(shape: ConvolutionShape) {
    let input = Self.values(shape.inputCount, "input")
    let weights = Self.values(shape.weightCount, "weights")
    let bias = Self.values(shape.filters, "bias")
    var output = [Float](repeating: .nan, count: shape.outputCount)
    Convolution.forward(shape, input: input, weights: weights, bias: bias, output: &output, rectified: true)
    let expected = DirectConvolution(shape: shape).forward(input: input, weights: weights, bias: bias)
    #expect(Self.largestError(output, expected.map { max($0, 0) }) < 1e-5)
  }

  @Test(arguments: shapes) func backwardInputAgreesWithTheDefinition(shape: ConvolutionShape) {
    let outputGradient = Self.values(shape.outputCount, "gradient")
    let weights = Self.values(shape.weightCount, "weights")
    var inputGradient = [Float](repeating: .nan, count: shape.inputCount)
    Convolution.backwardInput(
      shape, outputGradient: outputGradient, weights: weights, inputGradient: &inputGradient)
    let expected = DirectConvolution(shape: shape).backwardInput(outputGradient: outputGradient, weights: weights)
    #expect(Self.largestError(inputGradient, expected) < 1e-5)
  }

  @Test(arguments: shapes, [false, true])
  func backwardWeightsAgreesWithTheDefinition(shape: ConvolutionShape, accumulate: Bool) {
    let input = Self.values(shape.inputCount, "input")
    let outputGradient = Self.values(shape.outputCount, "gradient")
    let direct = DirectConvolution(shape: shape)
    // Rounding grows with the root of the number of terms.
    let tolerance = 1e-5 + 6e-6 * Float(shape.outputCount / shape.filters).squareRoot()
    let start: Float = accumulate ? 3 : .nan
    let base: Float = accumulate ? 3 : 0
    var weightGradient = [Float](repeating: start, count: shape.weightCount)
    var biasGradient = [Float](repeating: start, count: shape.filters)
    Convolution.backwardWeights(
      shape, input: input, outputGradient: outputGradient, weightGradient: &weightGradient,
      biasGradient: &biasGradient, accumulate: accumulate)
    let expected = direct.backwardWeights(input: input, outputGradient: outputGradient).map { $0 + base }
    #expect(Self.largestError(weightGradient, expected) < tolerance)
    let expectedBias = direct.backwardBias(outputGradient: outputGradient).map { $0 + base }
    #expect(Self.largestError(biasGradient, expectedBias) < tolerance)

    var withoutBias = [Float](repeating: start, count: shape.weightCount)
    Convolution.backwardWeights(
      shape, input: input, outputGradient: outputGradient, weightGradient: &withoutBias, accumulate: accumulate)
    #expect(Self.largestError(withoutBias, expected) < tolerance)
  }

  /// oneDNN's own gradient of these weights was wrong in most calls by two threads, without AVX-512.
  @Test(arguments: 1...9) func threadsKeepToTheirRowsInStridedPointwiseGradients(channels: Int) {
    let shape = ConvolutionShape(
      batch: 4, height: 6, width: 6, channels: channels, filters: 3, kernelHeight: 1, kernelWidth: 1, strideHeight: 2,
      strideWidth: 2)
    let input = Self.values(shape.inputCount, "input")
    let outputGradient = Self.values(shape.outputCount, "gradient")
    let expected = DirectConvolution(shape: shape).backwardWeights(input: input, outputGradient: outputGradient)
    var worst: Float = 0
    for _ in 0..<100 {
      var gradient = [Float](repeating: .nan, count: shape.weightCount)
      Convolution.backwardWeights(
        shape, input: input, outputGradient: outputGradient, weightGradient: &gradient, accumulate: false)
      worst = max(worst, Self.largestError(gradient, expected))
    }
    #expect(worst < 5e-5)
  }

  @Test func aHandComputedExample() {
    let shape = ConvolutionShape(
      batch: 1, height: 3, width: 3, channels: 1, filters: 1, kernelHeight: 2, kernelWidth: 2)
    var output = [Float](repeating: 0, count: 4)
    Convolution.forward(
      shape, input: [1, 2, 3, 4, 5, 6, 7, 8, 9], weights: [1, 0, 0, -1], bias: [10], output: &output)
    #expect(output == [6, 6, 6, 6])
    #expect(shape.multiplyAdds == 16)
  }

  @Test func twoShapesInTurnKeepTheirOwnResults() {
    let shapes = [Self.shapes[0], Self.shapes[1]]
    for round in 0..<3 {
      for shape in shapes {
        let input = Self.values(shape.inputCount, "input \(round)")
        let weights = Self.values(shape.weightCount, "weights \(round)")
        var output = [Float](repeating: .nan, count: shape.outputCount)
        Convolution.forward(shape, input: input, weights: weights, output: &output)
        let expected = DirectConvolution(shape: shape).forward(input: input, weights: weights, bias: nil)
        #expect(Self.largestError(output, expected) < 1e-5)
      }
    }
  }

  @Test func twoThreadsAtOnceKeepTheirOwnResults() async {
    let errors = await withTaskGroup(of: Float.self) { group in
      for task in 0..<2 {
        group.addTask {
          var worst: Float = 0
          for round in 0..<20 {
            let shape = Self.shapes[round % 3]
            let input = Self.values(shape.inputCount, "input \(task) \(round)")
            let weights = Self.values(shape.weightCount, "weights \(task) \(round)")
            var output = [Float](repeating: .nan, count: shape.outputCount)
            Convolution.forward(shape, input: input, weights: weights, output: &output)
            let expected = DirectConvolution(shape: shape).forward(input: input, weights: weights, bias: nil)
            worst = max(worst, Self.largestError(output, expected))
          }
          return worst
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(errors.count == 2)
    #expect(errors.allSatisfy { $0 < 1e-5 })
  }

  @Test func theLibraryNamesItself() {
    #expect(OneDNN.version.split(separator: ".").count == 3)
    #expect(["AVX-512", "AVX2", "baseline"].contains(OneDNN.instructionSet))
  }

  @Test func aKernelLargerThanTheImageIsAProgrammersError() async {
    await #expect(processExitsWith: .failure) {
      _ = ConvolutionShape(
        batch: 1, height: 2, width: 2, channels: 1, filters: 1, kernelHeight: 3, kernelWidth: 3)
    }
  }
}
